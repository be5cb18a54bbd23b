"""Fits and judges the probability that a match is right, by its distance.

Each labelled face is asked about twice, among the labelled faces of other pictures: once as
it is, when its nearest face of the same person is the match to be; once as if its person
were not there, when its nearest face of another is. So rights and wrongs are even.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from facefolk_server.vision.calibration import Calibration
from numpy.typing import NDArray

from bench.quality.embedded import Faces

DoubleArray = NDArray[np.float64]
_STEPS = 100
_BINS = 10
SEED = 3


@dataclass(frozen=True, slots=True)
class CalibrationScores:
    """How well a calibration foretells.

    `brier` is the mean squared error, 0.25 for always saying 0.5; `error` the expected
    calibration error over ten bins; `fitted_middle` and `fitted_width` are what suits the
    album itself, and `held_out_error` the error of a fit to half of the people on the others.
    """

    matches: int
    people: int
    middle: float
    width: float
    brier: float
    error: float
    fitted_middle: float
    fitted_width: float
    held_out_error: float


def judge_calibration(faces: Faces, calibration: Calibration) -> CalibrationScores:
    """Judge a calibration on an album, and fit another."""
    known = faces.take(faces.known)
    right, wrong = _matches(known)
    people = np.unique(known.labels)
    half = np.isin(known.labels, np.random.default_rng(SEED).permutation(people)[::2])
    count = len(people)
    fitted = fit(right, wrong, candidates=count)
    held_out = fit(*_matches(known.take(half)), candidates=(count + 1) // 2)
    others = _matches(known.take(~half))
    return CalibrationScores(
        matches=len(right) + len(wrong),
        people=count,
        middle=calibration.middle,
        width=calibration.width,
        brier=_brier(calibration, right, wrong, candidates=count),
        error=_error(calibration, right, wrong, candidates=count),
        fitted_middle=fitted.middle,
        fitted_width=fitted.width,
        held_out_error=_error(held_out, *others, candidates=count // 2),
    )


def fit(right: DoubleArray, wrong: DoubleArray, *, candidates: int) -> Calibration:
    """Fit a logistic curve to distances of right and wrong matches, by Newton's method.

    They are the nearest of so many people.

    A little prior keeps it finite where the two can be told apart by a distance: each match
    counts as its opposite with one in its number plus two (Platt, 1999).
    """
    distances = np.concatenate((right, wrong))
    targets = np.concatenate(
        (
            np.full(len(right), (len(right) + 1) / (len(right) + 2)),
            np.full(len(wrong), 1 / (len(wrong) + 2)),
        )
    )
    middle, spread = distances.mean(), distances.std()
    columns = np.stack((np.ones(len(distances)), (distances - middle) / spread), axis=1)
    weights = np.zeros(2)
    for _ in range(_STEPS):
        given = 0.5 + 0.5 * np.tanh(columns @ weights / 2)
        slope = columns.T @ (targets - given)
        curvature = (columns * (given * (1 - given))[:, None]).T @ columns
        step = np.linalg.solve(curvature + 1e-9 * np.eye(2), slope)
        weights += step
        if np.abs(step).max() < 1e-10:
            break
    width = float(-spread / weights[1])
    even = float(middle - weights[0] / weights[1] * spread)
    return Calibration(even + width * math.log(candidates), width)


def _matches(known: Faces) -> tuple[DoubleArray, DoubleArray]:
    """Return the distances of right and of wrong matches."""
    distances = known.distances()
    distances[known.picture[:, None] == known.picture] = np.inf
    alike = known.labels[:, None] == known.labels
    right = np.where(alike, distances, np.inf).min(axis=1)
    wrong = np.where(alike, np.inf, distances).min(axis=1)
    return right[np.isfinite(right)], wrong[np.isfinite(wrong)]


def _given(
    calibration: Calibration, right: DoubleArray, wrong: DoubleArray, candidates: int
) -> tuple[DoubleArray, DoubleArray]:
    given = np.array(
        [
            calibration.probability(distance, candidates=candidates)
            for distance in (*right.tolist(), *wrong.tolist())
        ]
    )
    return given, np.repeat([1.0, 0.0], [len(right), len(wrong)])


def _brier(
    calibration: Calibration, right: DoubleArray, wrong: DoubleArray, *, candidates: int
) -> float:
    given, truth = _given(calibration, right, wrong, candidates)
    return float(((given - truth) ** 2).mean())


def _error(
    calibration: Calibration, right: DoubleArray, wrong: DoubleArray, *, candidates: int
) -> float:
    given, truth = _given(calibration, right, wrong, candidates)
    bins = np.minimum((given * _BINS).astype(int), _BINS - 1)
    off = np.bincount(bins, weights=given - truth, minlength=_BINS)
    return float(np.abs(off).sum() / len(given))
