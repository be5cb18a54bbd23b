"""Rounds with the quality gate, against the transcription and what the gate promises."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from drawing import drawn
from facefolk_server.clustering import QualityGate, RoundParameters
from facefolk_server.clustering.neighbors import NeighborSearch
from facefolk_server.types import Reason, RoundMode
from hypothesis import given
from hypothesis import strategies as st
from unit.clustering.reference import NaiveFace, NaiveRound
from unit.clustering.states import (
    as_naive,
    committed,
    ours,
    random_faces,
    random_parameters,
    rounded,
)

GATES = st.builds(
    QualityGate,
    min_quality=st.sampled_from([0.1, 0.3, 0.5, 0.75]),
    distance_share=st.sampled_from([0.0, 0.3, 0.5, 0.8, 1.0]),
)
LIBRARIES = {"seed": st.integers(0, 2**32), "count": st.integers(0, 30), "gate": GATES}


class GatedRound(NaiveRound):
    """The slow round where poor faces are never core and reach less far."""

    def __init__(self, faces: list[NaiveFace], *, gate: QualityGate, **given) -> None:
        super().__init__(faces, **given)
        self.gate = gate

    def able(self, f: str) -> bool:
        return self.by_id[f].quality >= self.gate.min_quality

    def near(self, f: str, g: str) -> bool:
        both = self.able(f) and self.able(g)
        return self.d(f, g) <= (self.e if both else self.gate.distance_share * self.e)


@drawn(200)
@given(**LIBRARIES)
def test_it_ends_like_the_transcription(seed: int, count: int, gate: QualityGate) -> None:
    dice = random.Random(seed)
    faces = random_faces(dice, count=count, films=dice.random() < 0.3)
    parameters = random_parameters(dice, quality_gate=gate)
    expected = GatedRound(
        list(faces),
        gate=gate,
        all_faces=parameters.mode is RoundMode.ALL,
        e=parameters.max_distance,
        m=parameters.min_faces,
    ).run(one_face_per_asset=parameters.one_face_per_asset)
    assert as_naive(faces, ours(faces, parameters)) == expected


@drawn(60)
@given(**LIBRARIES)
def test_no_poor_face_founds_a_person(seed: int, count: int, gate: QualityGate) -> None:
    dice = random.Random(seed)
    faces = random_faces(dice, count=count, people=False)
    result = ours(faces, random_parameters(dice, quality_gate=gate))
    good = {
        person
        for face, person in zip(faces, result.person_ids, strict=True)
        if face.quality >= gate.min_quality
    }
    assert set(result.created) <= good | {person for _, person in result.pruned}
    for face, core in zip(faces, result.core.tolist(), strict=True):
        assert not core or face.quality >= gate.min_quality


@drawn(60)
@given(seed=st.integers(0, 2**32), count=st.integers(0, 30))
def test_where_no_face_is_poor_nothing_changes(seed: int, count: int) -> None:
    dice = random.Random(seed)
    faces = random_faces(dice, count=count)
    parameters = random_parameters(dice)
    gate = QualityGate(min_quality=0.0, distance_share=0.1)
    plain = as_naive(faces, ours(faces, parameters))
    assert as_naive(faces, ours(faces, replace(parameters, quality_gate=gate))) == plain


@drawn(40)
@given(**LIBRARIES)
def test_neither_order_nor_threads_matter(seed: int, count: int, gate: QualityGate) -> None:
    dice = random.Random(seed)
    faces = random_faces(dice, count=count)
    parameters = random_parameters(dice, quality_gate=gate)
    told = as_naive(faces, ours(faces, parameters))
    shuffled = dice.sample(faces, count)
    assert as_naive(shuffled, ours(shuffled, parameters, threads=3)) == told


@drawn(60)
@given(**LIBRARIES)
def test_a_second_missing_round_changes_nothing(
    seed: int, count: int, gate: QualityGate
) -> None:
    dice = random.Random(seed)
    faces = random_faces(dice, count=count)
    parameters = random_parameters(dice, quality_gate=gate, mode=RoundMode.MISSING)
    after = committed(faces, ours(faces, parameters), tag="1")
    kept = [(f.person_id, g.person_id) for f, g in zip(faces, after, strict=True)]
    assert all(before in (None, now) for before, now in kept)
    again = ours(after, parameters)
    assert again.person_ids == [f.person_id for f in after]


def faces_at(*angles_and_qualities: tuple[float, float], **given) -> list[NaiveFace]:
    angles = np.radians([angle for angle, _ in angles_and_qualities])
    embeddings = rounded(np.stack((np.cos(angles), np.sin(angles)), axis=1)).tolist()
    return [
        NaiveFace(f"f{row}", f"a{row}", embedding, quality=quality, **given)
        for row, (embedding, (_, quality)) in enumerate(
            zip(embeddings, angles_and_qualities, strict=True)
        )
    ]


PARAMETERS = RoundParameters(
    RoundMode.ALL, 0.1, 3, quality_gate=QualityGate(min_quality=0.5, distance_share=0.5)
)


def test_poor_faces_make_no_person_and_link_none() -> None:
    assert ours(faces_at((0, 0.4), (1, 0.4), (2, 0.4)), PARAMETERS).created == ()
    two_people = [(a, 0.9) for a in (0, 1, 2, 32, 33, 34)]
    chain = [*two_people, (10, 0.4), (17, 0.4), (24, 0.4)]
    assert len(ours(faces_at(*chain), PARAMETERS).created) == 2
    assert len(ours(faces_at(*chain), replace(PARAMETERS, quality_gate=None)).created) == 1


@pytest.mark.parametrize(("angle", "joins"), [(18, True), (22, False)])
def test_a_poor_face_joins_from_near_by(angle: float, joins: bool) -> None:
    # Distances 0.049 and 0.073: within 0.1 both, within its half the first.
    result = ours(faces_at((0, 0.9), (0, 0.9), (0, 0.9), (angle, 0.4)), PARAMETERS)
    assert (result.person_ids[3] is not None) is joins
    assert result.reasons[3] is (Reason.NONE if joins else Reason.OUTLIER)
    assert result.neighbor_counts.tolist() == [3, 3, 3, 1 + 3 * joins]


def test_a_poor_face_assigned_by_hand_lends() -> None:
    faces = faces_at((0, 0.1), (1, 0.9), (22, 0.9))
    faces[0] = replace(faces[0], person_id="ann", manual=True)
    assert ours(faces, PARAMETERS).person_ids == ["ann", "ann", None]


def test_a_good_face_among_poor_ones_is_not_core() -> None:
    faces = faces_at((0, 0.9), (1, 0.4), (2, 0.4), (3, 0.4))
    assert ours(faces, PARAMETERS).created == ()


def test_reaches_count_alike_in_sparse_and_dense_blocks() -> None:
    random = np.random.default_rng(1)
    count = 1500
    for dimension in (2, 24):
        embeddings = rounded(random.normal(size=(count, dimension)))
        reaches = random.choice([0.1, 0.3, 0.6], count)
        good = random.random(count) < 0.5
        search = NeighborSearch(embeddings, max_distance=0.6, reaches=reaches, counted=good)
        exact = embeddings.astype(np.float64)
        near = 1 - exact @ exact.T <= np.minimum(reaches, reaches[:, None])
        np.fill_diagonal(near, 0)
        found, numbers = set(), np.zeros(count, int)
        for block in search.blocks():
            found |= set(
                zip(block.pairs.left.tolist(), block.pairs.right.tolist(), strict=True)
            )
            block.add_to(numbers)
        assert found == set(map(tuple, np.argwhere(np.triu(near)).tolist()))
        assert np.array_equal(numbers, (near & good).sum(axis=1))
