"""`facefolk person`: what is said of one person, and which faces are whose."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer
from rich.table import Table

from facefolk.cli.screen import counted, fields_table
from facefolk.cli.session import Json, Session, session
from facefolk.errors import UsageError
from facefolk.types import Person

_NOBODY_KNOWS = "none"

app = typer.Typer(
    help="Show and change a person; 'facefolk people' and 'facefolk faces' list ids.",
    no_args_is_help=True,
)
PersonId = Annotated[str, typer.Argument(metavar="PERSON_ID", help="The person.")]
FaceIds = Annotated[list[str], typer.Argument(metavar="FACE_ID", help="The faces.")]
Undo = Annotated[bool, typer.Option("--undo", help="Take it back.")]


@app.command()
def show(context: typer.Context, person_id: PersonId, *, as_json: Json = False) -> None:
    """Show a person."""
    with session(context, as_json=as_json) as given:
        _show(given, given.client.get_person(person_id))


@app.command()
def rename(
    context: typer.Context,
    person_id: PersonId,
    name: Annotated[str, typer.Argument(help="The name; '' takes it away.")],
    *,
    as_json: Json = False,
) -> None:
    """Give a person a name."""
    with session(context, as_json=as_json) as given:
        _show(given, given.client.update_person(person_id, name=name))


@app.command()
def birthday(
    context: typer.Context,
    person_id: PersonId,
    day: Annotated[str, typer.Argument(help="YYYY-MM-DD, or 'none' to take it away.")],
    *,
    as_json: Json = False,
) -> None:
    """Say when a person was born."""
    with session(context, as_json=as_json) as given:
        _show(given, given.client.update_person(person_id, birth_date=_day(day)))


@app.command()
def hide(
    context: typer.Context, person_id: PersonId, *, undo: Undo = False, as_json: Json = False
) -> None:
    """Keep a person out of all lists."""
    with session(context, as_json=as_json) as given:
        _show(given, given.client.update_person(person_id, hidden=not undo))


@app.command()
def favorite(
    context: typer.Context, person_id: PersonId, *, undo: Undo = False, as_json: Json = False
) -> None:
    """Make a person a favorite."""
    with session(context, as_json=as_json) as given:
        _show(given, given.client.update_person(person_id, favorite=not undo))


@app.command()
def assign(
    context: typer.Context,
    face_ids: FaceIds,
    *,
    to: Annotated[
        str, typer.Option(metavar="PERSON_ID", help="Somebody known.", show_default=False)
    ] = "",
    new: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Somebody new, with this name.", show_default=False),
    ] = None,
    as_json: Json = False,
) -> None:
    """Assign faces by hand, to somebody known or new; no round ever moves them."""
    with session(context, as_json=as_json) as given:
        if bool(to) == (new is not None):
            raise UsageError("Give a person by --to, or the name of a new one by --new.")
        done = given.client.assign_faces(
            face_ids,
            person_id=to,
            new_person=None if new is None else Person(name=new),
        )
        given.screen.show(done, lambda: _fields(done.person))
        given.screen.note(counted(done.faces_changed, "face", "faces") + " changed.")


@app.command()
def unassign(context: typer.Context, face_ids: FaceIds, *, as_json: Json = False) -> None:
    """Take faces from their people."""
    with session(context, as_json=as_json) as given:
        changed = given.client.unassign_faces(face_ids)
        given.screen.show(
            {"faces_changed": changed}, lambda: counted(changed, "face", "faces") + " changed."
        )


def _show(given: Session, person: Person) -> None:
    given.screen.show(person, lambda: _fields(person))


def _fields(person: Person) -> Table:
    return fields_table(
        (
            ("person", person.person_id),
            ("name", person.name),
            ("birthday", person.birth_date),
            ("faces", person.face_count),
            ("assets", person.asset_count),
            ("favorite", person.favorite),
            ("hidden", person.hidden),
            ("feature face", person.feature_face_id),
        )
    )


def _day(text: str) -> date | None:
    if text == _NOBODY_KNOWS:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is not a day; give YYYY-MM-DD, or 'none'.") from error
