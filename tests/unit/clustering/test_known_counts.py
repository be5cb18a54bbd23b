"""Rounds that start from the counts of the round before, over random histories."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import fields, replace

import numpy as np
import pytest
from facefolk_server.clustering import (
    KnownCounts,
    QualityGate,
    RoundInput,
    RoundParameters,
    RoundResult,
    run_round,
)
from facefolk_server.clustering.chain_guard import ChainGuard
from facefolk_server.types import RoundMode
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.clustering.reference import NaiveFace
from unit.clustering.states import as_input, committed, random_faces

PARAMETERS = RoundParameters(RoundMode.MISSING, 0.3, 3)


class Keys:
    """Gives every embedding of a face a number of its own, and keeps what went."""

    def __init__(self) -> None:
        self._keys: dict[str, tuple[int, list[float], float]] = {}
        self.departed: dict[int, np.ndarray] = {}
        self._next = 0

    def given(self, faces: Sequence[NaiveFace], *, origin: str = "a") -> RoundInput:
        for gone in set(self._keys) - {f.face_id for f in faces}:
            self._leave(gone)
        for f in faces:
            _, embedding, quality = self._keys.get(f.face_id, (0, [], 0.0))
            if (embedding, quality) != (f.embedding, f.quality):
                self._leave(f.face_id)
                self._keys[f.face_id] = (self._next, f.embedding, f.quality)
                self._next += 1
        keys = np.array([self._keys[f.face_id][0] for f in faces], np.int64)
        return replace(as_input(faces), keys=keys, origin=origin, departed=dict(self.departed))

    def _leave(self, face_id: str) -> None:
        if face_id in self._keys:
            key, embedding, _ = self._keys.pop(face_id)
            self.departed[key] = np.array(embedding, np.float32)


def assert_same(result: RoundResult, other: RoundResult) -> None:
    """Everything is the same to the last bit but for why neighbors were counted anew."""
    for field in fields(RoundResult):
        one, two = getattr(result, field.name), getattr(other, field.name)
        if field.name == "stats":
            assert replace(one, recount="") == replace(two, recount="")
        elif field.name == "counts":
            assert_same_counts(one, two)
        elif isinstance(one, np.ndarray):
            assert one.dtype == two.dtype
            assert np.array_equal(one, two)
        else:
            assert one == two


def assert_same_counts(one: KnownCounts, two: KnownCounts) -> None:
    for field in fields(KnownCounts):
        left, right = getattr(one, field.name), getattr(two, field.name)
        assert np.array_equal(left, right), field.name


def changed(
    dice: random.Random, faces: list[NaiveFace], waiting: list[NaiveFace]
) -> list[NaiveFace]:
    """The library after faces came and went, were found anew, and users worked."""
    busy = dice.random() < 0.8
    rate = dice.choice([0.05, 0.2]) if busy else 0.0
    after = [f for f in faces if dice.random() >= rate / 2]
    after += [waiting.pop() for _ in range(min(len(waiting), dice.randint(0, 6)))]
    people = [f.person_id for f in faces if f.person_id]
    embeddings = [f.embedding for f in faces]
    for place, face in enumerate(after):
        chance = dice.random() / rate if rate else 9.0
        if chance < 0.15:
            face = replace(face, embedding=dice.choice(embeddings))
        elif chance < 0.3:
            face = replace(face, quality=dice.choice([0.0, 0.25, 0.5, 1.0]))
        elif chance < 0.5:
            face = replace(face, person_id=None, manual=False)
        elif chance < 0.7 and people and not (face.not_a_face or face.stranger):
            face = replace(face, person_id=dice.choice(people), manual=True, barred=frozenset())
        elif chance < 0.9 and face.person_id is None:
            face = replace(face, not_a_face=not face.not_a_face)
        elif chance < 1.0 and face.person_id is None:
            face = replace(face, stranger=not face.stranger)
        after[place] = face
    return dice.sample(after, len(after))


def random_settings(dice: random.Random) -> RoundParameters:
    gate = QualityGate(min_quality=0.3, distance_share=0.9)
    return RoundParameters(
        mode=RoundMode.ALL if dice.random() < 0.15 else RoundMode.MISSING,
        max_distance=dice.choice([0.01, 0.1, 0.3, 0.5, 0.8]),
        min_faces=dice.randint(1, 6),
        one_face_per_asset=dice.random() < 0.5,
        chain_guard=ChainGuard.at(0.2) if dice.random() < 0.4 else None,
        quality_gate=gate if dice.random() < 0.4 else None,
    )


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32))
def test_known_counts_change_nothing_but_the_work(seed: int) -> None:
    assert_nothing_but_the_work_changes(seed)


@pytest.mark.slow
@settings(max_examples=600)
@given(seed=st.integers(0, 2**32))
def test_known_counts_change_nothing_in_many_histories(seed: int) -> None:
    assert_nothing_but_the_work_changes(seed)


def assert_nothing_but_the_work_changes(seed: int) -> None:
    dice = random.Random(seed)
    waiting = random_faces(dice, count=dice.randint(1, 60), films=dice.random() < 0.5)
    faces = [waiting.pop() for _ in range(len(waiting) // 2)]
    parameters, keys, known = random_settings(dice), Keys(), None
    for number in range(5):
        told = keys.given(faces)
        if dice.random() < 0.2:
            parameters = random_settings(dice)
        threads = dice.choice([1, 2])
        result = run_round(told, parameters, known=known, threads=threads)
        assert_same(result, run_round(told, parameters))
        known = result.counts if dice.random() < 0.9 else known
        faces = changed(dice, committed(faces, result, tag=str(number)), waiting)


@pytest.fixture(autouse=True)
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start from known counts wherever that can be done, for these libraries are small."""
    monkeypatch.setattr("facefolk_server.clustering.known_counts._MOST_LOOKED_AT", 99.0)


