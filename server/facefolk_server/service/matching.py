"""The nearest faces and the nearest person of a face; blocking."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from facefolk_server.clustering import CLEARLY_NEARER, QualityGate
from facefolk_server.service.births import is_unborn
from facefolk_server.service.near_lists import NearLists
from facefolk_server.service.nearest import FloatArray, NearRows, rows_within
from facefolk_server.service.reading import Reading
from facefolk_server.service.resolved import Resolved
from facefolk_server.service.views import Match
from facefolk_server.store import FaceTable, Library, LibraryState
from facefolk_server.types import Assignment, Mark, MarkKind
from facefolk_server.vision.calibration import Calibration

_LOOKED_UP = 8


@dataclass(frozen=True, slots=True)
class MatchRule:
    """Who counts as a match.

    `min_faces` is how many faces within `max_distance`, itself included, make a face core;
    faces that are core or assigned by hand stand for their person (design section 5). The
    `gate` may keep poor ones from being core, and from making others core. `calibration`
    tells what a distance means.
    """

    max_distance: float
    min_faces: int
    calibration: Calibration
    gate: QualityGate | None = None
    include_hidden: bool = False

    @classmethod
    def of(cls, settings: Resolved, *, include_hidden: bool) -> MatchRule:
        """Return the rule that goes with settings."""
        return cls(
            settings.max_recognition_distance,
            settings.min_recognized_faces,
            settings.calibration,
            settings.gate,
            include_hidden,
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """A face of whom it is asked who it is.

    It is not looked at itself where it is stored as `face_id`. Its picture was taken on `day`
    at the latest, anywhere; None where nobody knows.
    """

    face_id: str = ""
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Near:
    """A stored face near another one; `distance` is a cosine distance, `row` its place."""

    face_id: str
    row: int
    distance: float


@dataclass(frozen=True, slots=True)
class _Candidate:
    near: Near
    match: Match
    manual: bool


class Finder:
    """Looks for neighbors among the faces of one pack.

    The numbers are computed without the library's lock; what is said of the faces found is
    looked up under it. With `lists` matches are looked for by them, else among all faces.
    """

    def __init__(self, library: Library, pack: str, *, lists: NearLists | None = None) -> None:
        self._library = library
        self._table = library.faces(pack)
        self._lists = lists

    def neighbors(self, embeddings: FloatArray, *, max_distance: float) -> list[list[Near]]:
        """Return all faces within a distance of each embedding `(n, d) float32`.

        Nearest first, ties by face id; removed faces and those marked NOT_A_FACE are not
        among them.
        """
        found = rows_within(self._matrix(), embeddings, max_distance=max_distance)
        with self._library.read() as state:
            return [_named(self._table, state, near) for near in found]

    def matches(
        self, embeddings: FloatArray, rule: MatchRule, *, asked: Sequence[Asked] = ()
    ) -> list[Match | None]:
        """Return the nearest person of each embedding `(n, d) float32`.

        That is the person of the nearest face that stands for one; whether a face is core is
        judged on the faces of now. People born after the day of `asked[i]` are passed over
        for embedding i. As in rounds, nobody is the match of a face that is not clearly
        nearer to one of two people who were told apart.
        """
        found = self._near(embeddings, rule.max_distance)
        return [
            self._not_between(self._first_standing(near, rule, one), near, one)
            for near, one in zip(found, asked or [Asked()] * len(found), strict=True)
        ]

    def _near(self, embeddings: FloatArray, max_distance: float) -> list[NearRows]:
        matrix = self._matrix()
        if self._lists is None:
            return rows_within(matrix, embeddings, max_distance=max_distance)
        return self._lists.near(self._table, matrix, embeddings, max_distance=max_distance)

    def _matrix(self) -> FloatArray:
        with self._library.read():
            return self._table.embeddings

    def _first_standing(self, near: NearRows, rule: MatchRule, asked: Asked) -> Match | None:
        start = 0
        while start < len(near.rows):
            # The nearest ones nearly always decide; faces equally near stay together.
            last = near.distances[min(start + _LOOKED_UP, len(near.rows)) - 1]
            end = int(np.searchsorted(near.distances, last, side="right"))
            with self._library.read() as state:
                named = _named(self._table, state, near.part(start, end))
                candidates = _candidates(Reading(self._library, state), named, rule, asked)
            for candidate in candidates:
                if candidate.manual or self._is_core(candidate.near, rule):
                    return candidate.match
            start = end
        return None

    def _not_between(self, match: Match | None, near: NearRows, asked: Asked) -> Match | None:
        """Return the match unless somebody told apart from it is about as near."""
        if match is None:
            return None
        with self._library.read() as state:
            reading = Reading(self._library, state)
            rivals = reading.told_apart_from(match.person_id)
            if not rivals:
                return match
            within = near.distances * CLEARLY_NEARER < match.distance
            for one in _named(self._table, state, near.part(0, int(within.sum()))):
                owner = reading.placement(one.face_id).person_id
                if owner in rivals and one.face_id != asked.face_id:
                    return None
        return match

    def _is_core(self, face: Near, rule: MatchRule) -> bool:
        if rule.min_faces <= 1:
            return True
        with self._library.read():
            embedding = self._table.embeddings[face.row : face.row + 1]
            if not self._is_able(face.row, rule):
                return False
        count = 0
        for near in self._around(embedding, rule.max_distance):
            for start in range(0, len(near.rows), _LOOKED_UP):
                with self._library.read() as state:
                    named = _named(self._table, state, near.part(start, start + _LOOKED_UP))
                count += sum(self._is_able(one.row, rule) for one in named)
                if count >= rule.min_faces:
                    return True
        return False

    def _around(self, embedding: FloatArray, max_distance: float) -> Iterator[NearRows]:
        matrix = self._matrix()
        if self._lists is None:
            return iter(rows_within(matrix, embedding, max_distance=max_distance))
        return self._lists.near_in_turns(
            self._table, matrix, embedding, max_distance=max_distance
        )

    def _is_able(self, row: int, rule: MatchRule) -> bool:
        return rule.gate is None or rule.gate.is_able(self._table.quality_of(row))


def _named(table: FaceTable, state: LibraryState, near: NearRows) -> list[Near]:
    """Return rows as faces; the last of them may have been removed or replaced by now."""
    named = []
    for row, distance in zip(near.rows.tolist(), near.distances.tolist(), strict=True):
        face_id = table.ids[row]
        if table.row_of(face_id) == row and not _is_no_face(state.marks(face_id)):
            named.append(Near(face_id, row, distance))
    return sorted(named, key=lambda one: (one.distance, one.face_id))


def _candidates(
    reading: Reading, near: Sequence[Near], rule: MatchRule, asked: Asked
) -> list[_Candidate]:
    candidates = []
    people = len(reading.state.people)
    for one in near:
        placement = reading.placement(one.face_id)
        person = reading.state.people.get(placement.person_id or "")
        if person is None or one.face_id == asked.face_id:
            continue
        if (person.hidden and not rule.include_hidden) or is_unborn(person, asked.day):
            continue
        likely = rule.calibration.probability(one.distance, candidates=people)
        match = Match(person.person_id, person.name, one.distance, one.face_id, likely)
        manual = placement.assignment is Assignment.MANUAL
        candidates.append(_Candidate(one, match, manual))
    return candidates


def _is_no_face(marks: frozenset[Mark]) -> bool:
    return any(mark.kind is MarkKind.NOT_A_FACE for mark in marks)
