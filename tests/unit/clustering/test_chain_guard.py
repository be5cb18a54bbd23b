"""The guard on plain growth, grown here in a few lines, against what it promises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from drawing import drawn
from facefolk_server.clustering.centers import Centers
from facefolk_server.clustering.chain_guard import ChainGuard, join_fragments
from hypothesis import given
from hypothesis import strategies as st

STEP = 2.0**-24
GUARD = ChainGuard.at(0.5)
LAX = ChainGuard(2.5, 2.5, 0.0, 0.1, member_limit=2.5)


def unit(vectors: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(np.rint(vectors / lengths / STEP) * STEP, np.float32)


def people(seed: int, *, sizes: list[int], spread: float = 0.6, dimension: int = 32):
    """Faces of made-up people and whose each is; a spread of 0.6 is a distance of 0.27."""
    random = np.random.default_rng(seed)
    middles = unit(random.normal(size=(len(sizes), dimension)))
    labels = np.repeat(np.arange(len(sizes)), sizes)
    noise = random.normal(size=(len(labels), dimension)) / np.sqrt(dimension)
    return unit(middles[labels] + spread * noise), labels


def grow(
    embeddings: np.ndarray,
    guard: ChainGuard,
    *,
    distance: float = 0.5,
    minimum: int = 3,
    names: np.ndarray | None = None,
    allowed: Callable[[int, int], bool] = lambda a, b: True,
):
    """Section 5's growth of a first round: groups of core faces, and refused pairs."""
    count = len(embeddings)
    names = np.arange(count) if names is None else names
    exact = embeddings.astype(np.float64)
    between = 1.0 - exact @ exact.T
    np.fill_diagonal(between, 0)
    core = (between <= distance).sum(axis=1) >= minimum
    rows, columns = np.nonzero(np.triu((between <= distance) & core & core[:, None], 1))
    first = np.minimum(names[rows], names[columns])
    last = np.maximum(names[rows], names[columns])
    order = np.lexsort((last, first, between[rows, columns]))
    centers = guard.centers(embeddings)
    group = np.arange(count)
    refused = []
    for f, g in zip(rows[order], columns[order], strict=True):
        a, b = int(group[f]), int(group[g])
        if a == b:
            continue
        if guard.allows(centers, a, b):
            centers.join(a, b)
            group[group == b] = a
        else:
            refused.append((int(f), int(g)))
    links = [(int(group[f]), int(group[g])) for f, g in refused]
    for kept, gone in join_fragments(
        guard,
        centers,
        groups=set(group[core].tolist()),
        refused=links,
        allowed=allowed,
    ):
        group[group == gone] = kept
    return np.where(core, group, -1), [(f, g) for f, g in refused if group[f] != group[g]]


def sets(groups: np.ndarray, names: np.ndarray | None = None) -> set[frozenset[int]]:
    names = np.arange(len(groups)) if names is None else names
    return {frozenset(names[groups == g].tolist()) for g in set(groups.tolist()) - {-1}}


@drawn(50)
@given(st.integers(0, 2**32), st.permutations(range(24)))
def test_mean_distance_depends_on_the_members_alone(seed: int, order: list[int]) -> None:
    embeddings, _ = people(seed, sizes=[24], spread=1.0)
    other, _ = people(seed + 1, sizes=[9], spread=1.0)
    both = np.concatenate((embeddings, other))
    centers = []
    for rows in (range(24), order):
        one = Centers(both)
        first, *rest = rows
        for row in rest:
            one.join(first, row)
        one.gather(24, np.arange(24, 33))
        centers.append(one.distance(first, 24))
    assert centers[0] == centers[1]
    mean = 1 - (embeddings.astype(np.float64) @ other.astype(np.float64).T).mean()
    assert abs(centers[0] - mean) < 2**-19


def test_a_product_of_centers_is_exact() -> None:
    embeddings, _ = people(3, sizes=[40, 41], spread=1.5)
    centers = Centers(embeddings)
    centers.gather(0, np.arange(40))
    centers.gather(40, np.arange(40, 81))
    a, b = centers.center(0), centers.center(40)
    exact = 1 - sum(Fraction(x) * Fraction(y) for x, y in zip(a, b, strict=True))
    assert Fraction(centers.distance(0, 40)) == exact


