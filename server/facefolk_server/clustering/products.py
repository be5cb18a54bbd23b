"""Blocks of the product of two sets of faces: which pairs are within a distance, exactly.

A float32 product finds candidates a little past the limit; float64 decides. Embeddings are
multiples of 2**-24, so every partial sum of a float64 product is exact: blocks, threads and
the order of summation change nothing.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np

from facefolk_server.clustering.model import (
    BoolArray,
    DoubleArray,
    FloatArray,
    IntArray,
    Progress,
    RankArray,
)

T = TypeVar("T")


class Part(Protocol):
    """A piece of work."""

    @property
    def cells(self) -> int:
        """How many products it takes."""


P = TypeVar("P", bound=Part)

# A float32 product of unit vectors is off by far less than this (design 5).
CANDIDATE_MARGIN = 1e-5
# A block of products is 8 MB: it stays in the cache between the product and the comparison.
_BLOCK_ROWS = 1024
_BLOCK_COLUMNS = 2048
# Above this share of candidates a float64 product of the block is faster than one per pair.
_DENSE = 1 / 24
_GATHERED_AT_ONCE = 2048


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


@dataclass(frozen=True, slots=True)
class Block:
    """Which rows and columns of a product are looked at together."""

    row: int
    row_end: int
    column: int
    column_end: int

    @property
    def cells(self) -> int:
        """How many products it holds."""
        return (self.row_end - self.row) * (self.column_end - self.column)


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Pairs that may be within the distance, by place in the block, `(p,)` each.

    `distances` are float32; `limits` are up to where each is near, `(p,)` or one for all.
    """

    left: IntArray
    right: IntArray
    distances: FloatArray
    limits: DoubleArray

    def __len__(self) -> int:
        return len(self.left)

    def where(self, chosen: BoolArray) -> Candidates:
        """Return the chosen candidates."""
        limits = self.limits[chosen] if self.limits.ndim else self.limits
        return Candidates(self.left[chosen], self.right[chosen], self.distances[chosen], limits)


def triangle(count: int) -> list[Block]:
    """Return blocks that cover every pair of `count` faces, those on the diagonal twice."""
    return [
        Block(row, min(row + _BLOCK_ROWS, count), column, min(column + _BLOCK_COLUMNS, count))
        for row in range(0, count, _BLOCK_ROWS)
        for column in range(row, count, _BLOCK_COLUMNS)
    ]


def rectangle(rows: int, columns: int) -> list[Block]:
    """Return blocks that cover every product of so many rows and columns."""
    return [
        Block(row, min(row + _BLOCK_ROWS, rows), column, min(column + _BLOCK_COLUMNS, columns))
        for row in range(0, rows, _BLOCK_ROWS)
        for column in range(0, columns, _BLOCK_COLUMNS)
    ]


class Products:
    """The products of `rows` and `columns`, block by block; used by several threads.

    What many of them need in turn may be their common `scratch`.
    """

    def __init__(
        self,
        rows: Vectors,
        columns: Vectors,
        *,
        max_distance: float,
        scratch: Scratch | None = None,
    ) -> None:
        self._rows = rows
        self._columns = columns
        self._max_distance = max_distance
        self._scratch = scratch or Scratch()

    def candidates(self, block: Block) -> Candidates:
        """Return the pairs of a block that may be within the distance."""
        rows = self._rows.embeddings[block.row : block.row_end]
        columns = self._columns.embeddings[block.column : block.column_end]
        products = self._scratch.products[: block.cells]
        np.matmul(rows, columns.T, out=products.reshape(len(rows), len(columns)))
        floor = np.float32(1.0 - self._max_distance - CANDIDATE_MARGIN)
        near = np.greater_equal(products, floor, out=self._scratch.near[: block.cells])
        flat = np.flatnonzero(near)
        left, right = np.divmod(flat, len(columns))
        distances = np.float32(1.0) - products[flat]
        if self._rows.reaches is None or self._columns.reaches is None:
            return Candidates(left, right, distances, np.array(self._max_distance))
        limits = np.minimum(
            self._rows.reaches[left + block.row], self._columns.reaches[right + block.column]
        )
        found = Candidates(left, right, distances, limits)
        return found.where(distances <= limits + CANDIDATE_MARGIN)

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
        unsure = near.distances > near.limits - CANDIDATE_MARGIN
        needed = np.flatnonzero(asked | unsure)
        distances = near.distances.astype(np.float64)
        distances[needed] = _exact(rows, columns, near.left[needed], near.right[needed])
        return distances


class Scratch(threading.local):
    """Memory that each thread uses again for block after block."""

    def __init__(self) -> None:
        self.products = np.empty(_BLOCK_ROWS * _BLOCK_COLUMNS, np.float32)
        self.near = np.empty(_BLOCK_ROWS * _BLOCK_COLUMNS, np.bool_)


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
