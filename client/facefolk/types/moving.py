"""Erasures, and people that come from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from facefolk.types.enums import ErasureState


@dataclass(frozen=True, slots=True)
class AssetsDeleted:
    """The receipt of erased assets, and how many faces are gone from every list."""

    erasure_id: str
    faces_deleted: int


@dataclass(frozen=True, slots=True)
class Erasure:
    """The receipt of an erasure.

    The ids of what was removed are traces too: they are told for a day at most, the numbers
    for good. `backups` name those that still hold what was erased.
    """

    erasure_id: str
    state: ErasureState
    asset_ids: tuple[str, ...]
    face_ids: tuple[str, ...]
    person_ids: tuple[str, ...]
    create_time: datetime | None
    done_time: datetime | None
    backups: tuple[str, ...]
    assets_removed: int
    faces_removed: int
    people_removed: int


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did; `unmatched` are sentences about what found no place."""

    people_created: int
    people_updated: int
    faces_assigned: int
    unmatched: tuple[str, ...]
    faces_added: int
    marks_added: int
