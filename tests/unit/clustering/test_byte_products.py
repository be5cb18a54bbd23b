"""Products of bytes leave out no pair, and rounds end as they do without them."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from facefolk_server.clustering import (
    ChainGuard,
    QualityGate,
    RoundInput,
    RoundParameters,
    face_keys,
    run_round,
)
from facefolk_server.clustering.byte_products import as_columns, as_rows, most_off
from facefolk_server.clustering.neighbors import NeighborSearch, Vectors
from facefolk_server.types import RoundMode
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.clustering.states import Multiplier, rounded

DISTANCE = 0.5


def some_faces(count: int, *, people: int, seed: int = 3, dimension: int = 32) -> np.ndarray:
    dice = np.random.default_rng(seed)
    middles = dice.normal(size=(people, dimension))
    noise = dice.normal(size=(count, dimension))
    return rounded(middles[dice.integers(people, size=count)] + 0.6 * noise)


@settings(max_examples=100)
@given(
    seed=st.integers(0, 2**32),
    dimension=st.integers(1, 200),
    spikes=st.floats(0, 1),
    tail=st.sampled_from([0.0, 1.0, 5.0]),
)
def test_no_product_is_farther_off_than_is_said(
    seed: int, dimension: int, spikes: float, tail: float
) -> None:
    dice = np.random.default_rng(seed)
    drawn = dice.normal(size=(40, dimension)) * np.exp(tail * dice.normal(size=(40, dimension)))
    spiky = dice.random(40) < spikes
    drawn[spiky] *= dice.random((int(spiky.sum()), dimension)) < 0.1
    drawn[~drawn.any(axis=1), 0] = 1.0
    faces = rounded(drawn)
    rows, columns = as_rows(faces), as_columns(faces)
    assert columns.numbers.min() >= 1
    assert columns.numbers.max() <= 127
    assert rows.numbers.min() >= -127
    whole = (columns.numbers.astype(np.float64) - 64) @ rows.numbers.astype(np.float64).T
    exact = faces.astype(np.float64) @ faces.astype(np.float64).T
    off = np.abs(whole * rows.step * columns.step - exact)
    assert off.max() <= most_off(rows, columns)


def test_there_may_be_no_faces() -> None:
    nobody = as_rows(np.empty((0, 8), np.float32))
    assert nobody.numbers.shape == (0, 8)
    assert 0 < most_off(nobody, as_columns(np.empty((0, 8), np.float32))) < 1e-3


@pytest.mark.parametrize("people", [1, 40, 4000], ids=["dense", "usual", "sparse"])
@pytest.mark.parametrize("gated", [False, True], ids=["all able", "gated"])
def test_a_search_finds_the_same(people: int, gated: bool) -> None:
    faces = some_faces(2500, people=people)
    dice = np.random.default_rng(people)
    reaches = dice.choice([0.3, DISTANCE], 2500) if gated else None
    counted = dice.random(2500) < 0.7 if gated else None
    some = dice.permutation(2500)[:700]
    fresh = dice.random(2500) < 0.1
    multiply = Multiplier()

    def told(multiply: Multiplier | None) -> list[np.ndarray]:
        search = NeighborSearch(
            faces[:2400],
            max_distance=DISTANCE,
            reaches=None if reaches is None else reaches[:2400],
            counted=None if counted is None else counted[:2400],
            threads=2,
            multiply=multiply,
        )
        strangers = np.arange(2100, 2500)
        found = [search.near(Vectors(faces, reaches, counted).at(strangers))]
        for blocks in (search.blocks(), search.blocks_of(some[some < 2400], fresh=fresh)):
            counts = np.zeros(2400, np.intp)
            parts = []
            for block in blocks:
                block.add_to(counts)
                pairs = block.pairs
                parts.append(np.stack((pairs.left, pairs.right, pairs.distances)))
            whole = np.concatenate(parts, axis=1)
            found += [counts, whole[:, np.lexsort(whole[:2])]]
        return found

    for one, other in zip(told(multiply), told(None), strict=True):
        assert np.array_equal(one, other)
    assert multiply.calls


def test_the_filter_is_asked_again_when_distances_are_known() -> None:
    faces = some_faces(1500, people=10)
    asked: list[np.ndarray] = []

    def nearer(left: np.ndarray, right: np.ndarray, least: np.ndarray) -> np.ndarray:
        asked.append(least)
        return least <= 0.3

    search = NeighborSearch(faces, max_distance=DISTANCE, multiply=Multiplier())
    for block in search.blocks(nearer):
        assert (block.pairs.distances <= 0.3).all()
    first, again = sum(map(len, asked[::2])), sum(map(len, asked[1::2]))
    assert first > again > 0


@pytest.mark.parametrize("count", [40, 600], ids=["few", "spiky"])
def test_bytes_are_left_where_they_do_not_pay(count: int) -> None:
    faces = some_faces(count, people=3, dimension=400)
    if count > 256:
        # One number so large makes the steps of all others coarse.
        faces[0] = rounded(np.eye(1, 400))[0]
    multiply = Multiplier()
    search = NeighborSearch(faces, max_distance=DISTANCE, multiply=multiply)
    found, usual = search.pairs(), NeighborSearch(faces, max_distance=DISTANCE).pairs()
    assert np.array_equal(found.distances, usual.distances)
    assert not multiply.calls


def given_faces(count: int, persons: list[str | None]) -> RoundInput:
    nothing = np.zeros(count, bool)
    faces = some_faces(count, people=60, dimension=64)
    quality = np.linspace(0.2, 1.0, count, dtype=np.float32)
    ids = [f"f{row:05d}" for row in range(count)]
    return RoundInput(
        face_ids=ids,
        embeddings=faces,
        asset_ids=[f"a{row // 3}" for row in range(count)],
        frame_offsets_us=[0] * count,
        person_ids=persons,
        manual=nothing,
        not_a_face=nothing,
        stranger=nothing,
        barred={},
        quality=quality,
        kept_people=frozenset(),
        keys=face_keys(ids, faces, quality),
    )


@pytest.mark.parametrize("gate", [None, QualityGate()], ids=["no gate", "gate"])
def test_rounds_end_the_same(gate: QualityGate | None) -> None:
    parameters = RoundParameters(
        RoundMode.ALL, DISTANCE, 3, chain_guard=ChainGuard.at(0.4), quality_gate=gate
    )
    multiply = Multiplier()
    faces = given_faces(3000, [None] * 3000)
    first = run_round(faces, parameters)
    missing = [None if row % 7 == 0 else p for row, p in enumerate(first.person_ids)]
    again = replace(parameters, mode=RoundMode.MISSING)
    for given_one, how in ((faces, parameters), (given_faces(3000, missing), again)):
        known = first.counts if how is again else None
        plain = run_round(given_one, how, known=known)
        bytewise = run_round(given_one, how, known=known, multiply=multiply, threads=2)
        assert plain.stats == bytewise.stats
        assert not plain.stats.recount or how is parameters
        for field in fields(plain):
            one, two = getattr(plain, field.name), getattr(bytewise, field.name)
            if isinstance(one, np.ndarray):
                assert np.array_equal(one, two), field.name
            elif field.name != "counts":
                assert one == two, field.name
    assert multiply.calls
