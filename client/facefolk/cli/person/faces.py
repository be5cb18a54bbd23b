"""Which faces are whose, said by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table

from facefolk.cli.person.record import day_of, person_fields, show_person
from facefolk.cli.references import FaceWords, find_faces, find_person
from facefolk.cli.screen import counted, shown, table
from facefolk.cli.session import Json, session
from facefolk.errors import UsageError
from facefolk.types import Mark, MarkKind, Person


def create(
    context: typer.Context,
    faces: FaceWords,
    *,
    name: Annotated[str, typer.Option(help="The name.", show_default=False)] = "",
    birthday: Annotated[
        str, typer.Option(metavar="YYYY-MM-DD", help="The day of birth.", show_default=False)
    ] = "none",
    as_json: Json = False,
) -> None:
    """Create a person from faces, which are assigned by hand."""
    with session(context, as_json=as_json) as given:
        person = Person(name=name, birth_date=day_of(birthday))
        face_ids = find_faces(given.client, faces)
        show_person(given, given.client.create_person(face_ids, person))


def assign(
    context: typer.Context,
    faces: FaceWords,
    *,
    to: Annotated[
        str, typer.Option(metavar="PERSON", help="Somebody known.", show_default=False)
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
        face_ids = find_faces(given.client, faces)
        done = given.client.assign_faces(
            face_ids,
            person_id=find_person(given.client, to).person_id if to else "",
            new_person=None if new is None else Person(name=new),
        )
        given.screen.show(done, lambda: person_fields(done.person))
        given.screen.note(counted(done.faces_changed, "face", "faces") + " changed.")


def unassign(context: typer.Context, faces: FaceWords, *, as_json: Json = False) -> None:
    """Take faces from their people."""
    with session(context, as_json=as_json) as given:
        changed = given.client.unassign_faces(find_faces(given.client, faces))
        given.screen.show(
            {"faces_changed": changed}, lambda: counted(changed, "face", "faces") + " changed."
        )


def mark(
    context: typer.Context,
    faces: FaceWords,
    *,
    not_person: Annotated[
        str,
        typer.Option("--not", metavar="PERSON", help="They are not this.", show_default=False),
    ] = "",
    not_a_face: Annotated[
        bool, typer.Option("--not-a-face", help="They are no faces; they count nowhere.")
    ] = False,
    stranger: Annotated[
        bool, typer.Option("--stranger", help="Nobody knows them; no round assigns them.")
    ] = False,
    clear: Annotated[
        bool, typer.Option("--clear", help="Take marks back; with --not that one alone.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Say of faces who or what they are not; rounds obey."""
    with session(context, as_json=as_json) as given:
        kinds = [
            kind
            for kind, wanted in (
                (MarkKind.NOT_THIS_PERSON, bool(not_person) and not clear),
                (MarkKind.NOT_A_FACE, not_a_face),
                (MarkKind.STRANGER, stranger),
                (MarkKind.NONE, clear),
            )
            if wanted
        ]
        if len(kinds) != 1 or (not_person and kinds[0] in _ALONE):
            raise UsageError(
                "Say one thing: --not PERSON, --not-a-face, --stranger, or --clear, which may "
                "go with --not."
            )
        person_id = find_person(given.client, not_person).person_id if not_person else ""
        face_ids = find_faces(given.client, faces)
        done = given.client.mark_faces(face_ids, kinds[0], person_id=person_id)
        given.screen.show(done, lambda: marks_table(done.marks))
        if not as_json:
            for contradiction in done.contradictions:
                given.screen.note(contradiction, style="yellow")


_ALONE = (MarkKind.NOT_A_FACE, MarkKind.STRANGER)


def marks_table(marks: Sequence[Mark]) -> Table | str:
    """Return a table of marks, or the sentence that there are none."""
    if not marks:
        return "There are no marks on these faces."
    drawn = table("face", "mark", "person")
    for one in marks:
        drawn.add_row(
            one.face_id, one.kind.name.lower().replace("_", " "), shown(one.person_id)
        )
    return drawn
