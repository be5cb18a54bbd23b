"""People."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from facefolk.types.faces import Mark


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is in the pictures: a set of faces under one id.

    `etag` changes with every change of the record; giving it back in an update makes sure that
    nobody else changed it in between.
    """

    person_id: str = ""
    name: str = ""
    birth_date: date | None = None
    hidden: bool = False
    favorite: bool = False
    feature_face_id: str = ""
    face_count: int = 0
    asset_count: int = 0
    etag: str = ""
    create_time: datetime | None = None
    update_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class Assigned:
    """The person that has the faces now, and how many faces changed."""

    person: Person
    faces_changed: int


@dataclass(frozen=True, slots=True)
class Merged:
    """The person who stayed; `conflicts` are sentences about what could not both be kept."""

    person: Person
    conflicts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Deleted:
    """How many faces became unassigned, or were erased.

    `erasure_id` is the receipt of what was erased, empty where nothing was.
    """

    erasure_id: str
    faces_changed: int


@dataclass(frozen=True, slots=True)
class Marked:
    """The marks of the faces now; `contradictions` are sentences about what was said before."""

    marks: tuple[Mark, ...]
    contradictions: tuple[str, ...]