def some_library(dice: random.Random, *, count: int = 40) -> list[NaiveFace]:
    """Photos of a few people without marks, all of them placed by a round."""
    faces = random_faces(dice, count=count, marks=False, people=False, flags=False)
    faces = [replace(f, asset_id=f.face_id) for f in faces]
    return committed(faces, run_round(as_input(faces), PARAMETERS), tag="0")


def newcomer(like: NaiveFace, name: str) -> NaiveFace:
    return replace(like, face_id=name, asset_id=name, person_id=None)


def test_a_round_without_counts_says_so_and_leaves_some() -> None:
    faces = some_library(random.Random(3))
    first = run_round(Keys().given(faces), PARAMETERS)
    assert first.stats.recount == "no counts were kept"
    assert first.counts is not None
    assert first.counts.counts.tolist() == first.neighbor_counts.tolist()
    assert run_round(as_input(faces), PARAMETERS).counts is None


def test_newcomers_add_and_departed_are_subtracted() -> None:
    faces, keys = some_library(random.Random(3)), Keys()
    known = run_round(keys.given(faces), PARAMETERS).counts
    after = [*faces[2:], newcomer(faces[0], "f99998"), newcomer(faces[5], "f99999")]
    told = keys.given(after)
    result = run_round(told, PARAMETERS, known=known)
    assert result.stats.recount == ""
    assert_same(result, run_round(told, PARAMETERS))
    again = run_round(told, PARAMETERS, known=result.counts)
    assert_same_counts_of(result, again)


def assert_same_counts_of(one: RoundResult, two: RoundResult) -> None:
    assert one.counts is not None
    assert two.counts is not None
    assert_same_counts(one.counts, two.counts)


