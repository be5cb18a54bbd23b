"""Joins that did not happen, as pairs of people for a user to decide about."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from facefolk_server.clustering.model import NOBODY, IntArray, Join
from facefolk_server.clustering.pairs import Pairs
from facefolk_server.clustering.union_find import UnionFind


def between_people(pairs: Pairs, persons: IntArray) -> Pairs:
    """Return the pairs whose units have two different people."""
    one, two = persons[pairs.left], persons[pairs.right]
    return pairs.where((one != two) & (one != NOBODY) & (two != NOBODY))


def fewest(pairs: Pairs, persons: IntArray) -> Pairs:
    """Return the first pairs that link all people whom the pairs link."""
    sets = UnionFind(range(int(persons.max(initial=0)) + 1))
    chosen = []
    people = zip(persons[pairs.left].tolist(), persons[pairs.right].tolist(), strict=True)
    for place, (person, other) in enumerate(people):
        one, two = sets.find(person), sets.find(other)
        if one != two:
            sets.join(one, two)
            chosen.append(place)
    return pairs.where(np.array(chosen, np.intp))


def name_joins(
    pairs: Pairs, persons: IntArray, names: dict[int, str], face_ids: Mapping[int, str]
) -> tuple[Join, ...]:
    """Put pairs of units in names; `face_ids` go by unit."""
    rows = zip(pairs.left.tolist(), pairs.right.tolist(), pairs.distances.tolist(), strict=True)
    joins = []
    for left, right, distance in rows:
        one, two = sorted((names[int(persons[unit])], face_ids[unit]) for unit in (left, right))
        joins.append(Join(one[0], two[0], one[1], two[1], distance))
    return tuple(joins)
