"""Merging people: everything that was said of them goes to the one who stays."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import TypeVar

from facefolk_server.errors import InvalidRequestError
from facefolk_server.service.reading import Reading
from facefolk_server.service.sentences import at_most
from facefolk_server.store import Draft
from facefolk_server.store.state import MERGE_TARGET
from facefolk_server.types import (
    Changes,
    Event,
    EventKind,
    Mark,
    MarkChange,
    MarkKind,
    Person,
    PersonChange,
    PlacementChange,
)

MAX_SOURCES = 1000
_DROPPED = "marks_dropped"

T = TypeVar("T")


def check_sources(target_id: str, source_ids: Sequence[str]) -> tuple[str, ...]:
    """Return the people who go, without repetition.

    Raises:
        InvalidRequestError: There are none or too many, or the target is among them.
    """
    if not 1 <= len(source_ids) <= MAX_SOURCES:
        raise InvalidRequestError(
            f"source_person_ids has {len(source_ids)} ids: give 1 to {MAX_SOURCES}.",
            field="source_person_ids",
        )
    if target_id in source_ids:
        raise InvalidRequestError(
            "A person cannot be merged into itself: leave the target out of the sources.",
            field="source_person_ids",
        )
    return tuple(dict.fromkeys(source_ids))


def merger(
    reading: Reading, target_id: str, source_ids: Sequence[str], *, now: datetime
) -> Draft:
    """Return the event that moves the faces of the sources to the target.

    An empty name, birth date or feature face is taken from the first source that has one;
    the target is hidden or a favorite if one of them all was. Marks against a source become
    marks against the target, but for those on faces that are the target's.

    Raises:
        PersonNotFoundError: One of them is not there.
    """
    target = reading.person(target_id)
    sources = [reading.person(source_id) for source_id in source_ids]
    # Most faces share a placement, and then what becomes of it.
    given = cache(lambda before: replace(before, person_id=target_id))
    moved = tuple(
        PlacementChange(face_id, before, given(before))
        for source in sources
        for face_id in sorted(reading.state.members(source.person_id))
        for before in (reading.placement(face_id),)
    )
    marks, dropped = _moved_marks(reading, target_id, source_ids, moved)
    people = (
        PersonChange(target_id, target, _united(target, sources, now)),
        *(PersonChange(source.person_id, source, None) for source in sources),
    )
    detail = {MERGE_TARGET: target_id}
    if dropped:
        detail[_DROPPED] = json.dumps(dropped)
    changes = Changes(placements=moved, people=people, marks=marks)
    return Draft(EventKind.PEOPLE_MERGED, changes, detail)


def merge_conflicts(event: Event) -> tuple[str, ...]:
    """Return what of the people merged could not be kept, in sentences."""
    target_id = event.detail[MERGE_TARGET]
    kept = next(c.after for c in event.changes.people if c.person_id == target_id)
    told = []
    for change in event.changes.people:
        before = change.before
        if kept is None or before is None:
            continue
        if before.name not in ("", kept.name):
            told.append(
                f"The name {before.name!r} of person {before.person_id} gave way to "
                f"{kept.name!r}."
            )
        if before.birth_date not in (None, kept.birth_date):
            told.append(
                f"The birth date {before.birth_date} of person {before.person_id} gave way "
                f"to {kept.birth_date}."
            )
    told += [
        f"Face {face_id} had been marked as not being person {person_id}: it is now a face "
        f"of person {target_id}, so that mark is gone."
        for face_id, person_id in json.loads(event.detail.get(_DROPPED, "[]"))
    ]
    return at_most(told, "conflicts")


def _united(target: Person, sources: Sequence[Person], now: datetime) -> Person:
    everybody = [target, *sources]
    return replace(
        target,
        name=_first(everybody, lambda person: person.name),
        birth_date=_first(everybody, lambda person: person.birth_date),
        feature_face_id=_first(everybody, lambda person: person.feature_face_id),
        hidden=any(person.hidden for person in everybody),
        favorite=any(person.favorite for person in everybody),
        update_time=now,
    )


def _first(people: Sequence[Person], value: Callable[[Person], T]) -> T:
    """Return the first value that is not empty, or the empty one of the first person."""
    return next(filter(None, map(value, people)), value(people[0]))


def _moved_marks(
    reading: Reading,
    target_id: str,
    source_ids: Sequence[str],
    moved: Sequence[PlacementChange],
) -> tuple[tuple[MarkChange, ...], list[tuple[str, str]]]:
    """Return how marks change, and those that go for nothing as (face, person)."""
    gone = frozenset(source_ids)
    own = {change.face_id for change in moved} | reading.state.members(target_id)
    changes: list[MarkChange] = []
    dropped: list[tuple[str, str]] = []
    for face_id in sorted(reading.state.marked):
        denied = {m for m in reading.state.marks(face_id) if m.person_id in gone}
        heir = Mark(face_id, MarkKind.NOT_THIS_PERSON, target_id)
        has_heir = heir in reading.state.marks(face_id)
        if face_id in own:
            denied |= {heir} if has_heir else set()
            dropped += [(face_id, mark.person_id) for mark in sorted(denied, key=_person_of)]
        elif denied and not has_heir:
            changes.append(MarkChange(heir, added=True))
        changes += [MarkChange(mark, added=False) for mark in sorted(denied, key=_person_of)]
    return tuple(changes), dropped


def _person_of(mark: Mark) -> str:
    return mark.person_id
