"""The faces of one pack in memory, by column.

The rows of the table on disk are read once, at the start; from then on the writer keeps this
copy current, so that matching and rounds never wait for a disk. A face that goes or is
replaced leaves a dead row behind, whose number is never used again; `without_dead_rows`
makes a new table when they have become many.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facefolk_server.store.columns import GrowingArray
from facefolk_server.store.departures import DepartedFaces, Departures
from facefolk_server.store.face_rows import FaceRows, moment
from facefolk_server.types import BoundingBox, Face, Point

_MIN_DEAD_ROWS = 1024
# How many faces that went are kept for the counts of neighbors, of those that are there.
_DEPARTED_SHARE = 16
_MIN_DEPARTED = 1024


@dataclass(frozen=True, slots=True, eq=False)
class FaceSnapshot:
    """A copy of the faces of a pack that later writes do not touch, by face id.

    `embeddings` are `(n, d) float32`, `frame_offsets_us` `(n,) int64`, `qualities`
    `(n,) float32`. `departed` are those that went lately.
    """

    face_ids: list[str]
    asset_ids: list[str]
    embeddings: NDArray[np.float32]
    frame_offsets_us: NDArray[np.int64]
    qualities: NDArray[np.float32]
    departed: DepartedFaces


@dataclass(frozen=True, slots=True)
class FoundFaces:
    """The assets of some faces, and the one of best quality; ties go to the lower id."""

    asset_ids: set[str]
    best_quality: float
    best_face_id: str


class FaceTable:
    """The faces of one pack; read under the library's lock unless said otherwise."""

    def __init__(self, pack: str, dimension: int) -> None:
        self.pack = pack
        self.dimension = dimension
        self._ids: list[str] = []
        self._assets: list[str] = []
        self._digests: list[str] = []
        self._embeddings = GrowingArray(np.float32, (dimension,))
        self._offsets = GrowingArray(np.int64)
        self._boxes = GrowingArray(np.float32, (4,))
        self._landmarks = GrowingArray(np.float32, (10,))
        self._scores = GrowingArray(np.float32)
        self._qualities = GrowingArray(np.float32)
        self._sizes = GrowingArray(np.int32, (2,))
        self._created = GrowingArray(np.int64)
        self._rows: dict[str, int] = {}
        self._rows_of_asset: dict[str, list[int]] = {}
        self._departures = Departures(dimension)
        self._changes = 0

    @property
    def changes(self) -> int:
        """A number that grows whenever a face comes, goes or is replaced."""
        return self._changes

    @property
    def count(self) -> int:
        """How many faces there are."""
        return len(self._rows)

    @property
    def ids(self) -> Sequence[str]:
        """The face id of each row, dead ones included; rows keep theirs for good."""
        return self._ids

    @property
    def embeddings(self) -> NDArray[np.float32]:
        """The embeddings of all rows `(n, d) float32`, zeros where a row is dead.

        The view stays whole after the lock is given back; a row of it may die meanwhile,
        which `row_of` tells.
        """
        return self._embeddings.rows

    def row_of(self, face_id: str) -> int | None:
        """Return the row of a face, None where it is not there."""
        return self._rows.get(face_id)

    def asset_of(self, row: int) -> str:
        """Return the asset of a row."""
        return self._assets[row]

    def digest_of(self, row: int) -> str:
        """Return the digest of the pack that made a row's embedding."""
        return self._digests[row]

    def offset_of(self, row: int) -> int:
        """Return the frame of a row in microseconds from the start of its film."""
        return int(self._offsets.rows[row])

    def rows_of_asset(self, asset_id: str) -> Sequence[int]:
        """Return the rows of an asset's faces, in no order."""
        return tuple(self._rows_of_asset.get(asset_id, ()))

    def quality_of(self, row: int) -> float:
        """Return the quality of a row's face, 0..1."""
        return float(self._qualities.rows[row])

    def found(self, face_ids: Iterable[str]) -> FoundFaces | None:
        """Tell of those of the faces that are here, None where none is."""
        rows = [row for face_id in face_ids if (row := self._rows.get(face_id)) is not None]
        if not rows:
            return None
        qualities = self._qualities.rows[rows]
        best = qualities.max()
        first = min(self._ids[rows[place]] for place in np.flatnonzero(qualities == best))
        return FoundFaces({self._assets[row] for row in rows}, float(best), first)

    def live_ids(self) -> Iterator[str]:
        """Yield the ids of all faces."""
        return iter(self._rows)

    def face(self, row: int) -> Face:
        """Return the face of a row."""
        points = self._landmarks.rows[row].tolist()
        left, right, nose, mouth_left, mouth_right = (
            Point(points[i], points[i + 1]) for i in range(0, 10, 2)
        )
        width, height = self._sizes.rows[row].tolist()
        return Face(
            face_id=self._ids[row],
            asset_id=self._assets[row],
            frame_offset_us=int(self._offsets.rows[row]),
            box=BoundingBox(*self._boxes.rows[row].tolist()),
            landmarks=(left, right, nose, mouth_left, mouth_right),
            score=float(self._scores.rows[row]),
            quality=float(self._qualities.rows[row]),
            image_width=width,
            image_height=height,
            pack=self.pack,
            pack_digest=self._digests[row],
            create_time=moment(int(self._created.rows[row])),
        )

    def faces_of_asset(self, asset_id: str) -> list[Face]:
        """Return the faces of an asset, in no order."""
        return [self.face(row) for row in self._rows_of_asset.get(asset_id, ())]

    def faces_of_frame(self, asset_id: str, frame_offset_us: int) -> list[Face]:
        """Return the faces of a frame, in no order."""
        offsets = self._offsets.rows
        return [
            self.face(row)
            for row in self._rows_of_asset.get(asset_id, ())
            if offsets[row] == frame_offset_us
        ]

    def snapshot(self, pack_digest: str | None = None) -> FaceSnapshot:
        """Copy the faces in order of their ids; only those of one digest where it is given."""
        ids = sorted(
            face_id
            for face_id, row in self._rows.items()
            if pack_digest is None or self._digests[row] == pack_digest
        )
        rows = np.fromiter((self._rows[i] for i in ids), np.int64, len(ids))
        return FaceSnapshot(
            face_ids=ids,
            asset_ids=[self._assets[row] for row in rows.tolist()],
            embeddings=self._embeddings.rows[rows],
            frame_offsets_us=self._offsets.rows[rows],
            qualities=self._qualities.rows[rows],
            departed=self._departures.snapshot(),
        )

    def forget_departed(self, until: int) -> None:
        """Forget the faces that went before so many had gone; see `DepartedFaces`."""
        self._departures.forget(until)

    def put(self, rows: FaceRows) -> None:
        """Add faces; those whose ids are here already are replaced."""
        self.remove(rows.face_ids)
        self._changes += len(rows)
        first = len(self._ids)
        self._ids.extend(rows.face_ids)
        # Faces share the texts of their asset and digest.
        self._assets.extend(map(sys.intern, rows.asset_ids))
        self._digests.extend(map(sys.intern, rows.pack_digests))
        self._embeddings.extend(rows.embeddings)
        self._offsets.extend(rows.frame_offsets_us)
        self._boxes.extend(rows.boxes)
        self._landmarks.extend(rows.landmarks)
        self._scores.extend(rows.scores)
        self._qualities.extend(rows.qualities)
        self._sizes.extend(rows.sizes)
        self._created.extend(rows.create_times_us)
        for row in range(first, len(self._ids)):
            self._rows[self._ids[row]] = row
            self._rows_of_asset.setdefault(self._assets[row], []).append(row)

    def remove(self, face_ids: Iterable[str]) -> None:
        """Take faces away; those that are not here are passed over."""
        for face_id in face_ids:
            row = self._rows.pop(face_id, None)
            if row is None:
                continue
            self._changes += 1
            most = max(_MIN_DEPARTED, len(self._rows) // _DEPARTED_SHARE)
            embedding = self._embeddings.rows[row]
            self._departures.note(face_id, embedding, self.quality_of(row), at_most=most)
            embedding[:] = 0.0
            left = self._rows_of_asset[self._assets[row]]
            left.remove(row)
            if not left:
                del self._rows_of_asset[self._assets[row]]

    def without_dead_rows(self) -> FaceTable:
        """Return the table itself, or a copy without dead rows where they are many.

        Whoever still reads the old one sees the faces as they were.
        """
        dead = len(self._ids) - len(self._rows)
        if dead < max(_MIN_DEAD_ROWS, len(self._rows)):
            return self
        rows = np.fromiter(self._rows.values(), np.int64, len(self._rows))
        rows.sort()
        copy = FaceTable(self.pack, self.dimension)
        copy.put(
            FaceRows(
                face_ids=[self._ids[row] for row in rows.tolist()],
                asset_ids=[self._assets[row] for row in rows.tolist()],
                pack_digests=[self._digests[row] for row in rows.tolist()],
                embeddings=self._embeddings.rows[rows],
                frame_offsets_us=self._offsets.rows[rows],
                boxes=self._boxes.rows[rows],
                landmarks=self._landmarks.rows[rows],
                scores=self._scores.rows[rows],
                qualities=self._qualities.rows[rows],
                sizes=self._sizes.rows[rows],
                create_times_us=self._created.rows[rows],
            )
        )
        copy._changes = self._changes
        copy._departures = self._departures
        return copy
