"""What others do: DBSCAN, HDBSCAN, and the plain procedure that takes face by face."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import DBSCAN, HDBSCAN

from bench.quality.scores import NOBODY, IntArray

Distances = NDArray[np.float64]


def dbscan(distances: Distances, *, distance: float, minimum: int) -> IntArray:
    """Group `(n, n)` distances with scikit-learn's DBSCAN."""
    model = DBSCAN(eps=distance, min_samples=minimum, metric="precomputed")
    return np.asarray(model.fit_predict(distances), np.int64)


def hdbscan(distances: Distances, *, minimum: int) -> IntArray:
    """Group `(n, n)` distances with scikit-learn's HDBSCAN, which takes no distance."""
    model = HDBSCAN(min_cluster_size=max(minimum, 2), metric="precomputed", copy=True)
    return np.asarray(model.fit_predict(distances), np.int64)


def greedy(distances: Distances, *, distance: float, minimum: int, order: IntArray) -> IntArray:
    """Take each face in turn, as photo libraries do.

    A face joins the person of the nearest assigned face in reach; else it becomes a new
    person if it is core; else it is put off once, and then joins whom it reaches.
    """
    near = distances <= distance
    core = near.sum(axis=1) >= minimum
    groups = np.full(len(distances), NOBODY, np.int64)
    later = []
    count = 0
    for face in order:
        nearest = _nearest(distances[face], near[face] & (groups != NOBODY))
        if nearest is not None:
            groups[face] = groups[nearest]
        elif core[face]:
            groups[face] = count
            count += 1
        else:
            later.append(face)
    for face in later:
        nearest = _nearest(distances[face], near[face] & (groups != NOBODY))
        if nearest is not None:
            groups[face] = groups[nearest]
    return groups


def _nearest(distances: Distances, reach: NDArray[np.bool_]) -> int | None:
    rows = np.flatnonzero(reach)
    if not len(rows):
        return None
    return int(rows[distances[rows].argmin()])
