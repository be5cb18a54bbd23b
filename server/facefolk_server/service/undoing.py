"""How what an event changed is restored, and what is in the way of it.

An event can be undone while everything it changed is still as it left it. What counts is how
things are, not how often they changed meanwhile: an event that was itself undone is in
nobody's way. Why a round left a face without a person is no part of that, since every round
says it anew.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from facefolk_server.service.reading import Reading
from facefolk_server.store import Draft
from facefolk_server.store.answers import TOLD_APART, Pair, pair_of
from facefolk_server.store.state import MERGE_TARGET
from facefolk_server.types import (
    Changes,
    Event,
    EventKind,
    MarkChange,
    Person,
    PersonChange,
    Placement,
    PlacementChange,
    RecognitionSettings,
    SettingsChange,
)

UNDONE_EVENT = "undone_event"
"""Names in an event's detail the event that it undid."""

UNDOABLE = frozenset(
    {
        EventKind.SETTINGS_UPDATED,
        EventKind.FACES_ASSIGNED,
        EventKind.FACES_UNASSIGNED,
        EventKind.FACES_MARKED,
        EventKind.PERSON_CREATED,
        EventKind.PERSON_UPDATED,
        EventKind.PERSON_DELETED,
        EventKind.PEOPLE_MERGED,
        EventKind.ROUND_COMMITTED,
        EventKind.PEOPLE_IMPORTED,
        EventKind.SUGGESTION_ANSWERED,
        EventKind.UNDONE,
    }
)

# The merge that an undo undid, so that undoing the undo can tell again where people went.
_UNMERGED = "unmerged_from_person_id"

Thing = tuple[str, object]
"""Something that an event changes: a face, a person, a mark, whose mark it is, settings."""

_SETTINGS: Thing = ("settings", "")


def undone_event(event: Event) -> int:
    """Return the number of the event that this one undid, 0 for none."""
    return int(event.detail.get(UNDONE_EVENT, "0"))


def touched(event: Event) -> Iterator[Thing]:
    """Yield what an event changed."""
    changes = event.changes
    yield from (("face", change.face_id) for change in changes.placements)
    yield from (("person", change.person_id) for change in changes.people)
    for change in changes.marks:
        yield "mark", change.mark
        yield "marked", change.mark.person_id
    if changes.settings is not None:
        yield _SETTINGS
    yield from (("apart", pair) for pair, _ in told_apart(event))


def told_apart(event: Event) -> list[tuple[Pair, bool]]:
    """Return the people whom an event told apart, or not apart any more."""
    told = json.loads(event.detail.get(TOLD_APART, "[]"))
    return [(pair_of(one, other), is_apart) for one, other, is_apart in told]


def diminished(event: Event) -> Iterator[Thing]:
    """Yield the people to whom an event did something, but for giving them faces."""
    changes = event.changes
    yield from (("person", change.person_id) for change in changes.people)
    yield from (("person", change.mark.person_id) for change in changes.marks)
    for change in changes.placements:
        if change.before.person_id not in (None, change.after.person_id):
            yield "person", change.before.person_id


def obstacles(reading: Reading, event: Event) -> Iterator[Thing]:
    """Yield what is not as the event left it any more, or would not fit what it restores."""
    changes = event.changes
    yield from _moved_on(reading, changes.placements)
    yield from _changed_since(reading, changes)
    for pair, is_apart in told_apart(event):
        if (pair in reading.state.answers.apart) != is_apart:
            yield "apart", pair
    restored = {change.person_id for change in changes.people if change.before is not None}
    removed = {change.person_id for change in changes.people if change.before is None}
    there = (reading.state.people.keys() | restored) - removed
    for placement in changes.placements:
        if placement.before.person_id is not None and placement.before.person_id not in there:
            yield "person", placement.before.person_id
    for mark in changes.marks:
        if mark.mark.person_id and not mark.added and mark.mark.person_id not in there:
            yield "person", mark.mark.person_id
    yield from _still_theirs(reading, changes, removed)
    yield from _contradicted(reading, changes)


def reversal(reading: Reading, event: Event, *, now: datetime) -> Draft:
    """Return the event that restores what another one changed; nothing may be in its way."""
    state, changes = reading.state, event.changes
    placements = tuple(
        PlacementChange(change.face_id, current, change.before)
        for change in changes.placements
        if (current := reading.placement(change.face_id)) != change.before
    )
    people = tuple(
        PersonChange(change.person_id, state.people.get(change.person_id), before)
        for change in changes.people
        for before in (replace(change.before, update_time=now) if change.before else None,)
    )
    marks = tuple(MarkChange(change.mark, added=not change.added) for change in changes.marks)
    settings = None
    if changes.settings is not None:
        settings = SettingsChange(state.settings, changes.settings.before)
    return Draft(EventKind.UNDONE, Changes(placements, people, marks, settings), _detail(event))


