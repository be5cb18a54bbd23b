"""All joins asked about at once get the answers of asking one after the other."""

from __future__ import annotations

import numpy as np
import pytest
from drawing import drawn
from facefolk_server.clustering.chain_guard import ChainGuard
from facefolk_server.clustering.foreseen import foresee_refused
from facefolk_server.clustering.pairs import Pairs, no_pairs
from hypothesis import given
from hypothesis import strategies as st
from unit.clustering.states import rounded


def one_by_one(
    guard: ChainGuard, embeddings: np.ndarray, *, nodes: np.ndarray, joined: Pairs
) -> list[bool]:
    """Ask about each join and make it, whatever the answer."""
    centers = guard.centers(embeddings)
    for node in np.unique(nodes):
        centers.gather(int(node), np.flatnonzero(nodes == node))
    group = nodes.copy()
    answers = []
    for left, right in zip(joined.left, joined.right, strict=True):
        a, b = int(group[left]), int(group[right])
        answers.append(not guard.allows(centers, a, b))
        centers.join(a, b)
        group[group == b] = a
    return answers


def some_joins(dice: np.random.Generator, nodes: np.ndarray, *, most: int) -> Pairs:
    """Pairs that join two groups each."""
    group = nodes.copy()
    left, right = [], []
    for _ in range(most):
        a, b = dice.integers(len(nodes), size=2)
        if group[a] != group[b]:
            left.append(min(a, b))
            right.append(max(a, b))
            group[group == group[b]] = group[a]
    return Pairs(np.array(left, np.intp), np.array(right, np.intp), np.zeros(len(left)))


@drawn(60)
@given(
    seed=st.integers(0, 2**32),
    count=st.integers(2, 120),
    dimension=st.sampled_from([2, 8, 19]),
    people=st.integers(1, 8),
    small=st.floats(0.1, 1.2),
    members=st.integers(0, 6),
    known=st.integers(0, 40),
    far_share=st.sampled_from([0.0, 0.2, 0.5]),
)
def test_each_join_is_refused_as_if_asked_in_turn(
    seed: int,
    count: int,
    dimension: int,
    people: int,
    small: float,
    members: int,
    known: int,
    far_share: float,
) -> None:
    dice = np.random.default_rng(seed)
    middles = dice.normal(size=(people, dimension))
    noise = dice.normal(size=(count, dimension))
    embeddings = rounded(middles[dice.integers(people, size=count)] + 0.5 * noise)
    guard = ChainGuard(
        small,
        0.9 * small,
        0.0,
        0.1,
        1.1 * small,
        far_limit=small,
        far_share=far_share,
        member_size=members,
        known_size=known,
    )
    # Some rows are groups from the start, as the lenders of a person are.
    nodes = np.arange(count)
    first = dice.integers(count, size=4)
    for node in first:
        some = np.flatnonzero((dice.random(count) < 0.1) & ~np.isin(nodes, first))
        nodes[some[some > node]] = node
    joined = some_joins(dice, nodes, most=2 * count)
    found = foresee_refused(guard, embeddings, nodes=nodes, joined=joined)
    told = one_by_one(guard, embeddings, nodes=nodes, joined=joined)
    assert found.tolist() == told


def test_more_joins_than_are_looked_at_together(monkeypatch: pytest.MonkeyPatch) -> None:
    dice = np.random.default_rng(5)
    embeddings = rounded(dice.normal(size=(500, 16)) + 1.0)
    joined = some_joins(dice, np.arange(500), most=1000)
    guard = ChainGuard.at(0.42)
    whole = foresee_refused(guard, embeddings, nodes=np.arange(500), joined=joined)
    monkeypatch.setattr("facefolk_server.clustering.foreseen._JOINS", 7)
    parts = foresee_refused(guard, embeddings, nodes=np.arange(500), joined=joined)
    assert 0 < whole.sum() < len(whole)
    assert np.array_equal(parts, whole)


def test_no_joins_at_all() -> None:
    embeddings = rounded(np.ones((3, 4)))
    found = foresee_refused(
        ChainGuard.at(0.5), embeddings, nodes=np.arange(3), joined=no_pairs()
    )
    assert found.shape == (0,)
