"""Generated faces: people of uneven sizes whose faces lie around a center of their own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DIMENSION = 128
_GRID = 2.0**24


def generated(
    count: int, *, seed: int = 7, mean_size: float = 50.0, spread: float = 0.65
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return embeddings `(n, 128) float32`, multiples of 2**-24, and who each is of.

    Sizes are lognormal. `spread` is how far faces lie from their center, as the length of
    the deviation: at 0.65 most pairs of one person are within 0.5 and few of two are.
    """
    random = np.random.default_rng(seed)
    sizes: list[int] = []
    while sum(sizes) < count:
        sizes.append(max(1, round(random.lognormal(np.log(mean_size) - 0.5, 1.0))))
    people = np.repeat(np.arange(len(sizes)), sizes)[:count]
    embeddings = np.empty((count, DIMENSION), np.float32)
    centers = _unit(random.normal(size=(len(sizes), DIMENSION)))
    for start in range(0, count, 65536):
        rows = people[start : start + 65536]
        deviation = random.normal(size=(len(rows), DIMENSION)) / np.sqrt(DIMENSION)
        near = _unit(centers[rows] + spread * deviation)
        embeddings[start : start + len(rows)] = np.rint(near * _GRID) / _GRID
    order = random.permutation(count)
    return embeddings[order], people[order]


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
