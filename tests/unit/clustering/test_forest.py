"""Minimum spanning forests, against Kruskal's method in a few lines."""

from __future__ import annotations

import random

import numpy as np
import pytest
from drawing import drawn
from facefolk_server.clustering.forest import components, spanning
from facefolk_server.clustering.gathering import gather
from facefolk_server.clustering.pairs import Pairs
from facefolk_server.clustering.union_find import UnionFind
from facefolk_server.clustering.units import Units
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.clustering.states import rounded

pairs_of_nodes = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=120)


@drawn(150)
@given(pairs_of_nodes)
def test_the_forest_is_kruskals(pairs: list[tuple[int, int]]) -> None:
    sets = UnionFind(range(31))
    expected = []
    for one, other in pairs:
        a, b = sets.find(one), sets.find(other)
        expected.append(a != b)
        if a != b:
            sets.join(a, b)
    left, right = (np.array([pair[side] for pair in pairs], np.int32) for side in (0, 1))
    assert spanning(left, right, 31).tolist() == expected
    assert components(left, right, 31).tolist() == [sets.find(node) for node in range(31)]


def test_a_long_chain_is_one_component() -> None:
    nodes = np.random.default_rng(5).permutation(20_000)
    left, right = nodes[:-1], nodes[1:]
    assert not components(left, right, len(nodes)).any()
    assert spanning(left, right, len(nodes)).all()


@drawn(100)
@given(st.integers(0, 2**32), st.integers(0, 40))
def test_pairs_are_ordered_by_distance_then_ids(seed: int, count: int) -> None:
    dice = random.Random(seed)
    rows = [
        (dice.choice([0.0, 0.1, 0.2, dice.random()]), dice.randrange(9), dice.randrange(9))
        for _ in range(count)
    ]
    distances, left, right = (np.array([row[i] for row in rows]) for i in range(3))
    pairs = Pairs(left.astype(np.int32), right.astype(np.int32), distances).nearest_first()
    told = zip(pairs.distances.tolist(), pairs.left.tolist(), pairs.right.tolist(), strict=True)
    assert list(told) == sorted(rows)


cuts = given(st.integers(0, 2**32), st.integers(1, 8), st.sampled_from([1, 7, 100]))


@settings(max_examples=8)
@cuts
def test_cutting_the_buffer_early_changes_nothing(seed: int, minimum: int, held: int) -> None:
    assert_cuts_change_nothing(seed, minimum, held)


@pytest.mark.slow
@settings(max_examples=50)
@cuts
def test_many_cuts_change_nothing(seed: int, minimum: int, held: int) -> None:
    assert_cuts_change_nothing(seed, minimum, held)


def assert_cuts_change_nothing(seed: int, minimum: int, held: int) -> None:
    dice = np.random.default_rng(seed)
    count = 5000
    middles = dice.normal(size=(200, 6))
    embeddings = rounded(
        middles[dice.integers(200, size=count)] + dice.normal(size=(count, 6)) / 3
    )
    persons = np.where(dice.random(count) < 0.3, dice.integers(5, size=count), -1)
    units = Units(
        embeddings=embeddings,
        persons=persons,
        formers=persons,
        former_automatic=persons,
        manual=(persons >= 0) & (dice.random(count) < 0.3),
        queued=persons < 0,
        barred={},
        able=dice.random(count) < 0.9,
    )
    whole = gather(units, max_distance=0.05, min_faces=minimum)
    cut = gather(units, max_distance=0.05, min_faces=minimum, buffered_pairs=held, threads=2)
    assert np.array_equal(whole.counts, cut.counts)
    for one, other in ((whole.forest, cut.forest), (whole.fringe, cut.fringe)):
        one, other = one.nearest_first(), other.nearest_first()
        assert np.array_equal(one.left, other.left)
        assert np.array_equal(one.right, other.right)
        assert np.array_equal(one.distances, other.distances)
