"""`facefolk faces`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated

import typer
from rich.table import Table

from facefolk.cli.lists import first_of_many, taken
from facefolk.cli.rounds import Limit
from facefolk.cli.screen import shown, table
from facefolk.cli.session import Json, session
from facefolk.types import BoundingBox, Face, UnassignedReason


def faces(
    context: typer.Context,
    *,
    asset: Annotated[str, typer.Option(help="Of this asset.", show_default=False)] = "",
    person: Annotated[
        str, typer.Option(metavar="PERSON_ID", help="Of this person.", show_default=False)
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
    with session(context, as_json=as_json) as given:
        listed = given.client.list_faces(
            asset_id=asset,
            person_id=person,
            unassigned=unassigned,
            include_embedding=embeddings and as_json,
            include_hidden=hidden,
        )
        found, total = taken(listed, limit)
        given.screen.show(found, lambda: _faces_table(found))
        if more := first_of_many(len(found), total, "faces"):
            given.screen.note(more)


def _faces_table(found: Iterable[Face]) -> Table:
    drawn = table("face", "asset", "at", "person", "why", ">score", ">quality", "box")
    for face in found:
        drawn.add_row(
            face.face_id,
            shown(face.asset_id),
            moment(face.frame_offset),
            shown(face.person_id),
            _why(face),
            f"{face.score:.2f}",
            f"{face.quality:.2f}",
            corners(face.box),
        )
    return drawn


def moment(offset: timedelta) -> str:
    """Return the moment of a film, nothing for a photo."""
    return f"{offset.total_seconds():.2f} s" if offset else ""


def corners(box: BoundingBox) -> str:
    """Return a box in whole pixels."""
    return f"{box.x_min:.0f},{box.y_min:.0f} {box.x_max:.0f},{box.y_max:.0f}"


def _why(face: Face) -> str:
    if face.person_id:
        return face.assignment.name.lower()
    if face.unassigned_reason is UnassignedReason.UNSPECIFIED:
        return ""
    return face.unassigned_reason.name.lower().replace("_", " ")
