"""What was done, and to whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from facefolk.types.enums import Assignment
from facefolk.types.faces import Mark
from facefolk.types.people import Person


@dataclass(frozen=True, slots=True)
class FaceChange:
    """A face's person before and after an event, empty for none."""

    face_id: str
    person_id_before: str
    person_id_after: str
    assignment_before: Assignment
    assignment_after: Assignment


@dataclass(frozen=True, slots=True)
class PersonChange:
    """A person's record before and after an event.

    `before` is None where the event created the person, `after` where it took it away; counts
    are no part of records.
    """

    before: Person | None
    after: Person | None


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the history.

    `event_id` grows with every event. `face_changes` holds at most 1,000 of the
    `faces_changed` faces. `undone_event_id` is the event that this one undid, 0 for none;
    `undoable` tells whether this one can be undone as things stand.
    """

    event_id: int
    kind: str
    actor: str
    time: datetime | None
    person_ids: tuple[str, ...]
    faces_changed: int
    face_changes: tuple[FaceChange, ...]
    person_changes: tuple[PersonChange, ...]
    undone_event_id: int
    marks_added: tuple[Mark, ...]
    marks_removed: tuple[Mark, ...]
    round_id: str
    undoable: bool
