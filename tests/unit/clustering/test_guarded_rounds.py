"""Rounds with the chain guard, against the transcription asking it anew each time."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
from drawing import drawn
from facefolk_server.clustering import ChainGuard
from facefolk_server.clustering.centers import Centers
from facefolk_server.types import RoundMode
from hypothesis import example, given
from hypothesis import strategies as st
from unit.clustering.reference import Group, NaiveFace, NaiveResult, NaiveRound
from unit.clustering.states import (
    as_naive,
    committed,
    ours,
    random_faces,
    random_parameters,
    rounded,
)

LAX = ChainGuard(2.5, 2.5, 0.0, 0.1, member_limit=2.5)


class GuardedRound(NaiveRound):
    """The slow round with a guard that remembers nothing between two questions."""

    def __init__(self, faces: list[NaiveFace], *, guard: ChainGuard, **given) -> None:
        super().__init__(faces, **given)
        self.guard = guard
        self.refused: list[tuple[str, str]] = []

    def whole(self, group: Group) -> list[str]:
        if group.person is None:
            return sorted(group.units)
        same = [g.units for g in self.group.values() if g.person == group.person]
        return sorted(set().union(*same))

    def centers(self, *groups: list[str]) -> tuple[Centers, list[int]]:
        rows = [u for units in groups for u in units]
        embeddings = np.array([self.by_id[u].embedding for u in rows], np.float32)
        centers = self.guard.centers(embeddings)
        roots = []
        for units in groups:
            first = roots[-1] + len(groups[len(roots) - 1]) if roots else 0
            roots.append(first)
            if len(units) > 1:
                centers.gather(first, np.arange(first, first + len(units)))
        return centers, roots

    def refuses(self, a: Group, b: Group, f: str, g: str) -> bool:
        if a.person is not None and a.person == b.person:
            return False
        centers, (one, two) = self.centers(self.whole(a), self.whole(b))
        if self.guard.allows(centers, one, two):
            return False
        self.refused.append((f, g))
        return True

    def grown(self) -> None:
        while self.refused and self.join_pieces():
            pass
        self.refused = [
            (f, g)
            for f, g in self.refused
            if self.whole(self.group[f]) != self.whole(self.group[g])
        ]

    def join_pieces(self) -> bool:
        wholes = {tuple(self.whole(g)): g for g in self.group.values()}
        keys = sorted(wholes)
        centers, roots = self.centers(*map(list, keys))
        apart = {
            (a, b): centers.distance(one, two) if a != b else np.inf
            for a, one in zip(keys, roots, strict=True)
            for b, two in zip(keys, roots, strict=True)
        }
        links = {
            frozenset(tuple(self.whole(self.group[u])) for u in pair) for pair in self.refused
        }
        joins = []
        for link in links:
            if len(link) == 1:
                continue
            a, b = sorted(link)
            first, second = wholes[a], wholes[b]
            near_a, near_b = (sorted(apart[x, y] for y in keys) for x in (a, b))
            if (
                apart[a, b] == near_a[0] == near_b[0]
                and apart[a, b] <= self.guard.fragment_limit
                and min(near_a[1], near_b[1]) - apart[a, b] >= self.guard.fragment_margin
                and not self.guard.holds_far_faces(
                    centers, *(roots[keys.index(x)] for x in (a, b))
                )
                and not (first.person and second.person)
                and not self.piece_barred(a, b)
                and not self.piece_barred(b, a)
            ):
                joins.append((first, second, a, b))
        for first, second, a, b in joins:
            units = set(a) | set(b)
            cells = [self.group[u] for u in units]
            whole = Group(
                units,
                first.person or second.person,
                set().union(*(c.barred for c in cells)),
                set().union(*(c.former for c in cells)),
            )
            for u in units:
                self.group[u] = whole
        return bool(joins)

    def piece_barred(self, a: tuple[str, ...], b: tuple[str, ...]) -> bool:
        barred = set().union(*(self.group[u].barred for u in a))
        others = [self.group[u] for u in b]
        return bool(barred & set().union(*({g.person} | g.former for g in others)))


def guarded_once(faces, parameters) -> tuple[NaiveResult, set[frozenset[str]]]:
    naive = GuardedRound(
        list(faces),
        guard=parameters.chain_guard,
        all_faces=parameters.mode is RoundMode.ALL,
        e=parameters.max_distance,
        m=parameters.min_faces,
    )
    result = naive.run(one_face_per_asset=parameters.one_face_per_asset)
    people = {
        frozenset(pair)
        for pair in naive.refused
        if len({naive.group[u].person for u in pair} - {None}) == 2
    }
    return result, people


def guarded(faces, parameters) -> tuple[NaiveResult, set[frozenset[str]]]:
    """One round; a MISSING one goes on until a further one gives nobody a person."""
    result, refused = guarded_once(faces, parameters)
    while parameters.mode is RoundMode.MISSING:
        after = [replace(face, person_id=result.people[face.face_id]) for face in faces]
        again, more = guarded_once(after, parameters)
        is_end = again.people == result.people
        if is_end:
            return replace(followed_by(result, again), links=result.links), refused
        result, refused = followed_by(result, again), refused | more
    return result, refused


def followed_by(one: NaiveResult, other: NaiveResult) -> NaiveResult:
    left = {face for face, person in one.people.items() if person is None}
    created = one.created | other.created
    names = {
        person: "new:" + min(f for f, p in other.people.items() if p == person)
        for person in created
    }

    def named(person: str) -> str:
        return names.get(person, person)

    return NaiveResult(
        people={face: person and named(person) for face, person in other.people.items()},
        core=other.core,
        counts=other.counts,
        reasons={f: (other if f in left else one).reasons[f] for f in one.reasons},
        created=set(names.values()),
        deferred=(one.deferred - left) | other.deferred,
        pruned={(face, named(person)) for face, person in other.pruned},
        links={frozenset(map(named, pair)) for pair in one.links | other.links},
    )


@drawn(150)
@given(
    seed=st.integers(0, 2**32),
    count=st.integers(0, 30),
    scale=st.sampled_from([0.05, 0.1, 0.2, 0.4, 0.6]),
)
def test_it_ends_like_the_transcription(seed: int, count: int, scale: float) -> None:
    dice = random.Random(seed)
    faces = random_faces(dice, count=count, marks=dice.random() < 0.5)
    parameters = random_parameters(dice, chain_guard=ChainGuard.at(scale))
    result = ours(faces, parameters)
    expected, refused = guarded(faces, parameters)
    assert as_naive(faces, result) == expected
    assert {frozenset((j.face_a, j.face_b)) for j in result.refused_joins} == refused


@drawn(60)
@given(seed=st.integers(0, 2**32), count=st.integers(0, 40))
def test_where_it_refuses_nothing_nothing_changes(seed: int, count: int) -> None:
    dice = random.Random(seed)
    faces = random_faces(dice, count=count, films=dice.random() < 0.3)
    parameters = random_parameters(dice)
    plain = as_naive(faces, ours(faces, parameters))
    lax = ours(faces, replace(parameters, chain_guard=LAX))
    assert as_naive(faces, lax) == plain
    assert lax.refused_joins == ()


@drawn(40)
@given(seed=st.integers(0, 2**32), count=st.integers(1, 40))
def test_neither_order_nor_threads_matter(seed: int, count: int) -> None:
    dice = random.Random(seed)
    faces = random_faces(dice, count=count)
    parameters = random_parameters(dice, chain_guard=ChainGuard.at(0.3))
    told = as_naive(faces, ours(faces, parameters))
    shuffled = dice.sample(faces, count)
    assert as_naive(shuffled, ours(shuffled, parameters, threads=3)) == told


@drawn(150)
@given(
    seed=st.integers(0, 2**32),
    count=st.integers(1, 45),
    scale=st.sampled_from([0.05, 0.1, 0.3, 0.5]),
)
@example(seed=20, count=40, scale=0.5)  # a pruned face whom the guard refused at first
@example(seed=160, count=29, scale=0.5)
def test_a_second_missing_round_changes_nothing(seed: int, count: int, scale: float) -> None:
    dice = random.Random(seed)
    faces = random_faces(dice, count=count, films=dice.random() < 0.3)
    parameters = random_parameters(
        dice, chain_guard=ChainGuard.at(scale), mode=RoundMode.MISSING
    )
    after = committed(faces, ours(faces, parameters), tag="x")
    again = ours(after, parameters)
    assert again.person_ids == [face.person_id for face in after]
    assert again.created == ()


def test_a_face_between_two_people_is_named() -> None:
    angles = np.radians([0, 1, 2, 50, 100, 99, 98])
    embeddings = rounded(np.stack((np.cos(angles), np.sin(angles)), axis=1)).tolist()
    faces = [
        NaiveFace(f"f{row}", f"a{row}", embedding) for row, embedding in enumerate(embeddings)
    ]
    parameters = replace(
        random_parameters(random.Random(0)),
        mode=RoundMode.ALL,
        max_distance=0.4,
        min_faces=3,
        one_face_per_asset=True,
    )
    assert len(set(ours(faces, parameters).person_ids)) == 1
    guarded_result = ours(faces, replace(parameters, chain_guard=ChainGuard.at(0.4)))
    assert guarded_result.person_ids[0] != guarded_result.person_ids[-1]
    (people,) = {(j.person_a, j.person_b) for j in guarded_result.refused_joins}
    assert set(people) == {guarded_result.person_ids[0], guarded_result.person_ids[-1]}
    assert any("f3" in (j.face_a, j.face_b) for j in guarded_result.refused_joins)
