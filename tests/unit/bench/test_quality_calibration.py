from __future__ import annotations

import numpy as np
import pytest
from facefolk_server.vision.calibration import CALIBRATIONS, Calibration, calibration_of
from facefolk_server.vision.packs import PackTable
from unit.bench.test_quality_peers import faces

from bench.quality.calibration import fit, judge_calibration


def test_a_curve_falls_through_its_middle() -> None:
    curve = Calibration(middle=0.6, width=0.03)
    given = [curve.probability(distance) for distance in (0.0, 0.57, 0.6, 0.63, 2.0)]
    assert given == sorted(given, reverse=True)
    assert given[1:4] == pytest.approx([0.731, 0.5, 0.269], abs=1e-3)
    assert 0 <= given[4] < 1e-6 < 1 - 1e-6 < given[0] <= 1


def test_more_people_make_a_match_less_probable() -> None:
    curve = Calibration(middle=0.6, width=0.03)
    odds = [p / (1 - p) for p in (curve.probability(0.55, candidates=n) for n in (1, 10, 100))]
    assert odds[0] / odds[1] == pytest.approx(10)
    assert odds[1] / odds[2] == pytest.approx(10)


def test_every_pack_has_a_curve() -> None:
    for pack in (entry.pack() for entry in PackTable()):
        curve = calibration_of(pack.name, recommended_distance=pack.recommended_distance)
        assert curve == CALIBRATIONS.get(pack.name, curve)
        assert curve.probability(0.5 * pack.recommended_distance) > 0.99
        assert curve.probability(2 * pack.recommended_distance) < 0.01


def test_a_fit_finds_the_curve_that_drew_the_matches() -> None:
    random = np.random.default_rng(2)
    distances = random.uniform(0.2, 0.9, 20_000)
    truth = Calibration(middle=0.6, width=0.04)
    given = np.array([truth.probability(d, candidates=20) for d in distances.tolist()])
    right = random.random(len(distances)) < given
    fitted = fit(distances[right], distances[~right], candidates=20)
    assert fitted.middle == pytest.approx(truth.middle, abs=0.01)
    assert fitted.width == pytest.approx(truth.width, abs=0.003)


def test_what_can_be_told_apart_has_a_finite_curve() -> None:
    scores = judge_calibration(
        faces([0.0, 0.1, 1.0, 1.1, 2.0, 2.1], [0, 0, 1, 1, 2, 2]), Calibration(0.2, 0.02)
    )
    assert (scores.matches, scores.people) == (12, 3)
    assert 0.005 < scores.fitted_middle < 0.6
    assert scores.brier < 0.01
