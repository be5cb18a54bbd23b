"""Pairs within a distance: exact whatever the blocks and threads."""

from __future__ import annotations

import numpy as np
import pytest
from facefolk_server.clustering.neighbors import CANDIDATE_MARGIN, NeighborSearch, Vectors
from unit.clustering.states import rounded


def some_faces(count: int, *, people: int, seed: int = 3, dimension: int = 16) -> np.ndarray:
    dice = np.random.default_rng(seed)
    middles = dice.normal(size=(people, dimension))
    noise = dice.normal(size=(count, dimension))
    return rounded(middles[dice.integers(people, size=count)] + 0.4 * noise)


def exact_distances(embeddings: np.ndarray) -> np.ndarray:
    exact = embeddings.astype(np.float64)
    return 1.0 - exact @ exact.T


@pytest.mark.parametrize("people", [1, 40, 4000], ids=["dense", "usual", "sparse"])
@pytest.mark.parametrize("threads", [1, 3])
def test_it_finds_each_pair_once_with_its_exact_distance(people: int, threads: int) -> None:
    embeddings = some_faces(2500, people=people)
    found = NeighborSearch(embeddings, max_distance=0.5, threads=threads).pairs()
    between = exact_distances(embeddings)
    left, right = np.nonzero(np.triu(between <= 0.5, 1))
    order = np.lexsort((found.right, found.left))
    assert np.array_equal(found.left[order], left)
    assert np.array_equal(found.right[order], right)
    assert np.array_equal(found.distances[order], between[left, right])


def test_counts_hold_pairs_that_nobody_wants() -> None:
    embeddings = some_faces(2500, people=40)
    between = exact_distances(embeddings)
    np.fill_diagonal(between, 0)
    # The limit lies on a distance, so that float32 cannot decide.
    limit = float(np.sort(between[between > 0.3])[0])
    counts = np.ones(2500, np.intp)
    search = NeighborSearch(embeddings, max_distance=limit, threads=2)
    for block in search.blocks(lambda left, right, distances: np.zeros(len(left), bool)):
        assert not len(block.pairs)
        block.add_to(counts)
    assert np.array_equal(counts, (between <= limit).sum(axis=1))


def test_the_filter_sees_distances_a_little_nearer_than_they_are() -> None:
    embeddings = some_faces(1500, people=10)
    between = exact_distances(embeddings)
    nearer = []

    def note(left: np.ndarray, right: np.ndarray, least: np.ndarray) -> np.ndarray:
        nearer.append(between[left, right] - least)
        return least > 0.2

    search = NeighborSearch(embeddings, max_distance=0.5)
    pairs = [block.pairs for block in search.blocks(note)]
    assert np.concatenate(nearer).min() > 0
    assert np.concatenate(nearer).max() < 2 * CANDIDATE_MARGIN
    assert all((pair.distances > 0.2).all() for pair in pairs)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_faces(count: int) -> None:
    embeddings = some_faces(count, people=1)
    assert len(NeighborSearch(embeddings, max_distance=2.0).pairs()) == count // 2


def test_a_stopped_search_leaves_no_thread_behind() -> None:
    import threading

    search = NeighborSearch(some_faces(5000, people=10), max_distance=0.5, threads=2)
    blocks = search.blocks()
    next(blocks)
    blocks.close()
    assert not [t for t in threading.enumerate() if t.name.startswith("neighbors")]


@pytest.mark.parametrize("people", [1, 40, 4000], ids=["dense", "usual", "sparse"])
@pytest.mark.parametrize("threads", [1, 3])
def test_it_finds_each_pair_of_some_faces_once(people: int, threads: int) -> None:
    embeddings = some_faces(2500, people=people)
    dice = np.random.default_rng(people)
    some = dice.permutation(2500)[:1100]
    fresh = dice.random(2500) < 0.1
    between = exact_distances(embeddings)
    near = np.triu(between <= 0.5, 1)
    asked = np.zeros(2500, bool)
    asked[some] = True
    of_some = near & (asked | asked[:, None])
    search = NeighborSearch(embeddings, max_distance=0.5, threads=threads)
    counts = np.zeros(2500, np.intp)
    parts = []
    for block in search.blocks_of(some, fresh=fresh):
        block.add_to(counts)
        parts.append(block.pairs)
    left, right, distances = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("left", "right", "distances")
    )
    order = np.lexsort((right, left))
    assert np.array_equal(np.stack((left, right))[:, order], np.stack(np.nonzero(of_some)))
    assert np.array_equal(distances[order], between[of_some])
    told = of_some & (fresh | fresh[:, None])
    assert np.array_equal(counts, (told | told.T).sum(axis=1))
    found = search.pairs(some)
    assert np.array_equal(found.left, left)
    assert np.array_equal(found.right, right)


@pytest.mark.parametrize("reaching", [False, True])
def test_it_counts_strangers_near_each_face(reaching: bool) -> None:
    embeddings = some_faces(3700, people=40)
    dice = np.random.default_rng(4)
    reaches, counted = dice.choice([0.3, 0.5], 3700), dice.random(3700) < 0.7
    between = exact_distances(embeddings)[2500:, :2500]
    near = between <= 0.5
    if reaching:
        near = between <= np.minimum(reaches[2500:, None], reaches[:2500])
        near &= counted[2500:, None]
    search = NeighborSearch(
        embeddings[:2500],
        max_distance=0.5,
        reaches=reaches[:2500] if reaching else None,
        counted=counted[:2500] if reaching else None,
        threads=2,
    )
    strangers = Vectors(embeddings[2500:], reaches[2500:], counted[2500:])
    if not reaching:
        strangers = Vectors(embeddings[2500:])
    assert np.array_equal(search.near(strangers), near.sum(axis=0))
    assert not search.near(strangers.at(np.empty(0, np.intp))).any()


def test_nothing_is_near_nobody() -> None:
    search = NeighborSearch(some_faces(0, people=1), max_distance=2.0)
    assert not list(search.blocks_of(np.empty(0, np.intp)))
    assert search.near(Vectors(some_faces(3, people=1))).shape == (0,)
