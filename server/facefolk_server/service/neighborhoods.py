"""How faces of one pack lie to each other as a round of now would see them; blocking."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from facefolk_server.clustering import QualityGate, RoundInput, stand_ins
from facefolk_server.service.nearest import NearRows, rows_within
from facefolk_server.service.reading import Reading
from facefolk_server.store import Library
from facefolk_server.types import Assignment, Mark, MarkKind, Placement

# As many as a reply shows by default, so that one pass over all faces is enough for them.
_QUERIES_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class NearFace:
    """A face near another one; `distance` is a cosine distance, 0..2.

    `stand_in` is the row that stands for it in counts, where it is in a track.
    """

    face_id: str
    row: int
    stand_in: int
    distance: float
    placement: Placement


class Neighborhoods:
    """Answers who is near whom, and who is core, by the design's rules and exactly.

    The library's lock is taken for what is said of faces, not for the products. Faces that
    come or go meanwhile may be seen or not.
    """

    def __init__(
        self,
        library: Library,
        *,
        pack: str,
        pack_digest: str,
        max_distance: float,
        min_faces: int,
        gate: QualityGate | None = None,
    ) -> None:
        self._library = library
        self._table = library.faces(pack)
        self._digest = pack_digest
        self._max_distance = max_distance
        self._min_faces = min_faces
        self._gate = gate
        self._stand_ins: dict[int, int] = {}
        self._by_hand: set[int] = set()
        self._sizes: dict[int, int] = {}

    def row_of(self, face_id: str) -> int | None:
        """Return the row of a face that takes part in rounds, None for others."""
        with self._library.read() as state:
            row = self._table.row_of(face_id)
            if row is None or not self._takes_part(row, state.marks(face_id)):
                return None
            return row

    def same_embedding(self, row: int, other: int) -> bool:
        """Tell whether two rows have the very same embedding."""
        with self._library.read():
            matrix = self._table.embeddings
            return bool(np.array_equal(matrix[row], matrix[other]))

    def near(self, rows: Sequence[int], *, max_distance: float) -> list[list[NearFace]]:
        """Return the faces within a distance of each row, nearest first, ties by face id.

        Faces of another digest and those marked NOT_A_FACE are not among them.
        """
        if not rows:
            return []
        with self._library.read():
            matrix = self._table.embeddings
        found = rows_within(matrix, matrix[np.asarray(rows)], max_distance=max_distance)
        with self._library.read() as state:
            reading = Reading(self._library, state)
            named = [self._named(reading, near) for near in found]
        if max_distance >= self._max_distance:
            self._sizes.update(zip(rows, map(self._size, rows, named), strict=True))
        return named

    def stand_in(self, row: int) -> int:
        """Return the row that stands for this one in counts."""
        with self._library.read() as state:
            return self._stand_in(Reading(self._library, state), row)

    def size(self, row: int) -> int:
        """Return how many faces are in N(f), tracks counted once, the face itself included."""
        stand_in = self.stand_in(row)
        self._measure([stand_in])
        return self._sizes[stand_in]

    def able(self, row: int) -> bool:
        """Tell whether a face is good enough to be core and to count as a neighbor."""
        if self._gate is None:
            return True
        with self._library.read():
            return self._gate.is_able(self._table.quality_of(row))

    def reach(self, row: int) -> float:
        """Return up to which distance a face can be in reach of a good one."""
        if self._gate is None or self.able(row):
            return self._max_distance
        return self._gate.distance_share * self._max_distance

    def core(self, rows: Iterable[int]) -> Mapping[int, bool]:
        """Tell of rows whether they are core, or what stands for them is."""
        wanted = {row: self.stand_in(row) for row in rows}
        self._measure(wanted.values())
        return {
            row: self._sizes[to] >= self._min_faces and self.able(to)
            for row, to in wanted.items()
        }

    def lenders(self, faces: Iterable[NearFace]) -> list[NearFace]:
        """Return those that lend their person: they are core, or assigned by hand."""
        placed = [face for face in faces if face.placement.person_id is not None]
        core = self.core(face.row for face in placed)
        return [face for face in placed if core[face.row] or self.is_by_hand(face)]

    def is_by_hand(self, face: NearFace) -> bool:
        """Tell whether a face, or another one of its track, was assigned by hand."""
        by_hand = face.placement.assignment is Assignment.MANUAL
        return by_hand or face.stand_in in self._by_hand

    def _measure(self, rows: Iterable[int]) -> None:
        """Find the sizes of the neighborhoods that are not known yet."""
        unknown = sorted(set(rows) - self._sizes.keys())
        for start in range(0, len(unknown), _QUERIES_AT_ONCE):
            some = unknown[start : start + _QUERIES_AT_ONCE]
            self.near(some, max_distance=self._max_distance)

    def _size(self, row: int, near: Iterable[NearFace]) -> int:
        """Count the faces in reach of the row that stand for themselves and are able."""
        reach = self.reach(row)
        return sum(
            face.stand_in == face.row
            and (face.row == row or (face.distance <= reach and self.able(face.row)))
            for face in near
        )

    def _takes_part(self, row: int, marks: frozenset[Mark]) -> bool:
        return self._table.digest_of(row) == self._digest and not any(
            mark.kind is MarkKind.NOT_A_FACE for mark in marks
        )

    def _named(self, reading: Reading, near: NearRows) -> list[NearFace]:
        table, state = self._table, reading.state
        named = []
        for row, distance in zip(near.rows.tolist(), near.distances.tolist(), strict=True):
            face_id = table.ids[row]
            # The row may have died since the products were made.
            if table.row_of(face_id) == row and self._takes_part(row, state.marks(face_id)):
                stand_in = self._stand_in(reading, row)
                place = reading.placement(face_id)
                named.append(NearFace(face_id, row, stand_in, distance, place))
        return sorted(named, key=lambda face: (face.distance, face.face_id))

    def _stand_in(self, reading: Reading, row: int) -> int:
        if row not in self._stand_ins:
            self._look_at_asset(reading, self._table.asset_of(row))
        return self._stand_ins.get(row, row)

    def _look_at_asset(self, reading: Reading, asset_id: str) -> None:
        table = self._table
        rows = [
            row
            for row in table.rows_of_asset(asset_id)
            if self._takes_part(row, reading.state.marks(table.ids[row]))
        ]
        self._stand_ins.update((row, row) for row in rows)
        if len({table.offset_of(row) for row in rows}) < 2:
            return
        places = [reading.placement(table.ids[row]) for row in rows]
        found = stand_ins(self._input(reading, rows, places), max_distance=self._max_distance)
        for row, place, stand_in in zip(rows, places, found.tolist(), strict=True):
            self._stand_ins[row] = rows[stand_in]
            if place.assignment is Assignment.MANUAL:
                self._by_hand.add(rows[stand_in])

    def _input(
        self, reading: Reading, rows: Sequence[int], places: Sequence[Placement]
    ) -> RoundInput:
        table = self._table
        ids = [table.ids[row] for row in rows]
        marks = [reading.state.marks(face_id) for face_id in ids]
        return RoundInput(
            face_ids=ids,
            embeddings=table.embeddings[np.asarray(rows)],
            asset_ids=[table.asset_of(row) for row in rows],
            frame_offsets_us=[table.offset_of(row) for row in rows],
            person_ids=[place.person_id for place in places],
            manual=np.array([place.assignment is Assignment.MANUAL for place in places], bool),
            not_a_face=np.zeros(len(rows), bool),
            stranger=np.array(
                [any(mark.kind is MarkKind.STRANGER for mark in said) for said in marks], bool
            ),
            barred={
                place: frozenset(mark.person_id for mark in said if mark.person_id)
                for place, said in enumerate(marks)
            },
            quality=np.array([table.quality_of(row) for row in rows], np.float32),
            kept_people=frozenset(),
        )
