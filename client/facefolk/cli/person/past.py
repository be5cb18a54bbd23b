"""The history of a person, and taking changes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from facefolk.cli.asking import Yes, make_sure
from facefolk.cli.events import event_sentence, events_table
from facefolk.cli.history import Follow, tell_history
from facefolk.cli.lists import Limit
from facefolk.cli.references import Names, PersonWord, find_person
from facefolk.cli.session import Json, session
from facefolk.errors import NotFoundError
from facefolk.types import Event

if TYPE_CHECKING:
    from facefolk import Client


def history(
    context: typer.Context,
    person: PersonWord,
    *,
    follow: Follow = False,
    limit: Limit = 20,
    as_json: Json = False,
) -> None:
    """List what was done to a person, the newest first."""
    with session(context, as_json=as_json) as given:
        person_id = find_person(given.client, person).person_id
        tell_history(given, person_id=person_id, follow=follow, after=None, limit=limit)


def undo(
    context: typer.Context,
    event: Annotated[
        int,
        typer.Argument(
            metavar="[EVENT]", help="Its number in the history; else the last change.", min=0
        ),
    ] = 0,
    *,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Take back a change: one of the history, or the last one that can be."""
    with session(context, as_json=as_json) as given:
        names = Names(given.client)
        event_id = event
        if not event_id:
            last = last_change(given.client)
            make_sure(f"The last change: {event_sentence(last, names)}", yes=yes)
            event_id = last.event_id
        done = given.client.undo_event(event_id)
        given.screen.show(done, lambda: events_table([done], names))


def last_change(client: Client) -> Event:
    """Return the newest event that can be undone and is no undoing itself."""
    undone = set()
    for event in client.list_events():
        if event.undone_event_id:
            undone.add(event.undone_event_id)
        elif event.undoable and event.event_id not in undone:
            return event
    raise NotFoundError("There is no change that can be taken back.", reason="EVENT_NOT_FOUND")
