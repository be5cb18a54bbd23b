"""`facefolk history`: what was done to the people of the library, and by whom."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Annotated

import typer

from facefolk.cli.events import event_sentence, events_table
from facefolk.cli.lists import Limit
from facefolk.cli.references import Names, find_person
from facefolk.cli.session import Json, Session, session
from facefolk.cli.values import plain
from facefolk.types import Event

Follow = Annotated[
    bool,
    typer.Option("--follow", "-f", help="Go on with what happens; as JSON, one event a line."),
]


def history(
    context: typer.Context,
    *,
    person: Annotated[
        str,
        typer.Option(metavar="PERSON", help="What touched this person.", show_default=False),
    ] = "",
    follow: Follow = False,
    after: Annotated[
        int | None,
        typer.Option(
            min=0, metavar="EVENT", help="What happened after this one.", show_default=False
        ),
    ] = None,
    limit: Limit = 20,
    as_json: Json = False,
) -> None:
    """List what was done, the newest first, or follow it."""
    with session(context, as_json=as_json) as given:
        person_id = find_person(given.client, person).person_id if person else ""
        tell_history(given, person_id=person_id, follow=follow, after=after, limit=limit)


def tell_history(
    given: Session, *, person_id: str, follow: bool, after: int | None, limit: int
) -> None:
    """Print events, those of a person where it is given, and go on with `follow`."""
    if follow:
        _follow(given, person_id, after, limit)
        return
    listed: Iterable[Event] = given.client.list_events(person_id=person_id)
    if after is not None:
        seen = after
        listed = itertools.takewhile(lambda event: event.event_id > seen, listed)
    found = tuple(itertools.islice(listed, limit or None))
    given.screen.show(found, lambda: events_table(found, Names(given.client)))


def _follow(given: Session, person_id: str, after: int | None, limit: int) -> None:
    """Print the last events, the oldest first, or those after one, and go on with new ones."""
    names = Names(given.client)

    def tell(event: Event) -> None:
        if person_id and person_id not in event.person_ids:
            return
        if given.screen.as_json:
            given.screen.write_json_line(event)
        else:
            typer.echo(plain(event_sentence(event, names)))

    if after is None:
        newest = next(iter(given.client.list_events(page_size=1)), None)
        after = newest.event_id if newest else 0
        last = given.client.list_events(person_id=person_id)
        for event in reversed(list(itertools.islice(last, limit or None))):
            if event.event_id <= after:
                tell(event)
    for event in given.client.watch_events(after_event_id=after):
        tell(event)
