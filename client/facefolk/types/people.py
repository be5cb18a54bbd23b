"""People."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


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
