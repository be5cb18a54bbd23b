"""`facefolk settings`: what recognition goes by, kept in the library."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from rich.table import Table

from facefolk.cli.screen import fields_table, shown
from facefolk.cli.session import Json, session
from facefolk.types import Settings

if TYPE_CHECKING:
    from facefolk import Unchanged

T = TypeVar("T")

app = typer.Typer(help="Show and change what recognition goes by; 'show' where nothing else.")


@app.callback(invoke_without_command=True)
def default(context: typer.Context, *, as_json: Json = False) -> None:
    """Show the settings where no command is given."""
    if context.invoked_subcommand is None:
        show(context, as_json=as_json)


@app.command()
def show(context: typer.Context, *, as_json: Json = False) -> None:
    """Show the settings."""
    with session(context, as_json=as_json) as given:
        found = given.client.get_settings()
        given.screen.show(found, lambda: _fields(found))


@app.command("set")
def set_(
    context: typer.Context,
    *,
    pack: Annotated[
        str | None, typer.Option(help="The pack; see 'facefolk models list'.")
    ] = None,
    min_detection_score: Annotated[
        float | None, typer.Option(min=0, max=1, help="0 for the pack's own.")
    ] = None,
    max_recognition_distance: Annotated[
        float | None, typer.Option(min=0, max=2, help="0 for the pack's own.")
    ] = None,
    min_recognized_faces: Annotated[
        int | None, typer.Option(min=1, help="How many faces make a person.")
    ] = None,
    one_face_per_asset: Annotated[
        bool | None, typer.Option(help="Whether nobody is twice in one picture.")
    ] = None,
    chain_guard: Annotated[
        bool | None, typer.Option(help="Whether single bridging faces join no people.")
    ] = None,
    nightly_time: Annotated[
        str | None, typer.Option(help="HH:MM of the nightly round, '' for none.")
    ] = None,
    time_zone: Annotated[str | None, typer.Option(help="Such as Europe/Berlin.")] = None,
    quality_gate: Annotated[
        bool | None, typer.Option(help="Whether poor faces found no person.")
    ] = None,
    find_close_faces: Annotated[
        bool | None, typer.Option(help="Whether to look for faces that fill the picture.")
    ] = None,
    find_turned_faces: Annotated[
        bool | None, typer.Option(help="Whether to look at pictures from all sides.")
    ] = None,
    find_tiny_faces: Annotated[
        bool | None, typer.Option(help="Whether to look at large pictures in tiles.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Change settings; advice is told where they look unwise."""
    with session(context, as_json=as_json) as given:
        update = given.client.update_settings(
            pack=_given(pack),
            min_detection_score=_given(min_detection_score),
            max_recognition_distance=_given(max_recognition_distance),
            min_recognized_faces=_given(min_recognized_faces),
            one_face_per_asset=_given(one_face_per_asset),
            chain_guard=_given(chain_guard),
            nightly_time=_given(nightly_time),
            time_zone=_given(time_zone),
            quality_gate=_given(quality_gate),
            find_close_faces=_given(find_close_faces),
            find_turned_faces=_given(find_turned_faces),
            find_tiny_faces=_given(find_tiny_faces),
        )
        given.screen.show(update, lambda: _fields(update.settings))
        if not as_json:
            for advice in update.advice:
                given.screen.note(f"advice: {advice}", style="yellow")


def _given(value: T | None) -> T | Unchanged:
    from facefolk import UNCHANGED  # with it comes gRPC

    return UNCHANGED if value is None else value


def _fields(found: Settings) -> Table:
    of_the_pack = {"min_detection_score", "max_recognition_distance"}
    rows = []
    for field in dataclasses.fields(found):
        value = getattr(found, field.name)
        text = "the pack's own" if field.name in of_the_pack and not value else shown(value)
        rows.append((field.name, text))
    return fields_table(rows)