def test_members_are_known_while_they_are_few() -> None:
    embeddings, _ = people(5, sizes=[9])
    centers = Centers(embeddings, members_kept=3)
    assert centers.members(4) == [4]
    centers.gather(0, np.arange(3))
    centers.join(4, 5)
    assert centers.members(0) == [0, 1, 2]
    mean = 1 - (embeddings[4:6].astype(np.float64) @ embeddings[0].astype(np.float64)).mean()
    assert abs(centers.member_distances(0, 4)[0] - mean) < 2**-19
    centers.join(0, 4)
    assert centers.size(0) == 5
    assert centers.members(0) == []
    assert len(centers.member_distances(0, 8)) == 0


def test_a_small_group_that_holds_both_sides_draws_nobody_over() -> None:
    embeddings = line(0.0, 0.75, 0.8, 1.5)
    centers = GUARD.centers(embeddings)
    centers.gather(0, np.arange(3))
    assert centers.distance(0, 3) < GUARD.small_limit
    assert not GUARD.allows(centers, 0, 3)
    assert GUARD.allows(GUARD.centers(embeddings), 1, 3)


def test_a_single_face_is_its_own_center() -> None:
    embeddings, _ = people(5, sizes=[2])
    centers = Centers(embeddings)
    assert centers.size(1) == 1
    exact = embeddings.astype(np.float64)
    assert centers.distance(0, 1) == 1 - exact[0] @ exact[1]


@drawn(60)
@given(
    st.integers(0, 2**32),
    st.lists(st.integers(1, 12), min_size=1, max_size=6),
    st.sampled_from([0.3, 0.5, 0.6, 0.7]),
)
def test_where_nothing_is_refused_it_is_plain_growth(
    seed: int, sizes: list[int], distance: float
) -> None:
    embeddings, _ = people(seed, sizes=sizes, spread=0.9, dimension=16)
    plain, _ = grow(embeddings, LAX, distance=distance)
    guarded, refused = grow(embeddings, GUARD, distance=distance)
    if not refused and len(sets(plain)) == len(sets(guarded)):
        assert sets(plain) == sets(guarded)
    for group in sets(guarded):
        assert any(group <= whole for whole in sets(plain))


@drawn(60)
@given(
    st.integers(0, 2**32),
    st.lists(st.integers(1, 12), min_size=1, max_size=6),
    st.sampled_from([0.5, 0.6, 0.7]),
)
def test_it_does_not_depend_on_order(seed: int, sizes: list[int], distance: float) -> None:
    embeddings, _ = people(seed, sizes=sizes, spread=0.9, dimension=16)
    embeddings[-1] = embeddings[0]
    names = np.random.default_rng(seed).permutation(len(embeddings))
    groups, refused = grow(embeddings, GUARD, distance=distance)
    again, refused_again = grow(embeddings[names], GUARD, distance=distance, names=names)
    assert sets(groups) == sets(again, names)
    pairs = {frozenset(pair) for pair in refused}
    assert pairs == {frozenset((names[f], names[g])) for f, g in refused_again}


@pytest.mark.parametrize("bridges", [1, 2, 3])
def test_bridges_merge_no_two_people(bridges: int) -> None:
    random = np.random.default_rng(bridges)
    embeddings, labels = people(11, sizes=[12] * 20, dimension=128)
    made = []
    for first in range(0, 20, 2):
        for _ in range(bridges):
            one = embeddings[random.choice(np.flatnonzero(labels == first))]
            two = embeddings[random.choice(np.flatnonzero(labels == first + 1))]
            made.append(one.astype(np.float64) + two)
    everyone = np.concatenate((embeddings, unit(np.array(made))))
    plain, _ = grow(everyone, LAX)
    groups, refused = grow(everyone, GUARD)
    assert len(set(plain[: len(labels)].tolist())) < 20
    for group in sets(groups):
        # A face or two may go over to the bridges they are a part of; people do not merge.
        whose = [labels[row] for row in group if row < len(labels)]
        assert np.sort(np.bincount(whose, minlength=2))[-2] < 3
    named = {face for pair in refused for face in pair}
    assert set(range(len(labels), len(everyone))) <= named


