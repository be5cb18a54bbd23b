"""ALL without marks, hands, pruning and guard is DBSCAN; scikit-learn's is the oracle."""

from __future__ import annotations

import random

import numpy as np
import pytest
from drawing import drawn
from facefolk_server.clustering import RoundParameters
from facefolk_server.types import Reason, RoundMode
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import DBSCAN
from unit.clustering.reference import NaiveFace
from unit.clustering.states import ours, rounded


def points(random_state: np.random.Generator, *, count: int) -> np.ndarray:
    """Unit vectors around middles, many of them tied or the same."""
    dimension = random_state.choice([2, 3, 8, 32])
    middles = random_state.normal(size=(max(1, count // 25), dimension))
    spread = random_state.choice([0.1, 0.3, 0.6]) * random_state.random((len(middles), 1))
    which = random_state.integers(len(middles), size=count)
    noise = random_state.normal(size=(count, dimension))
    vectors = middles[which] + (spread[which] * noise)
    steps = random_state.choice([4, 16, 10_000])
    vectors = np.rint(vectors * steps) / steps
    vectors[~vectors.any(axis=1), 0] = 1.0
    copied = random_state.random(count) < 0.1
    vectors[copied] = vectors[random_state.integers(count, size=int(copied.sum()))]
    return rounded(vectors)


def distances(embeddings: np.ndarray) -> np.ndarray:
    exact = embeddings.astype(np.float64)
    between = 1.0 - exact @ exact.T
    np.fill_diagonal(between, 0.0)
    return between


def assert_same(embeddings: np.ndarray, *, e: float, m: int, names: np.ndarray) -> None:
    count = len(embeddings)
    faces = [
        NaiveFace(f"f{name:05d}", f"a{name}", embedding)
        for name, embedding in zip(names.tolist(), embeddings.tolist(), strict=True)
    ]
    parameters = RoundParameters(RoundMode.ALL, e, m, one_face_per_asset=False)
    result = ours(faces, parameters)
    between = distances(embeddings)
    # The oracle takes neither a limit of 0 nor distances below 0, which copies may have by a
    # rounding; distances are multiples of 2**-48.
    oracle = DBSCAN(eps=max(e, 1e-20), min_samples=m, metric="precomputed").fit(
        np.maximum(between, 0.0)
    )
    core = np.zeros(count, bool)
    core[oracle.core_sample_indices_] = True
    assert (result.core == core).all()
    people = np.array([person or "" for person in result.person_ids])
    for one, other in ((people, oracle.labels_), (oracle.labels_, people)):
        for label in np.unique(one[core]):
            assert len(np.unique(other[core & (one == label)])) == 1
    assert ((people == "") == (oracle.labels_ == -1)).all()
    assert all(
        (reason is Reason.OUTLIER) == (person is None)
        for reason, person in zip(result.reasons, result.person_ids, strict=True)
    )
    for row in np.flatnonzero(~core & (people != "")):
        order = np.lexsort((names[core], between[row, core]))
        assert people[row] == people[np.flatnonzero(core)[order[0]]]
    assert len(set(result.created)) == len(np.unique(oracle.labels_[core]))


@drawn(120)
@given(
    seed=st.integers(0, 2**32),
    count=st.integers(1, 150),
    e=st.sampled_from([0.0, 1e-9, 0.01, 0.05, 0.1, 0.3, 0.5, 1.0]),
    m=st.integers(1, 8),
)
def test_it_is_dbscan(seed: int, count: int, e: float, m: int) -> None:
    dice = np.random.default_rng(seed)
    embeddings = points(dice, count=count)
    assert_same(embeddings, e=e, m=m, names=dice.permutation(count))


@settings(max_examples=6)
@given(seed=st.integers(0, 2**32), e=st.sampled_from([0.02, 0.1, 0.4]), m=st.integers(1, 8))
def test_it_is_dbscan_on_two_thousand(seed: int, e: float, m: int) -> None:
    dice = np.random.default_rng(seed)
    embeddings = points(dice, count=2000)
    assert_same(embeddings, e=e, m=m, names=dice.permutation(2000))


@pytest.mark.slow
@settings(max_examples=150)
@given(
    seed=st.integers(0, 2**32),
    count=st.integers(150, 2000),
    e=st.sampled_from([0.0, 1e-9, 0.01, 0.05, 0.1, 0.3, 0.5, 1.0]),
    m=st.integers(1, 8),
)
def test_it_is_dbscan_at_every_size(seed: int, count: int, e: float, m: int) -> None:
    dice = np.random.default_rng(seed)
    embeddings = points(dice, count=count)
    assert_same(embeddings, e=e, m=m, names=dice.permutation(count))


@drawn(40)
@given(seed=st.integers(0, 2**32), count=st.integers(2, 60), m=st.integers(1, 8))
def test_a_distance_between_two_faces_is_inclusive(seed: int, count: int, m: int) -> None:
    dice = np.random.default_rng(seed)
    embeddings = points(dice, count=count)
    pick = random.Random(seed)
    row, column = pick.sample(range(count), 2)
    e = max(0.0, float(distances(embeddings)[row, column]))
    assert_same(embeddings, e=e, m=m, names=dice.permutation(count))
    assert_same(embeddings, e=float(np.nextafter(e, 0)), m=m, names=dice.permutation(count))
