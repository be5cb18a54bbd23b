"""Bridges made on purpose between generated people: the guard holds, plain growth does not."""

from __future__ import annotations

import numpy as np
import pytest
from facefolk_server.clustering import ChainGuard, QualityGate, RoundParameters
from facefolk_server.service.resolved import Resolved, resolve
from facefolk_server.types import RecognitionSettings, RoundMode
from facefolk_server.vision.embedders.embedder import normalize

from bench.quality.bridges import build_bridges, judge_bridges

GUARD = ChainGuard.at(0.5)


def library(distance: float) -> Resolved:
    """The settings of a library at this distance."""
    return resolve(
        RecognitionSettings(max_recognition_distance=distance),
        pack="open",
        pack_digest="digest",
        recommended_min_score=0.7,
        recommended_distance=0.5,
        guard_distance=None,
    )


@pytest.fixture(scope="module")
def people() -> tuple[np.ndarray, np.ndarray]:
    """120 people with 3 to 40 faces each, most with few, about 0.3 apart from their own."""
    random = np.random.default_rng(8)
    sizes = 3 + np.minimum(random.geometric(0.1, 120), 37)
    middles = normalize(random.normal(size=(120, 128)).astype(np.float32))
    labels = np.repeat(np.arange(120), sizes)
    noise = random.normal(size=(len(labels), 128)) / np.sqrt(128)
    return normalize((middles[labels] + 0.65 * noise).astype(np.float32)), labels


def test_bridges_lie_between_the_two(people) -> None:
    embeddings, labels = people
    made, between = build_bridges(embeddings, labels)
    numbers = np.unique(between, axis=0, return_counts=True)[1]
    assert len(numbers) == 50
    assert set(numbers.tolist()) == {1, 2, 3}
    for side in between.T:
        nearest = [
            1 - (embeddings[labels == who] @ face).max()
            for who, face in zip(side, made, strict=True)
        ]
        assert max(nearest) < 0.4


@pytest.mark.parametrize("distance", [0.45, 0.5, 0.55, 0.6])
@pytest.mark.parametrize("gate", [None, QualityGate()])
def test_the_guard_keeps_people_apart_and_lists_the_bridges(people, distance, gate) -> None:
    parameters = RoundParameters(
        RoundMode.ALL, distance, 3, chain_guard=GUARD, quality_gate=gate
    )
    scores = judge_bridges(*people, parameters, settings=library(distance))
    assert scores.between > 0.9 * scores.bridges
    assert (scores.mixed, scores.unlisted) == (0, 0)
    assert scores.wrong <= 5


def test_without_the_guard_people_merge(people) -> None:
    plain = RoundParameters(RoundMode.ALL, 0.5, 3)
    scores = judge_bridges(*people, plain, settings=library(0.5))
    assert scores.mixed > 0
    assert scores.merged >= scores.mixed
    twice = judge_bridges(*people, plain, settings=library(0.5), draws=2)
    assert (twice.pairs, twice.bridges > scores.bridges) == (2 * scores.pairs, True)
    assert twice.merged > scores.merged
