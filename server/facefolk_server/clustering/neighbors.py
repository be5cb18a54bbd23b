"""All pairs of faces within a distance, exactly, by one symmetric blocked product.

A float32 product finds candidates a little past the limit; float64 decides. Embeddings are
multiples of 2**-24, so every partial sum of a float64 product is exact: blocks, threads and
the order of summation change nothing.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from facefolk_server.clustering.model import (
    BoolArray,
    DoubleArray,
    FloatArray,
    IntArray,
    Progress,
    unobserved,
)
from facefolk_server.clustering.pairs import Pairs, no_pairs, together

# A float32 product of unit vectors is off by far less than this (design 5).
CANDIDATE_MARGIN = 1e-5
# A block of products is 8 MB: it stays in the cache between the product and the comparison.
_BLOCK_ROWS = 1024
_BLOCK_COLUMNS = 2048
# Above this share of candidates a float64 product of the block is faster than one per pair.
_DENSE = 1 / 24
_GATHERED_AT_ONCE = 2048


class PairFilter(Protocol):
    """Says which pairs are worth an exact distance; the others are only counted."""

    def __call__(self, left: IntArray, right: IntArray, distances: FloatArray, /) -> BoolArray:
        """Answer for pairs with float32 distances, each off by less than the margin.

        Called from several threads.
        """


@dataclass(frozen=True, slots=True, eq=False)
class BlockPairs:
    """What one block of products holds.

    `row_counts` and `column_counts` are the numbers of faces within the limit, to be added
    from `first_row` and `first_column` on; `pairs` are those that the filter let through.
    """

    first_row: int
    first_column: int
    row_counts: IntArray
    column_counts: IntArray
    pairs: Pairs


class NeighborSearch:
    """Finds the pairs of `embeddings` `(n, d) float32` within a cosine distance, inclusive.

    With `reaches` `(n,)`, at most `max_distance` each, a pair is within the distance if it is
    within the smaller reach of the two. With `counted` `(n,)` the others do not count as
    neighbors; their own are counted. `threads` work beside the caller's. More than one
    pay only where the BLAS library of NumPy is limited to one thread; else it uses all
    processors for one product.
    """

    def __init__(
        self,
        embeddings: FloatArray,
        *,
        max_distance: float,
        reaches: DoubleArray | None = None,
        counted: BoolArray | None = None,
        threads: int = 1,
    ) -> None:
        self._embeddings = embeddings
        self._reaches = reaches
        self._counted = counted
        self._max_distance = max_distance
        self._threads = threads
        self._scratch = _Scratch()

    def blocks(
        self, wanted: PairFilter | None = None, *, progress: Progress = unobserved
    ) -> Iterator[BlockPairs]:
        """Yield block after block of the upper triangle, each pair once.

        Memory does not grow with the number of faces. `progress` is told after each block;
        what it raises stops the search.
        """
        tasks = _triangle(len(self._embeddings))
        total = sum(task.cells for task in tasks)
        done = 0
        waiting: deque[tuple[int, Future[BlockPairs]]] = deque()
        pool = ThreadPoolExecutor(self._threads, thread_name_prefix="neighbors")
        try:
            for task in tasks:
                waiting.append((task.cells, pool.submit(self._examine, task, wanted)))
                if len(waiting) > 2 * self._threads:
                    done += waiting[0][0]
                    yield waiting.popleft()[1].result()
                    progress(done, total)
            while waiting:
                done += waiting[0][0]
                yield waiting.popleft()[1].result()
                progress(done, total)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def pairs(self) -> Pairs:
        """Return all pairs within the distance at once."""
        return together(block.pairs for block in self.blocks())

    def _examine(self, task: _Block, wanted: PairFilter | None) -> BlockPairs:
        rows = self._embeddings[task.row : task.row_end]
        columns = self._embeddings[task.column : task.column_end]
        near = self._candidates(rows, columns, task)
        left, right = near.left, near.right
        asked = np.ones(len(left), bool)
        if wanted is not None:
            asked = wanted(left + task.row, right + task.column, near.distances)
        if len(left) > _DENSE * len(rows) * len(columns):
            exact = 1.0 - rows.astype(np.float64) @ columns.astype(np.float64).T
            distances = exact[left, right]
        else:
            unsure = near.distances > near.limits - CANDIDATE_MARGIN
            needed = np.flatnonzero(asked | unsure)
            distances = near.distances.astype(np.float64)
            distances[needed] = _exact(rows, columns, left[needed], right[needed])
        inside = distances <= near.limits
        if not inside.all():
            left, right, asked = left[inside], right[inside], asked[inside]
            distances = distances[inside]
        found = Pairs(
            (left[asked] + task.row).astype(np.int32),
            (right[asked] + task.column).astype(np.int32),
            distances[asked],
        )
        return BlockPairs(
            task.row,
            task.column,
            self._count(left, right + task.column, len(rows)),
            self._count(right, left + task.row, len(columns)),
            found if len(found) else no_pairs(),
        )

    def _count(self, faces: IntArray, others: IntArray, length: int) -> IntArray:
        if self._counted is not None:
            faces = faces[self._counted[others]]
        return np.bincount(faces, minlength=length)

    def _candidates(self, rows: FloatArray, columns: FloatArray, task: _Block) -> _Candidates:
        """Return the pairs that may be within the distance, by place in the block."""
        cells = len(rows) * len(columns)
        products = self._scratch.products[:cells]
        np.matmul(rows, columns.T, out=products.reshape(len(rows), len(columns)))
        floor = np.float32(1.0 - self._max_distance - CANDIDATE_MARGIN)
        flat = np.flatnonzero(np.greater_equal(products, floor, out=self._scratch.near[:cells]))
        left, right = np.divmod(flat, len(columns))
        if task.row == task.column:
            above = right > left
            flat, left, right = flat[above], left[above], right[above]
        distances = np.float32(1.0) - products[flat]
        if self._reaches is None:
            return _Candidates(left, right, distances, np.array(self._max_distance))
        limits = np.minimum(self._reaches[left + task.row], self._reaches[right + task.column])
        near = distances <= limits + CANDIDATE_MARGIN
        return _Candidates(left[near], right[near], distances[near], limits[near])


class _Scratch(threading.local):
    """Memory that each thread uses again for block after block."""

    def __init__(self) -> None:
        self.products = np.empty(_BLOCK_ROWS * _BLOCK_COLUMNS, np.float32)
        self.near = np.empty(_BLOCK_ROWS * _BLOCK_COLUMNS, np.bool_)


@dataclass(frozen=True, slots=True)
class _Block:
    row: int
    row_end: int
    column: int
    column_end: int

    @property
    def cells(self) -> int:
        return (self.row_end - self.row) * (self.column_end - self.column)


@dataclass(frozen=True, slots=True, eq=False)
class _Candidates:
    """Pairs with float32 distances, and up to where each is near: `(p,)` or one for all."""

    left: IntArray
    right: IntArray
    distances: FloatArray
    limits: DoubleArray


def _triangle(count: int) -> list[_Block]:
    """Return blocks that cover every pair of `count` faces once."""
    return [
        _Block(row, min(row + _BLOCK_ROWS, count), column, min(column + _BLOCK_COLUMNS, count))
        for row in range(0, count, _BLOCK_ROWS)
        for column in range(row, count, _BLOCK_COLUMNS)
    ]


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
