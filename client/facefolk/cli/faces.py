"""`facefolk faces`: listing faces, and why they are where they are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer
from rich.table import Table

from facefolk.cli.explaining import explanation
from facefolk.cli.face_words import corners, moment, why
from facefolk.cli.lists import Limit, first_of_many, taken
from facefolk.cli.references import Names, find_faces, find_person
from facefolk.cli.screen import shown, table
from facefolk.cli.session import Json, session
from facefolk.types import Face

app = typer.Typer(help="List faces and explain them; lists where nothing else is said.")


@app.callback(invoke_without_command=True)
def faces(
    context: typer.Context,
    *,
    asset: Annotated[str, typer.Option(help="Of this asset.", show_default=False)] = "",
    person: Annotated[
        str, typer.Option(metavar="PERSON", help="Of this person.", show_default=False)
    ] = "",
    unassigned: Annotated[
        bool, typer.Option("--unassigned", help="Those without a person.")
    ] = False,
    hidden: Annotated[bool, typer.Option("--hidden", help="Of hidden people too.")] = False,
    embeddings: Annotated[
        bool, typer.Option("--embeddings", help="With their embeddings; in JSON alone.")
    ] = False,
    limit: Limit = 100,
    as_json: Json = False,
) -> None:
    """List faces: all of them, or those of an asset or a person, or those without one."""
    if context.invoked_subcommand is not None:
        return
    with session(context, as_json=as_json) as given:
        listed = given.client.list_faces(
            asset_id=asset,
            person_id=find_person(given.client, person).person_id if person else "",
            unassigned=unassigned,
            include_embedding=embeddings and as_json,
            include_hidden=hidden,
        )
        found, total = taken(listed, limit)
        given.screen.show(found, lambda: _faces_table(found))
        if more := first_of_many(len(found), total, "faces"):
            given.screen.note(more)


@app.command()
def explain(
    context: typer.Context,
    face: Annotated[str, typer.Argument(metavar="FACE", help="Its id, or how it begins.")],
    *,
    neighbors: Annotated[
        int, typer.Option(min=1, max=1000, help="How many neighbors to list.")
    ] = 10,
    hidden: Annotated[bool, typer.Option("--hidden", help="Hidden people too.")] = False,
    as_json: Json = False,
) -> None:
    """Tell why a face is where it is."""
    with session(context, as_json=as_json) as given:
        (face_id,) = find_faces(given.client, [face])
        told = given.client.explain_face(
            face_id, max_neighbors=neighbors, include_hidden=hidden
        )
        given.screen.show(told, lambda: explanation(told, Names(given.client)))


def _faces_table(found: Iterable[Face]) -> Table:
    drawn = table("face", "asset", "at", "person", "why", ">score", ">quality", "box")
    for face in found:
        drawn.add_row(
            face.face_id,
            shown(face.asset_id),
            moment(face.frame_offset),
            shown(face.person_id),
            why(face),
            f"{face.score:.2f}",
            f"{face.quality:.2f}",
            corners(face.box),
        )
    return drawn
