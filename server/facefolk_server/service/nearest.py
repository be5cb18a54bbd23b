"""Exact nearest rows of a matrix of embeddings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
# A float32 pass picks candidates this much past the limit; float64 decides (design 5).
CANDIDATE_MARGIN = 1e-5
# So that memory does not grow with rows times queries.
_ROWS_AT_ONCE = 65_536


@dataclass(frozen=True, slots=True, eq=False)
class NearRows:
    """Rows within a distance of one query, nearest first: `(k,) int64`, `(k,) float64`."""

    rows: NDArray[np.int64]
    distances: NDArray[np.float64]

    def part(self, start: int, end: int) -> NearRows:
        """Return some of them, by their places."""
        return NearRows(self.rows[start:end], self.distances[start:end])


def rows_within(
    matrix: FloatArray, queries: FloatArray, *, max_distance: float
) -> list[NearRows]:
    """Return for each query the rows within a cosine distance, inclusive, nearest first.

    `matrix` is `(n, d)`, `queries` `(q, d)`, both float32 and of unit length. Distances are
    1 - product in float64, which is exact for multiples of 2**-24; ties go to the lower row.
    """
    if not len(matrix) or not len(queries):
        nothing = NearRows(np.empty(0, np.int64), np.empty(0, np.float64))
        return [nothing] * len(queries)
    turned = np.ascontiguousarray(queries.T)
    floor = lowest(max_distance)
    candidates: list[list[NDArray[np.intp]]] = [[] for _ in queries]
    for start in range(0, len(matrix), _ROWS_AT_ONCE):
        products = matrix[start : start + _ROWS_AT_ONCE] @ turned
        for found, near in zip(candidates, (products >= floor).T, strict=True):
            found.append(np.flatnonzero(near) + start)
    return [
        refined(matrix, query, np.concatenate(found), max_distance)
        for query, found in zip(queries, candidates, strict=True)
    ]


def lowest(max_distance: float) -> np.float32:
    """Return the least float32 product of two vectors that may be within a distance."""
    return np.float32(1.0 - max_distance - CANDIDATE_MARGIN)


def distances_between(left: FloatArray, right: FloatArray) -> NDArray[np.float64]:
    """Return the cosine distances `(n, m)` of every pair in float64, none below 0."""
    products = left.astype(np.float64) @ right.astype(np.float64).T
    return np.maximum(0.0, 1.0 - products)


def refined(
    matrix: FloatArray, query: FloatArray, candidates: NDArray[np.int64], max_distance: float
) -> NearRows:
    """Return those of some rows that are within a distance of a query, as `rows_within`."""
    exact = 1.0 - matrix[candidates].astype(np.float64) @ query.astype(np.float64)
    distances = np.maximum(0.0, exact)
    inside = distances <= max_distance
    rows, distances = candidates[inside], distances[inside]
    order = np.lexsort((rows, distances))
    return NearRows(rows[order], distances[order])
