"""What contact sheets and questions show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from facefolk.report.spread import Spread
from facefolk.types import Person


@dataclass(frozen=True, slots=True)
class Picture:
    """One face: a JPEG, empty where it is not to be had, and the asset that shows it."""

    image: bytes
    asset_id: str


@dataclass(frozen=True, slots=True)
class Row:
    """One person, or the faces without one; `more` counts the faces that are not shown."""

    title: str
    faces: int
    pictures: tuple[Picture, ...]
    assets: int = 0
    spread: Spread | None = None

    @property
    def more(self) -> int:
        """How many faces are not shown."""
        return max(0, self.faces - len(self.pictures))


@dataclass(frozen=True, slots=True)
class Sheet:
    """A contact sheet; `people` and `faces` count the whole library.

    `max_distance` is how far apart two faces may be that count as the same person's.
    """

    title: str
    made: datetime
    pack: str
    people: int
    faces: int
    max_distance: float
    rows: tuple[Row, ...]
    outliers: Row

    @property
    def more_people(self) -> int:
        """How many people are not shown."""
        return max(0, self.people - len(self.rows))


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """A question to the user with the faces of both sides."""

    title: str
    summary: str
    sides: tuple[Row, ...]


def titles(people: Iterable[Person]) -> list[str]:
    """Return the name of each person, "Person 1" and so on for those that have none."""
    made = []
    unnamed = 0
    for person in people:
        unnamed += not person.name
        made.append(person.name or f"Person {unnamed}")
    return made
