"""What a round promises, over random histories of a library."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from drawing import drawn
from facefolk_server.clustering import RoundParameters, RoundResult, run_round
from facefolk_server.types import Reason, RoundMode
from hypothesis import given
from hypothesis import strategies as st
from unit.clustering.reference import NaiveFace
from unit.clustering.states import (
    as_input,
    as_naive,
    committed,
    ours,
    random_faces,
    random_parameters,
    rounded,
)

seeds = st.integers(0, 2**32)


def many(examples: int) -> Callable[[Callable[[int], None]], Callable[[], None]]:
    def decorate(test: Callable[[int], None]) -> Callable[[], None]:
        return drawn(examples)(given(seed=seeds)(test))

    return decorate


def history(
    dice: random.Random, *, marks: bool = True, people: bool = True, **given: object
) -> Iterator[tuple[list[NaiveFace], RoundParameters]]:
    """Yield the library before each of some rounds; faces come in and hands work between."""
    films = dice.random() < 0.4
    everyone = random_faces(
        dice, count=dice.randint(1, 45), films=films, marks=marks, people=people
    )
    arrived = [f for f in everyone if dice.random() < 0.5]
    waiting = [f for f in everyone if f not in arrived]
    distance = random_parameters(dice).max_distance
    for number in range(3):
        parameters = random_parameters(dice, **given)
        if dice.random() < 0.8:
            parameters = replace(parameters, max_distance=distance)
        yield arrived, parameters
        result = ours(arrived, parameters)
        arrived = committed(arrived, result, tag=f"h{number}")
        coming = dice.randint(0, len(waiting))
        arrived += waiting[:coming]
        waiting = waiting[coming:]
        if people:
            arrived = [touched(dice, f, arrived) for f in arrived]


def touched(dice: random.Random, face: NaiveFace, faces: list[NaiveFace]) -> NaiveFace:
    """The face after a user may have assigned or unassigned it."""
    chance = dice.random()
    if chance < 0.05 and not face.not_a_face and not face.stranger:
        person = dice.choice([f.person_id for f in faces] or [None])
        if person is not None and person not in face.barred:
            return replace(face, person_id=person, manual=True)
    if chance > 0.97:
        return replace(face, person_id=None, manual=False)
    return face


def people_of(faces: list[NaiveFace], result: RoundResult) -> dict[str, str | None]:
    return {f.face_id: p for f, p in zip(faces, result.person_ids, strict=True)}


@many(60)
def test_neither_order_nor_threads_matter(seed: int) -> None:
    dice = random.Random(seed)
    for faces, parameters in history(dice):
        told = as_naive(faces, ours(faces, parameters))
        shuffled = dice.sample(faces, len(faces))
        assert as_naive(shuffled, ours(shuffled, parameters, threads=3)) == told


@many(60)
def test_missing_keeps_faces_people_and_names(seed: int) -> None:
    dice = random.Random(seed)
    for faces, parameters in history(dice, mode=RoundMode.MISSING):
        result = ours(faces, parameters)
        for f, person in zip(faces, result.person_ids, strict=True):
            assert f.person_id is None or person == f.person_id
        assert result.emptied == ()
        known = {f.person_id for f in faces}
        assert set(result.person_ids) <= known | set(result.created) | {None}
        assert not known & set(result.created)


@many(60)
def test_no_round_moves_what_was_assigned_by_hand(seed: int) -> None:
    dice = random.Random(seed)
    for faces, parameters in history(dice):
        result = ours(faces, parameters)
        for f, person in zip(faces, result.person_ids, strict=True):
            assert not f.manual or person == f.person_id


@many(60)
def test_nobody_gets_a_person_whom_a_mark_bars(seed: int) -> None:
    dice = random.Random(seed)
    for faces, parameters in history(dice):
        result = ours(faces, parameters)
        for f, person in zip(faces, result.person_ids, strict=True):
            queued = f.person_id is None or (parameters.mode is RoundMode.ALL and not f.manual)
            assert not (queued and person in f.barred)
            assert not ((f.not_a_face or f.stranger) and queued and person)


@many(100)
def test_missing_right_after_missing_changes_nothing(seed: int) -> None:
    dice = random.Random(seed)
    for faces, parameters in history(dice):
        parameters = replace(parameters, mode=RoundMode.MISSING)
        first = ours(faces, parameters)
        if not set(first.created) <= with_core_faces(first):
            continue
        after = committed(faces, first, tag="z")
        again = ours(after, parameters)
        assert again.person_ids == [f.person_id for f in after]
        assert again.created == ()
        assert again.reasons == first.reasons
        assert again.pruned == tuple((row, after_name(person)) for row, person in first.pruned)


def with_core_faces(result: RoundResult) -> set[str | None]:
    return {p for p, core in zip(result.person_ids, result.core, strict=True) if core}


def test_missing_right_after_missing_may_find_a_person_again_whose_core_was_pruned() -> None:
    """A new person of whom only border faces stay lends nothing to its own pruned core face.

    The design promises more than its own rules keep; this is a smallest case.
    """
    angles = (0.0, 0.3, -0.3)
    faces = [
        NaiveFace(f"f{3 - row}", "a1", embedding)
        for row, embedding in enumerate(
            rounded([[np.cos(angle), np.sin(angle)] for angle in angles]).tolist()
        )
    ]
    parameters = RoundParameters(RoundMode.MISSING, 0.05, 3)
    first = ours(faces, parameters)
    assert first.person_ids == [None, None, "new:f1"]
    assert first.core.tolist() == [True, False, False]
    again = ours(committed(faces, first, tag="z"), parameters)
    assert again.person_ids == [None, "new:f2", "qz-f1"]


def after_name(person: str) -> str:
    return f"qz-{person[4:]}" if person.startswith("new:") else person


@many(100)
def test_all_right_after_all_changes_nothing_without_marks(seed: int) -> None:
    dice = random.Random(seed)
    for faces, parameters in history(dice, marks=False, one_face_per_asset=False):
        parameters = replace(parameters, mode=RoundMode.ALL)
        after = committed(faces, ours(faces, parameters), tag="z")
        again = ours(after, parameters)
        assert again.person_ids == [f.person_id for f in after]
        assert (again.created, again.emptied) == ((), ())


def test_all_right_after_all_may_change_what_was_pruned() -> None:
    """A pruned face has no former person in the next round, so its group may not inherit.

    The design promises more than its own rules keep; this is the smallest case.
    """
    by_hand = NaiveFace("f1", "a1", [1.0, 0.0], "p1", manual=True)
    other = NaiveFace("f2", "a1", [0.0, 1.0], "p1")
    parameters = RoundParameters(RoundMode.ALL, 0.1, 1)
    first = ours([by_hand, other], parameters)
    assert first.person_ids == ["p1", None]
    again = ours(committed([by_hand, other], first, tag="z"), parameters)
    assert again.person_ids == ["p1", "new:f2"]


@many(40)
def test_with_a_minimum_of_one_nothing_is_deferred(seed: int) -> None:
    dice = random.Random(seed)
    for faces, parameters in history(dice, min_faces=1):
        result = ours(faces, parameters)
        assert result.deferred_rows == ()
        assert Reason.OUTLIER not in result.reasons
        assert [f.not_a_face for f in faces] == [not core for core in result.core]


@many(60)
def test_one_face_of_a_person_in_a_picture(seed: int) -> None:
    dice = random.Random(seed)
    for faces, parameters in history(dice, one_face_per_asset=True):
        result = ours(faces, parameters)
        pruned = dict(result.pruned)
        pictures: dict[tuple[str | None, str, int], list[int]] = {}
        for row, (f, person) in enumerate(zip(faces, result.person_ids, strict=True)):
            if person is not None:
                pictures.setdefault((person, f.asset_id, f.frame), []).append(row)
            assert (row in pruned) == (result.reasons[row] is Reason.SAME_ASSET)
        for rows in pictures.values():
            added = [r for r in rows if is_added(faces[r], parameters)]
            assert not added or len(rows) == 1
        for row, person in pruned.items():
            assert (person, faces[row].asset_id, faces[row].frame) in pictures


def is_added(face: NaiveFace, parameters: RoundParameters) -> bool:
    return face.person_id is None or (parameters.mode is RoundMode.ALL and not face.manual)


@many(60)
def test_numbers_add_up(seed: int) -> None:
    dice = random.Random(seed)
    for faces, parameters in history(dice):
        result = ours(faces, parameters)
        stats = result.stats
        marked = result.reasons.count(Reason.MARKED)
        assert stats.queued == stats.processed
        assert stats.queued == stats.assigned + stats.outliers + stats.pruned + marked
        assert stats.deferred == len(result.deferred_rows)
        used = {p for p in result.person_ids if p is not None}
        assert set(result.created) == {p for p in used if p.startswith("new:")}
        for key in result.created:
            assert (
                key == f"new:{min(f for f, p in people_of(faces, result).items() if p == key)}"
            )
        before = {f.person_id for f in faces} - {None}
        if parameters.mode is RoundMode.ALL:
            assert set(result.emptied) == before - used


def test_an_empty_library_has_an_empty_round() -> None:
    result = ours([], random_parameters(random.Random(0)))
    assert result.person_ids == []
    assert result.stats.queued == 0


def test_kept_people_stay_though_they_are_empty() -> None:
    faces = [NaiveFace("f1", "a1", [1.0, 0.0], "p1"), NaiveFace("f2", "a2", [0.0, 1.0], "p2")]
    parameters = RoundParameters(RoundMode.ALL, 0.1, 3)
    given_ = as_input(faces, kept_people=frozenset({"p2"}))
    assert run_round(given_, parameters).emptied == ("p1",)


def test_what_progress_raises_stops_the_round() -> None:
    class StopError(Exception):
        pass

    def stop(done: int, total: int) -> None:
        raise StopError

    faces = random_faces(random.Random(1), count=30)
    with pytest.raises(StopError):
        run_round(as_input(faces), random_parameters(random.Random(1)), progress=stop)


def test_progress_ends_with_everything() -> None:
    told: list[tuple[int, int]] = []
    faces = random_faces(random.Random(1), count=30)
    run_round(
        as_input(faces),
        random_parameters(random.Random(1)),
        progress=lambda done, total: told.append((done, total)),
    )
    assert told
    assert told[-1][0] == told[-1][1]
