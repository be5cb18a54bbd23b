"""What happened, in events."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from facefolk_server.types.faces import Mark, Person, Placement
from facefolk_server.types.rounds import RecognitionSettings, RoundRecord


class EventKind(enum.StrEnum):
    """What a ledger entry did; the values are stored."""

    SETTINGS_UPDATED = "settings_updated"
    FACES_ASSIGNED = "faces_assigned"
    FACES_UNASSIGNED = "faces_unassigned"
    FACES_MARKED = "faces_marked"
    FACES_REPLACED = "faces_replaced"
    PERSON_CREATED = "person_created"
    PERSON_UPDATED = "person_updated"
    PERSON_DELETED = "person_deleted"
    PEOPLE_MERGED = "people_merged"
    ROUND_STARTED = "round_started"
    ROUND_ENDED = "round_ended"
    ROUND_COMMITTED = "round_committed"
    ASSETS_DELETED = "assets_deleted"
    PERSON_ERASED = "person_erased"
    PEOPLE_IMPORTED = "people_imported"
    SUGGESTION_ANSWERED = "suggestion_answered"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class PlacementChange:
    """One face's person before and after."""

    face_id: str
    before: Placement
    after: Placement


@dataclass(frozen=True, slots=True)
class PersonChange:
    """A person's record before and after; None where it did not or does not exist."""

    person_id: str
    before: Person | None
    after: Person | None


@dataclass(frozen=True, slots=True)
class MarkChange:
    """A mark that was added (`added`) or taken away."""

    mark: Mark
    added: bool


@dataclass(frozen=True, slots=True)
class SettingsChange:
    """The settings before and after."""

    before: RecognitionSettings
    after: RecognitionSettings


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything one atomic operation changes; applying `after`, or `before` to undo."""

    placements: tuple[PlacementChange, ...] = ()
    people: tuple[PersonChange, ...] = ()
    marks: tuple[MarkChange, ...] = ()
    settings: SettingsChange | None = None
    round: RoundRecord | None = None

    def __bool__(self) -> bool:
        return bool(self.placements or self.people or self.marks or self.settings or self.round)


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the ledger: an atomic operation, complete with what it replaced.

    `sequence` counts from 1 without gaps; `detail` holds further facts of the kind, such as
    the lease of a round or the event that an undo undid.
    """

    sequence: int
    kind: EventKind
    actor: str
    time: datetime
    changes: Changes
    request_id: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)
