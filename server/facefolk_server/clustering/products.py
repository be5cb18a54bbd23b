"""Blocks of the product of two sets of faces: which pairs are within a distance, exactly.

A screen finds candidates a little past the limit (see `screens`); float64 decides. Embeddings
are multiples of 2**-24, so every partial sum of a float64 product is exact: blocks, threads
and the order of summation change nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

import numpy as np

from facefolk_server.clustering.byte_products import (
    ByteFaces,
    ByteProduct,
    as_columns,
    as_rows,
    most_off,
)
from facefolk_server.clustering.model import (
    BoolArray,
    DoubleArray,
    FloatArray,
    IntArray,
    Progress,
    RankArray,
)
from facefolk_server.clustering.screens import (
    Block,
    ByteScreen,
    FloatScreen,
    Scratch,
    Screen,
)

T = TypeVar("T")


class Part(Protocol):
    """A piece of work."""

    @property
    def cells(self) -> int:
        """How many products it takes."""


P = TypeVar("P", bound=Part)

# Above this share of candidates a float64 product of the block is faster than one per pair.
_DENSE = 1 / 24
_GATHERED_AT_ONCE = 2048
# With fewer rows, rounding all columns to bytes takes longer than what it saves.
_LEAST_ROWS = 256
# Where rounded products are farther off, too many pairs beyond the distance are candidates.
_MOST_OFF = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Vectors:
    """Faces as a search sees them: `embeddings` `(n, d) float32`, all else `(n,)` or None.

    A pair is within the distance if it is within the smaller one of the two `reaches`; a
    face that is not `counted` is no neighbor of others, though its own are counted.
    """

    embeddings: FloatArray
    reaches: DoubleArray | None = None
    counted: BoolArray | None = None

    def __len__(self) -> int:
        return len(self.embeddings)

    def at(self, places: RankArray) -> Vectors:
        """Return the faces at these places."""
        return Vectors(
            self.embeddings[places],
            None if self.reaches is None else self.reaches[places],
            None if self.counted is None else self.counted[places],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Pairs that may be within the distance, by place in the block, `(p,)` each.

    `distances` are float32, off by less than the `margin`; `limits` are up to where each is
    near, `(p,)` or one for all.
    """

    left: IntArray
    right: IntArray
    distances: FloatArray
    limits: DoubleArray
    margin: float

    def __len__(self) -> int:
        return len(self.left)

    def where(self, chosen: BoolArray) -> Candidates:
        """Return the chosen candidates."""
        limits = self.limits[chosen] if self.limits.ndim else self.limits
        return replace(
            self,
            left=self.left[chosen],
            right=self.right[chosen],
            distances=self.distances[chosen],
            limits=limits,
        )


class Products:
    """The products of `rows` and `columns`, block by block; used by several threads.

    `screen` finds the candidates among them.
    """

    def __init__(
        self, rows: Vectors, columns: Vectors, screen: Screen, *, max_distance: float
    ) -> None:
        self._rows = rows
        self._columns = columns
        self._screen = screen
        self._max_distance = max_distance

    def candidates(self, block: Block) -> Candidates:
        """Return the pairs of a block that may be within the distance."""
        left, right, distances = self._screen(block)
        margin = self._screen.margin
        if self._rows.reaches is None or self._columns.reaches is None:
            return Candidates(left, right, distances, np.array(self._max_distance), margin)
        limits = np.minimum(
            self._rows.reaches[left + block.row], self._columns.reaches[right + block.column]
        )
        found = Candidates(left, right, distances, limits, margin)
        return found.where(distances <= limits + margin)

    def distances(self, block: Block, near: Candidates, *, asked: BoolArray) -> DoubleArray:
        """Return the distances of candidates, `(p,)`.

        Exact for the pairs `asked` for and for all that lie at their limit; the others are
        on the right side of it.
        """
        rows = self._rows.embeddings[block.row : block.row_end]
        columns = self._columns.embeddings[block.column : block.column_end]
        if len(near) > _DENSE * block.cells:
            exact = 1.0 - rows.astype(np.float64) @ columns.astype(np.float64).T
            return np.asarray(exact[near.left, near.right], np.float64)
        unsure = near.distances > near.limits - near.margin
        needed = np.flatnonzero(asked | unsure)
        distances = near.distances.astype(np.float64)
        distances[needed] = _exact(rows, columns, near.left[needed], near.right[needed])
        return distances


class ProductTable:
    """The products of `faces` with any; with `multiply` candidates are found by bytes."""

    def __init__(
        self, faces: Vectors, *, max_distance: float, multiply: ByteProduct | None = None
    ) -> None:
        self._faces = faces
        self._max_distance = max_distance
        self._multiply = multiply
        self._columns: ByteFaces | None = None

    def of(self, rows: Vectors) -> Products:
        """Return the products of these rows and all faces."""
        screen = self._byte_screen(rows) or self._float_screen(rows, self._faces, Scratch())
        return Products(rows, self._faces, screen, max_distance=self._max_distance)

    def tile(self, rows: RankArray, columns: RankArray, scratch: Scratch) -> Products:
        """Return the products of some faces and some; many tiles may share their `scratch`."""
        own, others = self._faces.at(rows), self._faces.at(columns)
        screen = self._float_screen(own, others, scratch)
        return Products(own, others, screen, max_distance=self._max_distance)

    def _float_screen(self, rows: Vectors, columns: Vectors, scratch: Scratch) -> Screen:
        return FloatScreen(
            rows.embeddings,
            columns.embeddings,
            max_distance=self._max_distance,
            scratch=scratch,
        )

    def _byte_screen(self, rows: Vectors) -> Screen | None:
        """Return a screen by bytes, None where it is not worth while."""
        if self._multiply is None or len(rows) < _LEAST_ROWS:
            return None
        if self._columns is None:
            self._columns = as_columns(self._faces.embeddings)
        rounded = as_rows(rows.embeddings)
        if most_off(rounded, self._columns) > _MOST_OFF:
            return None
        return ByteScreen(
            self._multiply,
            rounded,
            self._columns,
            max_distance=self._max_distance,
            scratch=Scratch(),
        )


def in_threads(
    blocks: Sequence[P],
    examine: Callable[[P], T],
    *,
    threads: int,
    progress: Progress,
) -> Iterator[T]:
    """Yield what is found in each block, in their order; few are examined ahead.

    `progress` is told after each block how many products are done; what it raises stops it.
    """
    total = sum(block.cells for block in blocks)
    done = 0
    waiting: deque[tuple[int, Future[T]]] = deque()
    pool = ThreadPoolExecutor(threads, thread_name_prefix="neighbors")
    try:
        for block in blocks:
            waiting.append((block.cells, pool.submit(examine, block)))
            if len(waiting) > 2 * threads:
                done += waiting[0][0]
                yield waiting.popleft()[1].result()
                progress(done, total)
        while waiting:
            done += waiting[0][0]
            yield waiting.popleft()[1].result()
            progress(done, total)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _exact(
    rows: FloatArray, columns: FloatArray, left: IntArray, right: IntArray
) -> DoubleArray:
    """Return the cosine distances of these pairs, each a multiple of 2**-48."""
    found = np.empty(len(left))
    for start in range(0, len(left), _GATHERED_AT_ONCE):
        part = slice(start, start + _GATHERED_AT_ONCE)
        some = (rows[left[part]], columns[right[part]])
        found[part] = 1.0 - np.einsum("ij,ij->i", *some, dtype=np.float64)
    return found