@pytest.mark.parametrize(("bridges", "alike"), [(2, 0.4), (3, 0.27), (3, 0.4)])
def test_bridges_between_people_who_look_alike_merge_nobody(bridges: int, alike: float) -> None:
    random = np.random.default_rng(bridges)
    one, other = unit(random.normal(size=(2, 128)))
    middles = np.stack((one, alike * one + np.sqrt(1 - alike**2) * other))
    noise = random.normal(size=(16, 128)) / np.sqrt(128)
    embeddings = unit(np.repeat(middles, 8, axis=0) + 0.3 * noise)
    made = [embeddings[row].astype(np.float64) + embeddings[8 + row] for row in range(bridges)]
    everyone = np.concatenate((embeddings, unit(np.array(made))))
    by_means, _ = grow(everyone, replace(GUARD, far_limit=2.0))
    assert len(set(by_means.tolist())) == 1
    groups, refused = grow(everyone, GUARD)
    assert len(set(groups[:8].tolist())) == len(set(groups[8:16].tolist())) == 1
    assert groups[0] != groups[8]
    assert {face for pair in refused for face in pair} >= set(range(16, 16 + bridges))


@pytest.mark.parametrize(("far", "allowed"), [(6, True), (7, False)])
def test_few_faces_may_be_far_and_of_very_large_groups_any(far: int, allowed: bool) -> None:
    embeddings = line(*[0.0] * (32 - far), *[0.9] * far, *[0.1] * 4)
    centers = Centers(embeddings, members_kept=32)
    centers.gather(0, np.arange(32))
    centers.gather(32, np.arange(32, 36))
    guard = ChainGuard(2.0, 2.0, 2.0, 0.1, far_limit=0.2)
    assert guard.allows(centers, 0, 32) == allowed
    centers = Centers(embeddings, members_kept=31)
    centers.gather(0, np.arange(32))
    centers.gather(32, np.arange(32, 36))
    assert guard.allows(centers, 0, 32)


def line(*angles: float) -> np.ndarray:
    return unit(np.array([[np.cos(a), np.sin(a)] for a in angles]))


def fragments(embeddings: np.ndarray, guard: ChainGuard, **kwargs):
    count = len(embeddings)
    given = {
        "groups": range(count),
        "refused": [(a, b) for a in range(count) for b in range(a)],
        "allowed": lambda a, b: True,
    }
    return join_fragments(guard, Centers(embeddings), **(given | kwargs))


def test_pieces_join_when_each_is_the_others_nearest_by_far() -> None:
    guard = ChainGuard(0, 0, fragment_limit=0.3, fragment_margin=0.1)
    embeddings = line(0.0, 0.3, 1.5, 1.7)
    assert fragments(embeddings, guard) == [(0, 1), (2, 3)]
    assert fragments(embeddings, guard, refused=[(3, 2)]) == [(2, 3)]
    assert fragments(embeddings, guard, allowed=lambda a, b: a != 0) == [(2, 3)]
    assert fragments(embeddings, guard, groups=[], refused=[]) == []


def test_a_piece_between_two_is_left_to_the_user() -> None:
    guard = ChainGuard(0, 0, fragment_limit=0.3, fragment_margin=0.1)
    assert fragments(line(0.0, 0.3, 0.6), guard) == []
    far = ChainGuard(0, 0, fragment_limit=0.01, fragment_margin=0.001)
    assert fragments(line(0.0, 0.3, 1.5), far) == []


def test_joined_pieces_are_asked_again_as_one() -> None:
    guard = ChainGuard(0, 0, fragment_limit=0.3, fragment_margin=0.05)
    joins = fragments(line(0.0, 0.1, 0.5), guard)
    assert joins == [(0, 1), (0, 2)]


def test_two_groups_alone_have_no_rival() -> None:
    guard = ChainGuard(0, 0, fragment_limit=0.3, fragment_margin=0.1)
    assert fragments(line(0.0, 0.3), guard) == [(0, 1)]
