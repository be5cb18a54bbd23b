"""Inverted lists: faces by the nearest of many centers, found by k-means.

Faces near each other mostly have the same nearest center, or each other's among their
nearest few (J. Sivic and A. Zisserman, Video Google, 2003; S. Lloyd, 1982).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facefolk_server.clustering.model import FloatArray, IntArray

# Rounds of k-means, and faces of the sample for each list; more of either hardly helps.
_TURNS = 6
SAMPLED_PER_LIST = 24
_ROWS_AT_ONCE = 2048
_SEED = 7


def unchecked() -> None:
    """Go on."""


@dataclass(frozen=True, slots=True, eq=False)
class Lists:
    """Centers `(k, d) float32` of unit length."""

    centers: FloatArray

    def __len__(self) -> int:
        return len(self.centers)

    def nearest(
        self,
        embeddings: FloatArray,
        *,
        count: int,
        threads: int = 1,
        check: Callable[[], None] = unchecked,
    ) -> NDArray[np.int32]:
        """Return the nearest lists of each embedding, `(n, count)`, the nearest one first.

        The others are in no order. What `check` raises stops the work.
        """
        found = np.empty((len(embeddings), count), np.int32)

        def look(start: int) -> None:
            products = embeddings[start : start + _ROWS_AT_ONCE] @ self.centers.T
            rows = np.arange(len(products))
            home = products.argmax(axis=1)
            if count > 1:
                products[rows, home] = np.inf
                some = np.argpartition(products, len(self) - count, axis=1)[:, -count:]
                place = np.argmax(some == home[:, None], axis=1)
                some[rows, place] = some[:, 0]
                found[start : start + len(rows)] = some
            found[start : start + len(rows), 0] = home

        _in_parts(len(embeddings), look, threads=threads, check=check)
        return found

    def ranks(self, embeddings: FloatArray, lists: NDArray[np.int32]) -> IntArray:
        """Return how many lists are nearer to each embedding `(n, d)` than its of `(n,)`."""
        found = np.empty(len(embeddings), np.intp)
        for start in range(0, len(embeddings), _ROWS_AT_ONCE):
            part = slice(start, start + _ROWS_AT_ONCE)
            products = embeddings[part] @ self.centers.T
            own = products[np.arange(len(products)), lists[part]]
            found[part] = (products > own[:, None]).sum(axis=1)
        return found


def make_lists(
    embeddings: FloatArray,
    count: int,
    *,
    threads: int = 1,
    check: Callable[[], None] = unchecked,
) -> Lists:
    """Return lists that suit these embeddings `(n, d)`; at most as many as there are."""
    random = np.random.default_rng(_SEED)
    size = min(len(embeddings), count * SAMPLED_PER_LIST)
    sample = embeddings[np.sort(random.choice(len(embeddings), size, replace=False))]
    centers = sample[random.choice(size, min(count, size), replace=False)].copy()
    for _ in range(_TURNS):
        homes = Lists(centers).nearest(sample, count=1, threads=threads, check=check)[:, 0]
        centers = _means(sample, homes, centers)
    return Lists(centers)


def _means(sample: FloatArray, homes: NDArray[np.int32], centers: FloatArray) -> FloatArray:
    """Return the centers of those at home in each list; the old one where nobody is."""
    order = np.argsort(homes, kind="stable")
    ends = np.cumsum(np.bincount(homes, minlength=len(centers)))
    starts = np.concatenate(([0], ends[:-1]))
    filled = np.flatnonzero(ends > starts)
    sums = np.add.reduceat(sample[order].astype(np.float64), starts[filled], axis=0)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    made = centers.copy()
    made[filled] = np.where(lengths > 0, sums / np.maximum(lengths, 1e-30), centers[filled])
    return made


def _in_parts(
    count: int, work: Callable[[int], None], *, threads: int, check: Callable[[], None]
) -> None:
    if count <= _ROWS_AT_ONCE:
        return work(0) if count else None
    with ThreadPoolExecutor(threads, thread_name_prefix="lists") as pool:
        parts: Iterator[None] = pool.map(work, range(0, count, _ROWS_AT_ONCE))
        try:
            for _ in parts:
                check()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
