"""What users say about faces that rounds obey, and what contradicts what they said before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from facefolk_server.errors import InvalidRequestError
from facefolk_server.service.departures import people_left_empty
from facefolk_server.service.reading import Reading
from facefolk_server.service.sentences import at_most
from facefolk_server.types import (
    UNPLACED,
    Assignment,
    Changes,
    Event,
    Mark,
    MarkChange,
    MarkKind,
    PlacementChange,
)

CLEARED = ""
"""Stands in an event's detail for a kind: marks were taken away."""
KIND = "mark"

_EXCLUSIVE = frozenset({MarkKind.NOT_A_FACE, MarkKind.STRANGER})
_SAID = {MarkKind.NOT_A_FACE: "no face", MarkKind.STRANGER: "a stranger"}


def check_mark(kind: MarkKind | None, person_id: str) -> None:
    """Refuse a mark whose person is missing, or has no meaning.

    Raises:
        InvalidRequestError: It is so.
    """
    if kind is MarkKind.NOT_THIS_PERSON and not person_id:
        raise InvalidRequestError(
            "NOT_THIS_PERSON needs the person_id of the person that the faces are not.",
            field="person_id",
        )
    if kind in _EXCLUSIVE and person_id:
        raise InvalidRequestError(
            f"{kind.name} is about the face alone: leave person_id out.", field="person_id"
        )


def marking(
    reading: Reading, faces: Sequence[str], kind: MarkKind | None, person_id: str
) -> Changes:
    """Return what changes when faces are marked; without a kind marks are taken away.

    The last word counts: a mark takes a face from a person it cannot belong to any more,
    also where a user assigned it, and NOT_A_FACE and STRANGER replace each other.

    Raises:
        FaceNotFoundError: One of the faces is not there.
        PersonNotFoundError: The person is not there.
    """
    if person_id:
        reading.person(person_id)
    moved: list[PlacementChange] = []
    marks: list[MarkChange] = []
    for face_id in faces:
        reading.face(face_id)
        said = sorted(reading.state.marks(face_id), key=_order)
        if kind is None:
            gone = [mark for mark in said if not person_id or mark.person_id == person_id]
            marks += [MarkChange(mark, added=False) for mark in gone]
            continue
        marks += _marked(Mark(face_id, kind, person_id), said)
        before = reading.placement(face_id)
        if before.person_id is not None and person_id in ("", before.person_id):
            moved.append(PlacementChange(face_id, before, UNPLACED))
    unmarked = {change.mark.person_id for change in marks if not change.added}
    left = people_left_empty(reading.state, moved, marks=marks, also=unmarked)
    return Changes(placements=tuple(moved), people=left, marks=tuple(marks))


def taken_back(reading: Reading, face_id: str, person_id: str) -> list[MarkChange]:
    """Return the marks that go because a user says that the face is this person."""
    return [
        MarkChange(mark, added=False)
        for mark in sorted(reading.state.marks(face_id), key=_order)
        if mark.kind in _EXCLUSIVE or mark.person_id == person_id
    ]


def contradictions(event: Event) -> tuple[str, ...]:
    """Return what a marking took back of what users had said before, in sentences."""
    if event.detail.get(KIND, CLEARED) == CLEARED:
        return ()
    told = [
        f"Face {change.face_id} had been assigned by hand to person "
        f"{change.before.person_id}: it is not any more."
        for change in event.changes.placements
        if change.before.assignment is Assignment.MANUAL
    ]
    told += [
        f"Face {change.mark.face_id} had been marked as {_SAID[change.mark.kind]}: it is not "
        "any more."
        for change in event.changes.marks
        if not change.added and change.mark.kind in _SAID
    ]
    return at_most(told, "contradictions")


def _marked(mark: Mark, said: Iterable[Mark]) -> list[MarkChange]:
    """Return the mark as a change where it is new, and the marks that it replaces."""
    if mark in said:
        return []
    replaced = [
        MarkChange(other, added=False)
        for other in said
        if mark.kind in _EXCLUSIVE and other.kind in _EXCLUSIVE
    ]
    return [*replaced, MarkChange(mark, added=True)]


def _order(mark: Mark) -> tuple[int, str]:
    return (mark.kind, mark.person_id)
