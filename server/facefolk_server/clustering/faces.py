"""The faces of a round in the order of their ids, with numbers in place of names."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facefolk_server.clustering.model import (
    NOBODY,
    BoolArray,
    FloatArray,
    IntArray,
    RoundInput,
)
from facefolk_server.types import RoundMode


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """All faces by rank, `(n,)` each; `rows` are their rows in the input.

    `people` are the ids that person codes index, in order. `befores` are the persons before
    the round, `persons` what is left of them when it begins: in ALL only what was assigned
    by hand. `queued` are the faces it decides about. `barred` and `unborn` go by rank and
    have codes, and so has `apart`; `mark_sets` are equal where the marks of two faces bar the
    same people.
    """

    rows: IntArray
    ids: list[str]
    embeddings: FloatArray
    people: list[str]
    befores: IntArray
    persons: IntArray
    manual: BoolArray
    not_a_face: BoolArray
    stranger: BoolArray
    queued: BoolArray
    barred: Mapping[int, frozenset[int]]
    unborn: Mapping[int, frozenset[int]]
    apart: Sequence[tuple[int, int]]
    quality: FloatArray
    assets: IntArray
    pictures: IntArray
    mark_sets: IntArray

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def rivals(self) -> Mapping[int, frozenset[int]]:
        """Who was told apart from whom, by code."""
        found: dict[int, frozenset[int]] = {}
        for pair in self.apart:
            for one, other in (pair, pair[::-1]):
                found[one] = found.get(one, frozenset()) | {other}
        return found


def order_faces(given: RoundInput, mode: RoundMode) -> Faces:
    """Put the faces of the input in the order of their ids."""
    order = sorted(range(len(given.face_ids)), key=given.face_ids.__getitem__)
    rows = np.array(order, np.intp)
    in_order = np.array_equal(rows, np.arange(len(rows)))
    manual = np.asarray(given.manual, bool)[rows]
    not_a_face = np.asarray(given.not_a_face, bool)[rows]
    stranger = np.asarray(given.stranger, bool)[rows]
    people, befores = _people(given, rows)
    persons = np.where(manual, befores, NOBODY) if mode is RoundMode.ALL else befores
    assets = _codes(_at(given.asset_ids, order, in_order=in_order))
    frames = np.asarray(given.frame_offsets_us, np.int64)[rows]
    # Embeddings are large; those that are in order already are not copied.
    embeddings = given.embeddings if in_order else given.embeddings[rows]
    return Faces(
        rows=rows,
        ids=_at(given.face_ids, order, in_order=in_order),
        embeddings=np.ascontiguousarray(embeddings, np.float32),
        people=people,
        befores=befores,
        persons=persons,
        manual=manual,
        not_a_face=not_a_face,
        stranger=stranger,
        queued=(persons == NOBODY) & ~not_a_face & ~stranger,
        barred=_by_rank(given.barred, rows, people),
        unborn=_by_rank(given.unborn, rows, people),
        apart=_apart(given, people),
        quality=np.asarray(given.quality, np.float32)[rows],
        assets=assets,
        pictures=_pictures(assets, frames),
        mark_sets=_mark_sets(given, rows),
    )


def _at(values: Sequence[str], order: list[int], *, in_order: bool) -> list[str]:
    return list(values) if in_order else [values[row] for row in order]


def _people(given: RoundInput, rows: IntArray) -> tuple[list[str], IntArray]:
    people = sorted(set(given.person_ids) - {None}, key=str)
    codes = {person: code for code, person in enumerate(people)} | {None: NOBODY}
    persons = np.fromiter(
        map(codes.__getitem__, given.person_ids), np.intp, len(given.person_ids)
    )
    return [str(person) for person in people], persons[rows]


def _by_rank(
    said: Mapping[int, frozenset[str]], rows: IntArray, people: list[str]
) -> Mapping[int, frozenset[int]]:
    """Return what was said of rows by rank.

    A face barred from a person who has no faces is a marked face all the same; such people
    are `NOBODY`.
    """
    codes = {person: code for code, person in enumerate(people)}
    rank = np.empty(len(rows), np.intp)
    rank[rows] = np.arange(len(rows))
    return {
        int(rank[row]): frozenset(codes.get(person, NOBODY) for person in barred)
        for row, barred in said.items()
        if barred
    }


def _apart(given: RoundInput, people: list[str]) -> list[tuple[int, int]]:
    codes = {person: code for code, person in enumerate(people)}
    pairs = sorted(pair for pair in given.apart if codes.keys() >= set(pair))
    return [(codes[one], codes[other]) for one, other in pairs]


def _pictures(assets: IntArray, frames: NDArray[np.int64]) -> IntArray:
    """Return equal numbers for equal frames of equal assets."""
    moments, which = np.unique(frames, return_inverse=True)
    return assets * len(moments) + which


def _mark_sets(given: RoundInput, rows: IntArray) -> IntArray:
    """Return equal numbers for faces of which equal sets of people are barred, by rank."""
    seen: dict[frozenset[str], int] = {frozenset(): 0}
    sets = np.zeros(len(rows), np.intp)
    for row, barred in given.barred.items():
        sets[row] = seen.setdefault(frozenset(barred), len(seen))
    return sets[rows]


def _codes(values: Sequence[Hashable]) -> IntArray:
    """Return equal numbers from 0 on for equal values."""
    codes = {value: code for code, value in enumerate(dict.fromkeys(values))}
    return np.fromiter(map(codes.__getitem__, values), np.intp, len(values))
