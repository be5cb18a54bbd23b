"""Steps 2 and 3 of a round: which group is which person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from facefolk_server.clustering.grouping import grouped
from facefolk_server.clustering.model import NOBODY, IntArray
from facefolk_server.clustering.units import Units


@dataclass(slots=True, eq=False)
class Group:
    """A group of step 1: its core faces of Q, ascending, and the person it has."""

    members: IntArray
    person: int
    barred: frozenset[int]


def list_groups(units: Units, groups: IntArray) -> list[Group]:
    """Return the groups that have core faces of Q, by their smallest such face.

    `groups` `(k,)` labels the units that grew, `NOBODY` the others. A group has the person
    of its lenders.
    """
    grown = np.flatnonzero((groups != NOBODY) & units.queued)
    lenders = np.flatnonzero((groups != NOBODY) & ~units.queued)
    persons = np.full(len(units), NOBODY)
    persons[groups[lenders]] = units.persons[lenders]
    barred: dict[int, frozenset[int]] = {}
    for unit, people in units.barred.items():
        if groups[unit] != NOBODY:
            label = int(groups[unit])
            barred[label] = barred.get(label, frozenset()) | people
    found = []
    for part in grouped(groups[grown]):
        members = grown[part]
        label = int(groups[members[0]])
        person = int(persons[label])
        found.append(Group(members, person, barred.get(label, frozenset())))
    found.sort(key=lambda group: int(group.members[0]))
    return found


def inherit(units: Units, groups: list[Group]) -> None:
    """Give groups without a person the one that most of their faces had before.

    (group, former person) pairs are taken by core faces in common, most first, then by
    person, then by group; one counts if these are at least half of either's faces, and if
    no mark in the group bars the person.
    """
    had = np.bincount(units.formers[units.formers != NOBODY])
    wishes = sorted(_wishes(units, groups, had))
    taken: set[int] = set()
    for _, person, place in wishes:
        group = groups[place]
        if group.person == NOBODY and person not in taken:
            group.person = person
            taken.add(person)


def create(groups: list[Group], *, min_faces: int, first_person: int) -> int:
    """Make new people of the remaining groups, with codes from `first_person` on.

    Return the code after the last. A group with a marked face and fewer core faces than
    `min_faces` stays without a person.
    """
    code = first_person
    for group in groups:
        if group.person != NOBODY or (group.barred and len(group.members) < min_faces):
            continue
        group.person = code
        code += 1
    return code


def _wishes(units: Units, groups: list[Group], had: IntArray) -> Iterator[tuple[int, int, int]]:
    for place, group in enumerate(groups):
        if group.person != NOBODY:
            continue
        formers = units.former_automatic[group.members]
        people, numbers = np.unique(formers[formers != NOBODY], return_counts=True)
        for person, shared in zip(people.tolist(), numbers.tolist(), strict=True):
            enough = 2 * shared >= len(group.members) or 2 * shared >= had[person]
            if enough and person not in group.barred:
                yield -shared, person, place