def left_with_nothing(reading: Reading, changes: Changes) -> frozenset[str]:
    """Return the people who would be left without a face, a mark or anything told."""
    state = reading.state
    faces: Counter[str | None] = Counter()
    for change in changes.placements:
        faces[change.before.person_id] -= 1
        faces[change.after.person_id] += 1
    marks: Counter[str | None] = Counter()
    for mark in changes.marks:
        marks[mark.mark.person_id] += 1 if mark.added else -1
    records = {change.person_id: change.after for change in changes.people}
    suspects = {person_id for person_id in {*faces, *marks, *records} if person_id}
    return frozenset(
        person_id
        for person_id in suspects
        if (record := records.get(person_id, state.people.get(person_id))) is not None
        and not record.told
        and len(state.members(person_id)) + faces[person_id] <= 0
        and state.mark_count(person_id) + marks[person_id] <= 0
    )


def without(reading: Reading, draft: Draft, people: frozenset[str]) -> Draft:
    """Return the event with these people going, too."""
    kept = [change for change in draft.changes.people if change.person_id not in people]
    gone = [
        PersonChange(person_id, record, None)
        for person_id in sorted(people)
        if (record := reading.state.people.get(person_id)) is not None
    ]
    return replace(draft, changes=replace(draft.changes, people=(*kept, *gone)))


def _moved_on(reading: Reading, placements: Iterable[PlacementChange]) -> Iterator[Thing]:
    for change in placements:
        now = reading.placement(change.face_id)
        if _owner(now) != _owner(change.after) or not reading.has_face(change.face_id):
            yield "face", change.face_id


def _changed_since(reading: Reading, changes: Changes) -> Iterator[Thing]:
    state = reading.state
    for change in changes.people:
        if _record(state.people.get(change.person_id)) != _record(change.after):
            yield "person", change.person_id
    for mark in changes.marks:
        is_there = mark.mark in state.marks(mark.mark.face_id)
        if is_there != mark.added or not reading.has_face(mark.mark.face_id):
            yield "mark", mark.mark
    if changes.settings is not None and _values(changes.settings.after) != _values(
        state.settings
    ):
        yield _SETTINGS


def _still_theirs(reading: Reading, changes: Changes, removed: set[str]) -> Iterator[Thing]:
    """Yield what people who would go again have that the event did not give them."""
    given = {change.face_id for change in changes.placements}
    unmarked = Counter(change.mark.person_id for change in changes.marks if change.added)
    for person_id in sorted(removed):
        for face_id in sorted(reading.state.members(person_id) - given):
            yield "face", face_id
        if reading.state.mark_count(person_id) > unmarked[person_id]:
            yield "marked", person_id


def _contradicted(reading: Reading, changes: Changes) -> Iterator[Thing]:
    """Yield faces and marks that would say the opposite of each other."""
    owners = {change.face_id: change.before.person_id for change in changes.placements}
    removed = {change.mark for change in changes.marks if change.added}
    added = {change.mark for change in changes.marks if not change.added}
    for mark in added:
        if mark.face_id in owners:
            continue
        owner = reading.placement(mark.face_id).person_id
        if owner is not None and mark.person_id in ("", owner):
            yield "face", mark.face_id
    for face_id, owner in owners.items():
        if owner is None:
            continue
        for mark in reading.state.marks(face_id) - removed:
            if mark.person_id in ("", owner):
                yield "mark", mark


def _owner(placement: Placement) -> tuple[str | None, int]:
    return placement.person_id, placement.assignment


def _record(person: Person | None) -> Person | None:
    """Return what users can say of a person."""
    return replace(person, revision=0, update_time=None) if person else None


def _values(settings: RecognitionSettings) -> RecognitionSettings:
    return replace(settings, revision=0)


def _detail(event: Event) -> dict[str, str]:
    detail = {UNDONE_EVENT: str(event.sequence)}
    if MERGE_TARGET in event.detail:
        detail[_UNMERGED] = event.detail[MERGE_TARGET]
    if _UNMERGED in event.detail:
        detail[MERGE_TARGET] = event.detail[_UNMERGED]
    if pairs := told_apart(event):
        detail[TOLD_APART] = json.dumps([[*pair, not is_apart] for pair, is_apart in pairs])
    return detail
