"""`facefolk models`: the packs of the server."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer
from rich.filesize import decimal
from rich.table import Table

from facefolk.cli.bars import pull_bars
from facefolk.cli.screen import shown, table
from facefolk.cli.session import Json, session
from facefolk.types import Pack

app = typer.Typer(help="List and fetch the packs of the server.", no_args_is_help=True)


@app.command("list")
def list_(context: typer.Context, *, as_json: Json = False) -> None:
    """List the packs that the server knows."""
    with session(context, as_json=as_json) as given:
        found = tuple(given.client.list_packs())
        given.screen.show(found, lambda: _table(found))


@app.command()
def pull(
    context: typer.Context,
    pack: Annotated[str, typer.Argument(help="A pack; auto takes open, else dlib.")] = "auto",
    *,
    as_json: Json = False,
) -> None:
    """Have the server fetch the files of a pack."""
    with session(context, as_json=as_json) as given:
        pulled: Pack | None = None
        with pull_bars(given.screen) as progress:
            for step in given.client.pull_pack(pack):
                progress(step)
                pulled = step.pack or pulled
        name = pulled.name if pulled else pack
        given.screen.show(pulled, lambda: f"Pack {name} is ready.")


def _table(found: Iterable[Pack]) -> Table:
    drawn = table("pack", "state", ">to fetch", ">distance", "license")
    for pack in found:
        state = "in use" if pack.active else "here" if pack.installed else "absent"
        to_fetch = 0 if pack.installed else pack.download_bytes
        drawn.add_row(
            pack.name,
            state,
            decimal(to_fetch) if to_fetch else "",
            f"{pack.recommended_distance:g}",
            shown(pack.license) + (", non-commercial" if pack.non_commercial else ""),
        )
    return drawn
