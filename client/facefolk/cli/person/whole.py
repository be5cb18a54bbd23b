"""Merging people, and deleting and erasing them."""

from __future__ import annotations

from typing import Annotated

import typer

from facefolk.cli.asking import Yes, make_sure
from facefolk.cli.erasures import Wait, follow_erasure
from facefolk.cli.person.record import person_fields
from facefolk.cli.references import PersonWord, find_person, short
from facefolk.cli.screen import counted
from facefolk.cli.session import Json, session
from facefolk.cli.values import json_value
from facefolk.errors import UsageError


def merge(
    context: typer.Context,
    target: Annotated[
        str,
        typer.Argument(metavar="PERSON", help="Who stays: a name or an id."),
    ],
    sources: Annotated[
        list[str], typer.Argument(metavar="OTHER...", help="Who goes, likewise.")
    ],
    *,
    as_json: Json = False,
) -> None:
    """Tell that several people are one; the faces of all go to the first."""
    with session(context, as_json=as_json) as given:
        stays = find_person(given.client, target)
        go = [find_person(given.client, source).person_id for source in sources]
        if stays.person_id in go:
            raise UsageError("Somebody is named twice; nobody can be merged into themselves.")
        done = given.client.merge_people(stays.person_id, list(dict.fromkeys(go)))
        given.screen.show(done, lambda: person_fields(done.person))
        if not as_json:
            for conflict in done.conflicts:
                given.screen.note(conflict, style="yellow")


def delete(
    context: typer.Context,
    person: PersonWord,
    *,
    erase: Annotated[
        bool,
        typer.Option("--erase", help="Its faces and their pictures too, for good."),
    ] = False,
    wait: Wait = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Delete a person; its faces wait for the next round, or are erased for good."""
    with session(context, as_json=as_json) as given:
        if wait and not erase:
            raise UsageError("--wait goes with --erase; nothing else takes its time.")
        found = find_person(given.client, person)
        name, faces = found.name or short(found.person_id), found.face_count
        if erase:
            make_sure(
                f"{name} and {counted(faces, 'face', 'faces')} are erased for good; "
                "no undo brings them back.",
                yes=yes,
            )
        done = given.client.delete_person(found.person_id, erase=erase, etag=found.etag)
        changed = counted(done.faces_changed, "face has", "faces have")
        if not erase:
            given.screen.show(done, lambda: f"{name} is deleted; {changed} nobody now.")
            return
        given.screen.note(f"{name} is gone.")
        follow_erasure(given, done.erasure_id, value=json_value(done), wait=wait)
