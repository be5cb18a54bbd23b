"""Clustering rounds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from facefolk.types.enums import RoundMode, RoundState


@dataclass(frozen=True, slots=True)
class PersonDifference:
    """How a round changes the faces of one person; `name` is that before the round."""

    person_id: str
    name: str
    faces_gained: int
    faces_lost: int
    from_person_ids: tuple[str, ...]
    to_person_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoundDifference:
    """What a round changes, by person."""

    joined: tuple[PersonDifference, ...] = ()
    split: tuple[PersonDifference, ...] = ()
    moved: tuple[PersonDifference, ...] = ()
    created: tuple[PersonDifference, ...] = ()
    names_lost: tuple[PersonDifference, ...] = ()


@dataclass(frozen=True, slots=True)
class RoundSettings:
    """Settings of one previewed round; None stands for the library's own.

    The other settings of a library do not act on rounds.
    """

    max_recognition_distance: float | None = None
    min_recognized_faces: int | None = None
    one_face_per_asset: bool | None = None
    chain_guard: bool | None = None
    quality_gate: bool | None = None
    pack: str | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """One clustering round.

    `faces_deferred` joined somebody near without being core; `pruned` were taken back because
    their person is in the same picture already; `recount` is why a MISSING round counted the
    neighbors of all faces anew, empty where it did not; `waited_out` tells that ingestion had
    not gone quiet; `difference` is filled by `get_round` once the result is known.
    """

    round_id: str
    mode: RoundMode
    preview: bool
    state: RoundState
    faces_queued: int
    faces_processed: int
    faces_assigned: int
    people_created: int
    faces_deferred: int
    outliers: int
    pruned: int
    neighbor_recall: float
    recount: str
    waited_out: bool
    start_time: datetime | None
    end_time: datetime | None
    error: str
    max_recognition_distance: float
    min_recognized_faces: int
    difference: RoundDifference | None
