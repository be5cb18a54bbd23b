"""Faces that a round takes back: of people not born yet, and between two told apart."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from facefolk_server.clustering import (
    CLEARLY_NEARER,
    ChainGuard,
    RoundInput,
    RoundParameters,
    RoundResult,
    run_round,
)
from facefolk_server.types import Reason, RoundMode
from unit.clustering.reference import NaiveFace
from unit.clustering.states import as_input, committed, random_faces, random_parameters
from unit.clustering.test_properties import many

MISSING = RoundParameters(RoundMode.MISSING, max_distance=0.5, min_faces=2)


def at(angle: float, number: int, person: str | None = None, **given: object) -> NaiveFace:
    vector = np.rint(np.array([np.cos(angle), np.sin(angle)]) * 2**24) / 2**24
    return NaiveFace(
        face_id=f"f{number:02}",
        asset_id=f"a{number}",
        embedding=vector.tolist(),
        person_id=person,
        **given,  # type: ignore[arg-type]
    )


def told(
    faces: Sequence[NaiveFace],
    *,
    unborn: Mapping[str, set[str]] | None = None,
    apart: set[tuple[str, str]] | None = None,
) -> RoundInput:
    """The faces, with what is told of face ids and of pairs of people."""
    early = unborn or {}
    rows = {
        row: frozenset(early[face.face_id])
        for row, face in enumerate(faces)
        if face.face_id in early
    }
    return replace(as_input(faces), unborn=rows, apart=frozenset(apart or ()))


def people(faces: Sequence[NaiveFace], result: RoundResult) -> dict[str, str | None]:
    return dict(zip([f.face_id for f in faces], result.person_ids, strict=True))


def reasons(faces: Sequence[NaiveFace], result: RoundResult) -> dict[str, Reason]:
    return dict(zip([f.face_id for f in faces], result.reasons, strict=True))


# P has two faces around angle 0, R two around 2; others lie in between.
PAIR = [at(0.0, 0, "P"), at(0.05, 1, "P"), at(1.95, 2, "R"), at(2.0, 3, "R")]


def test_nobody_is_in_a_picture_taken_before_the_birth() -> None:
    faces = [*PAIR, at(0.1, 4), at(0.15, 5)]
    unborn = {"f04": {"P"}, "f01": {"P"}}
    result = run_round(told(faces, unborn=unborn), MISSING)
    assert people(faces, result)["f04"] is None
    assert reasons(faces, result)["f04"] is Reason.UNBORN
    # The one beside it is nobody's concern, nor is one that P has already.
    assert (people(faces, result)["f05"], people(faces, result)["f01"]) == ("P", "P")
    # In a round over everything P's own faces are looked at, too, but for those by hand.
    by_hand = [replace(faces[1], manual=True), *faces[2:], faces[0]]
    result = run_round(
        told(by_hand, unborn={**unborn, "f00": {"P"}}), replace(MISSING, mode=RoundMode.ALL)
    )
    assert people(by_hand, result)["f00"] is None
    assert people(by_hand, result)["f01"] == "P"


def test_a_border_face_joins_the_nearest_person_who_was_born() -> None:
    # Not core: the second nearest lender takes it in.
    faces = [*PAIR, at(0.9, 4)]
    parameters = replace(MISSING, min_faces=6, max_distance=0.6)
    lenders = [replace(face, manual=True) for face in faces[:4]] + faces[4:]
    assert people(lenders, run_round(told(lenders), parameters))["f04"] == "P"
    result = run_round(told(lenders, unborn={"f04": {"P"}}), parameters)
    assert people(lenders, result)["f04"] == "R"
    both = run_round(told(lenders, unborn={"f04": {"P", "R"}}), parameters)
    assert reasons(lenders, both)["f04"] is Reason.OUTLIER


def test_between_two_who_were_told_apart_only_what_is_clearly_nearer_to_one() -> None:
    # Distances to P and R: 0.38 and 0.47 of the first, 0.1 and 0.88 of the second.
    faces = [*PAIR, at(0.95, 4), at(0.5, 5)]
    parameters = replace(MISSING, max_distance=0.6)
    plain = people(faces, run_round(told(faces), parameters))
    assert plain["f04"] == plain["f05"] == "P"
    alone = [*PAIR, faces[4]]
    result = run_round(told(alone, apart={("P", "R")}), parameters)
    assert people(alone, result)["f04"] is None
    assert reasons(alone, result)["f04"] is Reason.TOLD_APART
    # A face beside it that is clearly P's speaks for it: they are near each other.
    result = run_round(told(faces, apart={("P", "R")}), parameters)
    assert people(faces, result) == plain
    # Several that are all in between do not speak for each other.
    burst = [*PAIR, *(at(0.95 + 0.01 * n, 4 + n) for n in range(4))]
    result = run_round(told(burst, apart={("P", "R")}), parameters)
    assert {people(burst, result)[f"f{4 + n:02}"] for n in range(4)} == {None}
    # Told apart from somebody else, or somebody who has no faces, nothing happens.
    for pair in (("P", "X"), ("X", "Y")):
        assert people(burst, run_round(told(burst, apart={pair}), parameters))["f04"] == "P"


def test_two_who_were_told_apart_stay_two_in_a_round_over_everything() -> None:
    # A chain of four faces of P and four of R, each 0.3 from the next.
    chain = [at(0.3 * n, n, "P" if n < 4 else "R") for n in range(8)]
    over_all = RoundParameters(RoundMode.ALL, max_distance=0.3, min_faces=2)
    assert len(set(people(chain, run_round(told(chain), over_all)).values())) == 1
    result = run_round(told(chain, apart={("P", "R")}), over_all)
    kept = people(chain, result)
    assert all(kept[face.face_id] in (face.person_id, None) for face in chain)
    # Those at the border are clearly nearer to neither; the others keep who they were.
    assert [kept[f"f{n:02}"] for n in (0, 1, 2, 5, 6, 7)] == ["P"] * 3 + ["R"] * 3
    # Told apart from somebody without faces, or where only one is left, nothing changes.
    alone = run_round(told(chain, apart={("P", "X")}), over_all)
    assert len(set(people(chain, alone).values())) == 1


@many(120)
def test_no_group_of_a_round_over_everything_has_core_faces_of_two_told_apart(
    seed: int,
) -> None:
    dice = random.Random(seed)
    faces, parameters = random_state(dice, mode=RoundMode.ALL)
    faces = [replace(face, manual=False, asset_id=f"a{n}") for n, face in enumerate(faces)]
    apart = random_apart(dice)
    result = run_round(told(faces, apart=apart), parameters)
    formers: dict[str, set[str]] = {}
    for face, person, core in zip(faces, result.person_ids, result.core, strict=True):
        if person is not None and core and face.person_id is not None:
            formers.setdefault(person, set()).add(face.person_id)
    for held in formers.values():
        assert not any(held >= set(pair) for pair in apart)


def random_apart(dice: random.Random) -> set[tuple[str, str]]:
    pairs = {tuple(sorted(dice.sample(range(5), 2))) for _ in range(dice.randint(0, 3))}
    return {(f"p{one}", f"p{other}") for one, other in pairs}


def random_unborn(dice: random.Random, faces: Sequence[NaiveFace]) -> dict[str, set[str]]:
    return {face.face_id: {f"p{dice.randrange(5)}"} for face in faces if dice.random() < 0.2}


def random_state(
    dice: random.Random, **given: object
) -> tuple[list[NaiveFace], RoundParameters]:
    faces = random_faces(dice, count=dice.randint(1, 45), films=dice.random() < 0.3)
    guard = ChainGuard.at(dice.choice([0.3, 0.5])) if dice.random() < 0.3 else None
    return faces, random_parameters(dice, chain_guard=guard, **given)


@many(60)
def test_neither_order_nor_the_order_of_pairs_matters(seed: int) -> None:
    dice = random.Random(seed)
    faces, parameters = random_state(dice)
    apart, unborn = random_apart(dice), random_unborn(dice, faces)
    result = run_round(told(faces, unborn=unborn, apart=apart), parameters)
    shuffled = dice.sample(faces, len(faces))
    again = run_round(told(shuffled, unborn=unborn, apart=apart), parameters)
    assert people(shuffled, again) == people(faces, result)
    assert reasons(shuffled, again) == reasons(faces, result)


@many(120)
def test_a_second_missing_round_changes_nothing(seed: int) -> None:
    dice = random.Random(seed)
    faces, parameters = random_state(dice, mode=RoundMode.MISSING)
    apart, unborn = random_apart(dice), random_unborn(dice, faces)
    result = run_round(told(faces, unborn=unborn, apart=apart), parameters)
    after = committed(faces, result, tag="x")
    again = run_round(told(after, unborn=unborn, apart=apart), parameters)
    assert people(after, again) == {face.face_id: face.person_id for face in after}
    assert again.created == ()


@many(120)
def test_only_added_faces_of_those_told_apart_are_taken_back(seed: int) -> None:
    dice = random.Random(seed)
    faces, parameters = random_state(dice, mode=RoundMode.MISSING, one_face_per_asset=False)
    apart = random_apart(dice)
    plain = people(faces, run_round(told(faces), parameters))
    result = run_round(told(faces, apart=apart), parameters)
    concerned = {person for pair in apart for person in pair}
    for face in faces:
        before, after = plain[face.face_id], people(faces, result)[face.face_id]
        if after != before:
            assert after is None
            assert before in concerned
            assert face.person_id is None
            assert reasons(faces, result)[face.face_id] is Reason.TOLD_APART


@many(60)
def test_what_is_between_is_not_clearly_nearer_to_anybody(seed: int) -> None:
    dice = random.Random(seed)
    faces, parameters = random_state(dice, mode=RoundMode.MISSING, one_face_per_asset=False)
    apart = random_apart(dice)
    result = run_round(told(faces, apart=apart), parameters)
    placed = people(faces, result)

    def nearest(face: NaiveFace, person: str) -> float:
        own = np.array(face.embedding)
        others = [f for f in faces if placed[f.face_id] == person and f is not face]
        return min((1.0 - float(own @ np.array(f.embedding)) for f in others), default=9.0)

    for face in faces:
        if reasons(faces, result)[face.face_id] is Reason.TOLD_APART:
            assert any(
                (far := nearest(face, other)) <= parameters.max_distance
                and nearest(face, one) > CLEARLY_NEARER * far
                for pair in apart
                for one, other in (pair, pair[::-1])
            )


@many(60)
def test_nobody_gets_a_person_who_was_not_born(seed: int) -> None:
    dice = random.Random(seed)
    faces, parameters = random_state(dice)
    unborn = random_unborn(dice, faces)
    result = run_round(told(faces, unborn=unborn), parameters)
    for face in faces:
        person = people(faces, result)[face.face_id]
        missing = parameters.mode is RoundMode.MISSING
        kept = face.manual or (missing and face.person_id is not None)
        assert kept or person not in unborn.get(face.face_id, set())
