"""Events of the history, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from rich.table import Table

from facefolk.cli.references import Names
from facefolk.cli.screen import clock_time, counted, shown, table
from facefolk.types import Event, Person, PersonChange

_FIELDS: Final = ("name", "birth_date", "hidden", "favorite", "feature_face_id")
_PEOPLE: Final = 3


def events_table(events: Iterable[Event], names: Names) -> Table:
    """Return a table of events."""
    drawn = table(">event", "when", "by", "what", ">faces", "")
    for event in events:
        drawn.add_row(
            str(event.event_id),
            clock_time(event.time),
            shown(event.actor),
            shown(_what(event, names)),
            f"{event.faces_changed:,}" if event.faces_changed else "",
            "can be undone" if event.undoable else "",
        )
    return drawn


def event_sentence(event: Event, names: Names) -> str:
    """Return an event as one line."""
    faces = f", {counted(event.faces_changed, 'face', 'faces')}" if event.faces_changed else ""
    actor = f" by {event.actor}" if event.actor else ""
    return f"{event.event_id}  {clock_time(event.time)}{actor}: {_what(event, names)}{faces}."


def _what(event: Event, names: Names) -> str:
    kind = event.kind.replace("_", " ")
    if event.undone_event_id:
        kind = f"event {event.undone_event_id} undone"
    said = list(_changes(event, names))
    marks = len(event.marks_added) + len(event.marks_removed)
    said += [counted(marks, "mark", "marks")] if marks else []
    return f"{kind}: {', '.join(said)}" if said else kind


def _changes(event: Event, names: Names) -> Iterator[str]:
    told = set()
    for change in event.person_changes[:_PEOPLE]:
        person = change.after or change.before
        if person is not None:
            told.add(person.person_id)
            yield _changed(change, person, names)
    others = [one for one in event.person_ids if one not in told]
    yield from (names.of(one) for one in others[: max(0, _PEOPLE - len(told))])
    rest = len(told | set(event.person_ids)) - _PEOPLE
    if rest > 0:
        yield f"{rest} more"


def _changed(change: PersonChange, person: Person, names: Names) -> str:
    who = person.name or names.of(person.person_id)
    if change.before is None:
        return f"{who} created"
    if change.after is None:
        return f"{who} gone"
    differences = [
        f"{field.removesuffix('_id').replace('_', ' ')} "
        f"{shown(getattr(change.before, field))} -> {shown(getattr(change.after, field))}"
        for field in _FIELDS
        if getattr(change.before, field) != getattr(change.after, field)
    ]
    return f"{who} ({', '.join(differences)})" if differences else who