def test_counts_of_an_all_round_serve_a_missing_round() -> None:
    faces, keys = some_library(random.Random(5)), Keys()
    everyone = run_round(keys.given(faces), replace(PARAMETERS, mode=RoundMode.ALL))
    assert everyone.stats.recount == ""
    told = keys.given([*faces, newcomer(faces[0], "f99999")])
    result = run_round(told, PARAMETERS, known=everyone.counts)
    assert result.stats.recount == ""
    assert_same(result, run_round(told, PARAMETERS))


@pytest.mark.parametrize(
    ("after", "why"),
    [
        (replace(PARAMETERS, max_distance=0.4), "the maximum distance was 0.3 and is 0.4 now"),
        (replace(PARAMETERS, quality_gate=QualityGate()), "the quality gate is another one"),
    ],
)
def test_other_settings_make_a_round_recount(after: RoundParameters, why: str) -> None:
    faces, keys = some_library(random.Random(3)), Keys()
    known = run_round(keys.given(faces), PARAMETERS).counts
    told = keys.given([*faces, newcomer(faces[0], "f99999")])
    result = run_round(told, after, known=known)
    assert result.stats.recount == why
    assert_same(result, run_round(told, after))


def test_a_minimum_of_faces_is_no_matter_of_counts() -> None:
    faces, keys = some_library(random.Random(3)), Keys()
    known = run_round(keys.given(faces), PARAMETERS).counts
    after = replace(PARAMETERS, min_faces=5, one_face_per_asset=False)
    result = run_round(keys.given(faces), after, known=known)
    assert result.stats.recount == ""
    assert_same(result, run_round(keys.given(faces), after))


def test_embeddings_of_another_origin_make_a_round_recount() -> None:
    faces, keys = some_library(random.Random(3)), Keys()
    known = run_round(keys.given(faces), PARAMETERS).counts
    result = run_round(keys.given(faces, origin="b"), PARAMETERS, known=known)
    assert result.stats.recount == "the counts that were kept are of other embeddings"


def test_a_round_recounts_if_the_embedding_of_one_that_went_is_not_kept() -> None:
    faces, keys = some_library(random.Random(3)), Keys()
    known = run_round(keys.given(faces), PARAMETERS).counts
    told = replace(keys.given(faces[1:]), departed={})
    result = run_round(told, PARAMETERS, known=known)
    assert result.stats.recount == "faces went whose embeddings are not kept"
    assert_same(result, run_round(told, PARAMETERS))


def test_one_that_is_no_face_any_more_needs_not_be_kept() -> None:
    faces, keys = some_library(random.Random(3)), Keys()
    known = run_round(keys.given(faces), PARAMETERS).counts
    after = [replace(faces[0], not_a_face=True, person_id=None), *faces[1:]]
    told = replace(keys.given(after), departed={})
    result = run_round(told, PARAMETERS, known=known)
    assert result.stats.recount == ""
    assert_same(result, run_round(told, PARAMETERS))


def test_where_most_faces_are_new_all_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    faces, keys = some_library(random.Random(3)), Keys()
    known = run_round(keys.given(faces), PARAMETERS).counts
    more = [newcomer(f, f"g{place}") for place, f in enumerate(faces)]
    few = run_round(keys.given([*faces, *more[:9]]), PARAMETERS, known=known)
    many = run_round(keys.given([*faces, *more]), PARAMETERS, known=known)
    assert few.stats.recount == ""
    assert many.stats.recount == "most faces are queued, came or went"


def test_progress_goes_from_nothing_to_everything() -> None:
    faces, keys = some_library(random.Random(3)), Keys()
    known = run_round(keys.given(faces), PARAMETERS).counts
    told = keys.given([*faces[3:], newcomer(faces[0], "f99999")])
    steps: list[tuple[int, int]] = []
    run_round(told, PARAMETERS, known=known, progress=lambda *step: steps.append(step))
    assert len(steps) == 2
    assert [done for done, _ in steps] == sorted(done for done, _ in steps)
    assert steps[-1][0] == steps[-1][1] == steps[0][1]
