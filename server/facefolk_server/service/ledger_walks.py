"""Walks along the ledger: backwards for lists, forwards for what came after an event."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from facefolk_server.errors import EventNotFoundError, UndoError
from facefolk_server.service.reading import Reading
from facefolk_server.service.undoing import (
    UNDOABLE,
    Thing,
    diminished,
    obstacles,
    told_apart,
    touched,
    undone_event,
)
from facefolk_server.service.views import EventView
from facefolk_server.store import Library
from facefolk_server.store.answers import POSTPONED
from facefolk_server.types import Event, EventKind

# Leases, ends of rounds that changed nothing and questions put off are no history.
_BOOKKEEPING = frozenset({EventKind.ROUND_STARTED, EventKind.ROUND_ENDED})
_READ_AT_ONCE = 256
_MAX_LOOKED_AT = 10_000
_MAX_NAMED = 20


@dataclass(frozen=True, slots=True)
class Step:
    """A later event: which one it undid (0 for none), and the part of it that is asked for."""

    sequence: int
    kind: EventKind
    undone: int
    part: frozenset[Thing]


def is_history(event: Event) -> bool:
    """Tell whether an event is shown."""
    return event.kind not in _BOOKKEEPING and POSTPONED not in event.detail


def event_of(library: Library, event_id: int) -> Event:
    """Return an event.

    Raises:
        EventNotFoundError: There is none of this number.
    """
    found = library.events(event_id - 1, 1) if event_id > 0 else []
    if not found:
        raise EventNotFoundError(
            f"No event has the number {event_id} in this library.", event_id=event_id
        )
    return found[0]


def view_of(library: Library, event: Event) -> EventView:
    """Return an event with whether it can be undone as things stand."""
    if event.kind not in UNDOABLE:
        return EventView(event, undoable=False)
    with library.read() as state:
        blocked = next(iter(obstacles(Reading(library, state), event)), None) is not None
        is_undoable = not blocked and any(True for _ in touched(event))
    return EventView(event, is_undoable)


def newest_first(
    library: Library, newest: int, size: int, *, person_id: str = ""
) -> tuple[list[Event], int]:
    """Return up to `size` events from the newest down, and the number of the last seen."""
    chosen: list[Event] = []
    oldest = newest + 1
    # An event may be about a million faces: no more are read than a page is likely to need.
    at_once = _READ_AT_ONCE if person_id else min(size, _READ_AT_ONCE)
    while oldest > 1 and newest - oldest < _MAX_LOOKED_AT:
        first = max(0, oldest - 1 - at_once)
        at_once = min(2 * at_once, _READ_AT_ONCE)
        for event in reversed(library.events(first, oldest - 1 - first)):
            if is_history(event) and (not person_id or person_id in people_of(event)):
                chosen.append(event)
                if len(chosen) == size:
                    return chosen, event.sequence
        oldest = first + 1
    return chosen, oldest


def people_of(event: Event) -> set[str]:
    """Return the people an event touched."""
    changes = event.changes
    places = (place for c in changes.placements for place in (c.before, c.after))
    found = {place.person_id for place in places}
    found |= {change.person_id for change in changes.people}
    found |= {change.mark.person_id for change in changes.marks}
    found |= {person_id for pair, _ in told_apart(event) for person_id in pair}
    return {person_id for person_id in found if person_id}


def diminished_since(library: Library, event: Event) -> frozenset[str]:
    """Return the people to whom later events did something, but for giving them faces."""
    steps = _standing(library, event, diminished)
    return frozenset(str(person_id) for step in steps for _, person_id in step.part)


def refusal(library: Library, event: Event, things: frozenset[Thing]) -> UndoError:
    """Return the error that names the later events because of which `things` are not."""

    def concerned(later: Event) -> Iterator[Thing]:
        return (thing for thing in touched(later) if thing in things)

    steps = [step for step in _standing(library, event, concerned) if step.part]
    told = f"Event {event.sequence} cannot be undone: "
    undoing = [step.sequence for step in steps if step.undone == event.sequence]
    if undoing:
        return UndoError(
            f"{told}event {undoing[-1]} did that already. Undo that one to have its changes "
            "again.",
            event_id=event.sequence,
            event_ids=undoing[-1],
        )
    if not steps:
        return UndoError(
            f"{told}faces that it was about are not there any more.", event_id=event.sequence
        )
    named = ", ".join(f"{step.sequence} ({step.kind})" for step in steps[:_MAX_NAMED])
    more = f" and {len(steps) - _MAX_NAMED} more" if len(steps) > _MAX_NAMED else ""
    return UndoError(
        f"{told}later events are in the way: {named}{more}. Undo them first, the newest first.",
        event_id=event.sequence,
        event_ids=",".join(str(step.sequence) for step in steps[:_MAX_NAMED]),
    )


def _standing(
    library: Library, event: Event, part: Callable[[Event], Iterable[Thing]]
) -> list[Step]:
    """Return the later events in effect: not undone, nor the undoing of another of them."""
    steps = [
        Step(later.sequence, later.kind, undone_event(later), frozenset(part(later)))
        for later in _later(library, event)
    ]
    kept = []
    cancelled: set[int] = set()
    for step in reversed(steps):
        if step.sequence in cancelled:
            continue
        if step.undone > event.sequence:
            cancelled.add(step.undone)
        else:
            kept.append(step)
    return kept[::-1]


def _later(library: Library, event: Event) -> Iterator[Event]:
    after = event.sequence
    while events := library.events(after, _READ_AT_ONCE):
        yield from events
        after = events[-1].sequence
