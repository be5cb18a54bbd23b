"""`facefolk assets`: what was submitted, and erasing it."""

from __future__ import annotations

import enum
import itertools
from collections.abc import Iterable
from typing import Annotated, Final

import typer
from rich.table import Table

from facefolk.cli.asking import Yes, make_sure
from facefolk.cli.erasures import Wait, follow_erasure
from facefolk.cli.face_words import moment
from facefolk.cli.lists import Limit
from facefolk.cli.screen import counted, shown, table
from facefolk.cli.session import Json, session
from facefolk.cli.values import json_value
from facefolk.types import Asset, AssetFilter

_SHOWN: Final = 3

app = typer.Typer(help="List photos and videos, show one, erase some; else list.")


class Which(enum.StrEnum):
    """Which assets to list."""

    ALL = "all"
    STALE = "stale"
    FAILED = "failed"


@app.callback(invoke_without_command=True)
def list_(
    context: typer.Context,
    *,
    which: Annotated[
        Which,
        typer.Option(help="stale: made with other settings than those of now; failed: unread."),
    ] = Which.ALL,
    limit: Limit = 100,
    as_json: Json = False,
) -> None:
    """List the photos and videos that the server knows."""
    if context.invoked_subcommand is not None:
        return
    with session(context, as_json=as_json) as given:
        listed = given.client.list_assets(which=AssetFilter[which.name])
        found = tuple(itertools.islice(listed, limit or None))
        given.screen.show(found, lambda: _assets_table(found))


@app.command()
def show(
    context: typer.Context,
    asset: Annotated[str, typer.Argument(metavar="ASSET", help="Its id.")],
    *,
    as_json: Json = False,
) -> None:
    """Show the frames of a photo or video."""
    with session(context, as_json=as_json) as given:
        found = given.client.get_asset(asset)
        given.screen.show(found, lambda: _frames_table(found))


@app.command()
def delete(
    context: typer.Context,
    assets: Annotated[list[str], typer.Argument(metavar="ASSET...", help="Ids of assets.")],
    *,
    wait: Wait = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Erase photos and videos with their faces for good; files of yours are not touched."""
    with session(context, as_json=as_json) as given:
        named = ", ".join(assets[:_SHOWN]) + (" and more" if len(assets) > _SHOWN else "")
        make_sure(
            f"{counted(len(assets), 'asset', 'assets')} ({named}) and all faces in them are "
            "erased for good; no undo brings them back.",
            yes=yes,
        )
        done = given.client.delete_assets(assets)
        faces = counted(done.faces_deleted, "face", "faces")
        given.screen.note(f"{faces} are in no list any more.")
        follow_erasure(given, done.erasure_id, value=json_value(done), wait=wait)


def _assets_table(found: Iterable[Asset]) -> Table:
    drawn = table("asset", ">frames", ">faces", "taken", "state")
    for asset in found:
        states = {frame.state.name.lower() for frame in asset.frames}
        states |= {"stale"} if any(frame.stale for frame in asset.frames) else set()
        drawn.add_row(
            shown(asset.asset_id),
            str(len(asset.frames)),
            str(asset.face_count),
            asset.capture_time.strftime("%Y-%m-%d %H:%M") if asset.capture_time else "",
            ", ".join(sorted(states)),
        )
    return drawn


def _frames_table(asset: Asset) -> Table:
    drawn = table("at", "state", ">width", ">height", ">faces", "pack", "stale", "why")
    for frame in asset.frames:
        drawn.add_row(
            moment(frame.frame_offset) or "-",
            frame.state.name.lower(),
            str(frame.width),
            str(frame.height),
            str(frame.face_count),
            shown(frame.pack),
            shown(frame.stale),
            shown(frame.error) if frame.error else "",
        )
    return drawn
