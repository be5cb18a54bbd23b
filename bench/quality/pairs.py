"""How well distances tell whether two faces are of one person."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.quality.embedded import Faces

FALSE_RATES = (1e-2, 1e-3, 1e-4)


@dataclass(frozen=True, slots=True)
class PairScores:
    """Verification on all pairs of labelled faces.

    `accuracy`, `true_rate` and `false_rate` `(k,)` at each of `distances`; `true_rates` at
    each of `FALSE_RATES`, with the distance at which that rate is met; `best_distance` is
    where true positive rate minus false positive rate is largest.
    """

    same: int
    different: int
    distances: list[float]
    balanced_accuracy: list[float]
    true_rate: list[float]
    false_rate: list[float]
    true_rates: list[float]
    at_distances: list[float]
    best_distance: float


def judge_pairs(faces: Faces, distances: list[float]) -> PairScores:
    """Judge every pair of labelled faces by its distance."""
    known = faces.take(faces.known)
    first, second = np.triu_indices(len(known), 1)
    between = known.distances()[first, second]
    alike = known.labels[first] == known.labels[second]
    same, different = np.sort(between[alike]), np.sort(between[~alike])
    true_rate = [_share(same, d) for d in distances]
    false_rate = [_share(different, d) for d in distances]
    cuts = [_cut(different, rate) for rate in FALSE_RATES]
    grid = np.unique(np.concatenate((same, different[:: max(1, len(different) // 10000)])))
    gain = [_share(same, d) - _share(different, d) for d in grid]
    return PairScores(
        same=len(same),
        different=len(different),
        distances=distances,
        balanced_accuracy=[(t + 1 - f) / 2 for t, f in zip(true_rate, false_rate, strict=True)],
        true_rate=true_rate,
        false_rate=false_rate,
        true_rates=[_share(same, cut) for cut in cuts],
        at_distances=cuts,
        best_distance=float(grid[int(np.argmax(gain))]) if len(grid) else 0.0,
    )


def _share(values: NDArray[np.float64], distance: float) -> float:
    """Return which share of sorted values is at most this distance."""
    if not len(values):
        return 0.0
    return float(np.searchsorted(values, distance, side="right") / len(values))


def _cut(different: NDArray[np.float64], rate: float) -> float:
    """Return the largest distance below which at most this share of pairs lies."""
    allowed = int(rate * len(different))
    if allowed >= len(different):
        return 2.0
    return float(np.nextafter(different[allowed], -1))
