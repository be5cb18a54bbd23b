"""The record of a person: name, birthday, hidden, favorite, feature face."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer
from rich.table import Table

from facefolk.cli.references import PersonWord, find_faces, find_person
from facefolk.cli.screen import fields_table
from facefolk.cli.session import Json, Session, session
from facefolk.errors import UsageError
from facefolk.types import Person

_NOBODY_KNOWS = "none"

Undo = Annotated[bool, typer.Option("--undo", help="Take it back.")]


def show(context: typer.Context, person: PersonWord, *, as_json: Json = False) -> None:
    """Show a person."""
    with session(context, as_json=as_json) as given:
        show_person(given, find_person(given.client, person))


def rename(
    context: typer.Context,
    person: PersonWord,
    name: Annotated[str, typer.Argument(help="The name; '' takes it away.")],
    *,
    as_json: Json = False,
) -> None:
    """Give a person a name."""
    with session(context, as_json=as_json) as given:
        found = find_person(given.client, person)
        show_person(given, given.client.update_person(found.person_id, name=name))


def birthday(
    context: typer.Context,
    person: PersonWord,
    day: Annotated[str, typer.Argument(help="YYYY-MM-DD, or 'none' to take it away.")],
    *,
    as_json: Json = False,
) -> None:
    """Say when a person was born."""
    with session(context, as_json=as_json) as given:
        born = day_of(day)
        found = find_person(given.client, person)
        show_person(given, given.client.update_person(found.person_id, birth_date=born))


def hide(
    context: typer.Context, person: PersonWord, *, undo: Undo = False, as_json: Json = False
) -> None:
    """Keep a person out of all lists."""
    with session(context, as_json=as_json) as given:
        found = find_person(given.client, person)
        show_person(given, given.client.update_person(found.person_id, hidden=not undo))


def unhide(context: typer.Context, person: PersonWord, *, as_json: Json = False) -> None:
    """Let a person be in lists again."""
    hide(context, person, undo=True, as_json=as_json)


def favorite(
    context: typer.Context, person: PersonWord, *, undo: Undo = False, as_json: Json = False
) -> None:
    """Make a person a favorite, who comes first in lists."""
    with session(context, as_json=as_json) as given:
        found = find_person(given.client, person)
        show_person(given, given.client.update_person(found.person_id, favorite=not undo))


def feature(
    context: typer.Context,
    person: PersonWord,
    face: Annotated[
        str, typer.Argument(metavar="FACE", help="One of the person's; '' for the best one.")
    ],
    *,
    as_json: Json = False,
) -> None:
    """Choose the face that stands for a person in pictures."""
    with session(context, as_json=as_json) as given:
        found = find_person(given.client, person)
        (face_id,) = find_faces(given.client, [face]) if face else ("",)
        show_person(given, given.client.update_person(found.person_id, feature_face_id=face_id))


def show_person(given: Session, person: Person) -> None:
    """Print a person."""
    given.screen.show(person, lambda: person_fields(person))


def person_fields(person: Person) -> Table:
    """Return a table of what is known of a person."""
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


def day_of(text: str) -> date | None:
    """Return the day that a text says, None for 'none'."""
    if text == _NOBODY_KNOWS:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is not a day; give YYYY-MM-DD, or 'none'.") from error
