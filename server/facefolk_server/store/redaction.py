"""Takes what is erased out of events, and out of how things stand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from facefolk_server.store.erasures import Scope
from facefolk_server.store.state import LibraryState
from facefolk_server.types import (
    UNPLACED,
    Assignment,
    Changes,
    Event,
    MarkChange,
    Person,
    PersonChange,
    Placement,
    PlacementChange,
    Reason,
)

REDACTED = "redacted"
"""In the detail of events that something was taken out of."""

_ID = re.compile(r"\w+")
# Shorter ids of assets are in any text.
_MIN_ASSET_ID_LENGTH = 4


class _Gone:
    """Stands for a value that is to be left out."""


_GONE = _Gone()


def farewell(state: LibraryState, scope: Scope) -> Changes:
    """Return the changes after which a state knows nothing of what is erased."""
    faces, people = set(scope.face_ids), set(scope.person_ids)
    placements = tuple(
        PlacementChange(face_id, before, UNPLACED)
        for face_id in scope.face_ids
        if (before := state.placements.get(face_id, UNPLACED)) != UNPLACED
    )
    against = (m for marks in state.marked.values() for m in marks if m.person_id in people)
    on_them = (m for face_id in scope.face_ids for m in state.marks(face_id))
    marks = sorted({*against, *on_them}, key=lambda m: (m.face_id, m.kind, m.person_id))
    leaving = (
        PersonChange(person_id, state.people[person_id], None)
        for person_id in scope.person_ids
        if person_id in state.people
    )
    staying = (
        PersonChange(person.person_id, person, replace(person, feature_face_id=""))
        for person in state.people.values()
        if person.feature_face_id in faces and person.person_id not in people
    )
    return Changes(
        placements=placements,
        people=(*leaving, *staying),
        marks=tuple(MarkChange(mark, added=False) for mark in marks),
    )


class Redactor:
    """Takes ids and what belongs to them out of events."""

    def __init__(self, scope: Scope) -> None:
        self._faces = frozenset(scope.face_ids)
        self._people = frozenset(scope.person_ids)
        self._ids = self._faces | self._people
        self._assets = tuple(
            asset_id for asset_id in scope.asset_ids if len(asset_id) >= _MIN_ASSET_ID_LENGTH
        )

    def event(self, event: Event) -> Event:
        """Return the event without what is erased; the very same where it has none of it.

        A request can be repeated no more where its event was changed.
        """
        changes = event.changes
        names = {
            record.name
            for change in changes.people
            if change.person_id in self._people
            for record in (change.before, change.after)
            if record is not None and record.name
        }
        kept = replace(
            changes,
            placements=tuple(self._placements(changes.placements)),
            people=tuple(self._people_changes(changes.people)),
            marks=tuple(
                change
                for change in changes.marks
                if change.mark.face_id not in self._faces
                and change.mark.person_id not in self._people
            ),
        )
        detail = {
            key: text
            for key, value in event.detail.items()
            if (text := self._text(value, names)) or not value
        }
        named = any(asset_id in event.request_id for asset_id in self._assets)
        if kept == changes and detail == dict(event.detail) and not named:
            return event
        return replace(event, changes=kept, detail={**detail, REDACTED: "true"}, request_id="")

    def _placements(self, changes: Iterable[PlacementChange]) -> Iterator[PlacementChange]:
        for change in changes:
            if change.face_id in self._faces:
                continue
            if not {change.before.person_id, change.after.person_id} & self._people:
                yield change
                continue
            before, after = self._place(change.before), self._place(change.after)
            if before != after:
                yield PlacementChange(change.face_id, before, after)

    def _place(self, place: Placement) -> Placement:
        if place.person_id not in self._people:
            return place
        return Placement(None, Assignment.UNASSIGNED, Reason.NONE, place.round_id)

    def _people_changes(self, changes: Iterable[PersonChange]) -> Iterator[PersonChange]:
        for change in changes:
            if change.person_id in self._people:
                continue
            told = PersonChange(
                change.person_id, self._record(change.before), self._record(change.after)
            )
            if told == change or told.before != told.after:
                yield told

    def _record(self, person: Person | None) -> Person | None:
        if person is None or person.feature_face_id not in self._faces:
            return person
        return replace(person, feature_face_id="")

    def _text(self, text: str, names: set[str]) -> str:
        """Return a text of a detail, which may be JSON."""
        found = {word for word in _ID.findall(text) if word in self._ids}
        for name in names:
            if name in text:
                found.add(name)
        if not found:
            return text
        if text[:1] in ("{", "["):
            left = self._value(json.loads(text), found, nested=False)
            return "" if left is _GONE else json.dumps(left, ensure_ascii=False)
        return "" if text in found else _without(text, found)

    def _value(self, value: Any, found: set[str], *, nested: bool) -> Any:
        if isinstance(value, str):
            return _GONE if value in found else _without(value, found)
        if isinstance(value, list):
            left = [self._value(one, found, nested=True) for one in value]
            if nested and _GONE in left:
                return _GONE  # a pair that lost its half
            return [one for one in left if one is not _GONE]
        if isinstance(value, dict):
            if {value.get("person_id"), value.get("face_id")} & self._ids:
                return _GONE
            told = {k: self._value(one, found, nested=False) for k, one in value.items()}
            return {key: one for key, one in told.items() if one is not _GONE}
        return value


def _without(text: str, found: set[str]) -> str:
    for word in found:
        text = text.replace(word, "")
    return text
