"""Neighbors that are found by inverted lists."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from drawing import drawn
from facefolk_server.clustering import Neighbors, RoundParameters, run_round
from facefolk_server.clustering.approximate import Probing, plan_probing, probed_blocks
from facefolk_server.clustering.model import RoundInput
from facefolk_server.clustering.neighbors import NeighborSearch
from facefolk_server.clustering.pairs import Pairs, together
from facefolk_server.types import RoundMode
from hypothesis import given
from hypothesis import strategies as st
from unit.clustering.states import rounded

from bench.faces import generated

DISTANCE = 0.5


def as_set(pairs: Pairs) -> set[tuple[int, int, float]]:
    found = list(
        zip(pairs.left.tolist(), pairs.right.tolist(), pairs.distances.tolist(), strict=True)
    )
    assert len(set(found)) == len(found)
    return set(found)


def whole(count: int, *, seed: int = 7) -> RoundInput:
    embeddings, _ = generated(count, seed=seed)
    nothing = np.zeros(count, bool)
    return RoundInput(
        face_ids=[f"f{row:05d}" for row in range(count)],
        embeddings=embeddings,
        asset_ids=[f"a{row}" for row in range(count)],
        frame_offsets_us=np.zeros(count, np.int64),
        person_ids=[None] * count,
        manual=nothing,
        not_a_face=nothing,
        stranger=nothing,
        barred={},
        quality=np.full(count, 0.5, np.float32),
        kept_people=frozenset(),
        keys=np.arange(count),
        origin="a",
    )


def pairs_of(search: NeighborSearch, probing: Probing) -> Pairs:
    return together(block.pairs for block in probed_blocks(search, probing))


@drawn(40)
@given(
    seed=st.integers(0, 2**32),
    count=st.integers(1, 300),
    lists=st.integers(1, 9),
    probes=st.integers(1, 4),
)
def test_a_pair_is_found_once_if_one_probes_the_others_home(
    seed: int, count: int, lists: int, probes: int
) -> None:
    dice = np.random.default_rng(seed)
    search = NeighborSearch(rounded(dice.normal(size=(count, 3))), max_distance=0.4, threads=2)
    some = [dice.permutation(lists)[:probes] for _ in range(count)]
    probed = np.array(some, np.int32)
    found = as_set(pairs_of(search, Probing(probed, 1.0)))
    named = [set(one) for one in probed.tolist()]
    home = probed[:, 0].tolist()
    expected = {
        (left, right, distance)
        for left, right, distance in as_set(search.pairs())
        if home[left] in named[right] or home[right] in named[left]
    }
    assert found == expected


def test_counts_are_those_of_the_pairs_that_are_found() -> None:
    embeddings, _ = generated(2500)
    search = NeighborSearch(embeddings, max_distance=DISTANCE)
    probing = plan_probing(search)
    assert probing is not None
    counts = np.zeros(len(embeddings), np.intp)
    pairs = []
    for block in probed_blocks(search, probing):
        block.add_to(counts)
        pairs.append(block.pairs)
    found = together(pairs)
    assert np.array_equal(
        counts, np.bincount(np.concatenate((found.left, found.right)), minlength=len(counts))
    )


def test_the_recall_that_is_told_is_that_of_the_pairs() -> None:
    embeddings, _ = generated(6000)
    search = NeighborSearch(embeddings, max_distance=DISTANCE)
    probing = plan_probing(search, threads=2)
    assert probing is not None
    found, everything = as_set(pairs_of(search, probing)), as_set(search.pairs())
    assert found <= everything
    recall = len(found) / len(everything)
    assert recall >= 0.99
    assert abs(recall - probing.recall) < 0.005


def test_faces_without_order_are_looked_at_one_by_one() -> None:
    dice = np.random.default_rng(5)
    search = NeighborSearch(rounded(dice.normal(size=(1500, 64))), max_distance=0.95)
    assert plan_probing(search) is None


def test_an_approximate_round_makes_the_people_of_an_exact_one() -> None:
    given = whole(4000)
    parameters = RoundParameters(RoundMode.ALL, DISTANCE, 3, neighbors=Neighbors.APPROXIMATE)
    found = run_round(given, parameters)
    exact = run_round(given, replace(parameters, neighbors=Neighbors.EXACT))
    assert 0.99 <= found.stats.neighbor_recall < 1.0 == exact.stats.neighbor_recall
    assert (found.neighbor_counts <= exact.neighbor_counts).all()
    same = np.mean([a == b for a, b in zip(found.person_ids, exact.person_ids, strict=True)])
    assert same > 0.99
    assert run_round(given, parameters).person_ids == found.person_ids


def test_approximate_counts_are_passed_on_and_refused_by_an_exact_round() -> None:
    given = whole(3000)
    parameters = RoundParameters(RoundMode.ALL, DISTANCE, 3, neighbors=Neighbors.APPROXIMATE)
    first = run_round(given, parameters)
    assert first.counts is not None
    assert first.counts.recall == first.stats.neighbor_recall < 1.0
    people = replace(given, person_ids=first.person_ids)
    missing = replace(parameters, mode=RoundMode.MISSING)
    second = run_round(people, missing, known=first.counts)
    assert second.stats.recount == ""
    assert second.stats.neighbor_recall == first.stats.neighbor_recall
    third = run_round(people, replace(missing, neighbors=Neighbors.EXACT), known=first.counts)
    assert third.stats.recount == "the counts that were kept are approximate"
    assert third.stats.neighbor_recall == 1.0


def test_few_faces_are_never_approximate() -> None:
    parameters = RoundParameters(RoundMode.ALL, DISTANCE, 3, neighbors=Neighbors.APPROXIMATE)
    assert run_round(whole(500), parameters).stats.neighbor_recall == 1.0
