"""Growth pair by pair, where a mark or the chain guard may refuse one.

People decide between whole groups: all lenders of a person are one group from the start.
Marks decide between cells (see `marks`).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np

from facefolk_server.clustering.centers import Centers
from facefolk_server.clustering.chain_guard import ChainGuard
from facefolk_server.clustering.grouping import grouped
from facefolk_server.clustering.marks import CellMarks
from facefolk_server.clustering.model import NOBODY, BoolArray, IntArray
from facefolk_server.clustering.pairs import Pairs
from facefolk_server.clustering.union_find import UnionFind
from facefolk_server.clustering.units import Units


class Answer(enum.Enum):
    """What becomes of a pair."""

    WITHIN = enum.auto()
    JOINED = enum.auto()
    APART = enum.auto()
    MARKED = enum.auto()
    GUARDED = enum.auto()


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """Pairs that joined two groups, that lay between two people, and that the guard refused.

    `contested` are the parts in which a mark or the guard refused one.
    """

    joined: Pairs
    apart: Pairs
    refused: Pairs
    contested: frozenset[int]


class Walker:
    """Groups as they grow.

    `lenders` and `growing` `(k,)` tell which units lend and which can be joined, `nodes`
    `(k,)` makes the lenders of a person one group. With `whole_cells` these are one cell as
    well, which lets marks refuse more than they do.
    """

    def __init__(
        self,
        units: Units,
        *,
        lenders: BoolArray,
        growing: BoolArray,
        nodes: IntArray,
        guard: ChainGuard | None,
        whole_cells: bool,
    ) -> None:
        self._groups = UnionFind(nodes.tolist())
        self._cells = self._groups if whole_cells else UnionFind(range(len(units)))
        self._marks = CellMarks(units, growing)
        rows = np.flatnonzero(lenders & growing)
        firsts = rows[nodes[rows] == rows]
        self._persons = dict(zip(firsts.tolist(), units.persons[firsts].tolist(), strict=True))
        self._guard = guard
        self._centers = _centers_of_people(guard, units, nodes, rows) if guard else None

    def walk(self, pairs: Pairs, *, parts: IntArray | None = None) -> Walk:
        """Ask about each pair in turn.

        With `parts` `(k,)`, which no pair connects, a part is left at its first refusal.
        """
        places: dict[Answer, list[int]] = {answer: [] for answer in Answer}
        contested: set[int] = set()
        part_of = parts.tolist() if parts is not None else None
        rows = zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)
        for place, (left, right) in enumerate(rows):
            if part_of is not None and part_of[left] in contested:
                continue
            answer = self._ask(left, right)
            places[answer].append(place)
            if part_of is not None and answer in (Answer.MARKED, Answer.GUARDED):
                contested.add(part_of[left])
        joined, apart, refused = (
            pairs.where(np.array(places[answer], np.intp))
            for answer in (Answer.JOINED, Answer.APART, Answer.GUARDED)
        )
        return Walk(joined, apart, refused, frozenset(contested))

    def _ask(self, left: int, right: int) -> Answer:
        cell, other_cell = self._cells.find(left), self._cells.find(right)
        if cell == other_cell:
            return Answer.WITHIN
        group, other = self._groups.find(left), self._groups.find(right)
        person = self._persons.get(group, NOBODY)
        other_person = self._persons.get(other, NOBODY)
        if group != other and NOBODY not in (person, other_person):
            return Answer.APART
        if self._marks.bar(cell, other_cell, person, other_person):
            return Answer.MARKED
        if group != other:
            if (
                self._guard
                and self._centers
                and not self._guard.allows(self._centers, group, other)
            ):
                return Answer.GUARDED
            self._join_groups(group, other)
        if self._cells is self._groups:
            self._marks.join(*sorted((cell, other_cell)))
        else:
            self._marks.join(*self._cells.join(cell, other_cell))
        return Answer.WITHIN if group == other else Answer.JOINED

    def _join_groups(self, group: int, other: int) -> None:
        kept, gone = self._groups.join(group, other)
        if gone in self._persons:
            self._persons[kept] = self._persons.pop(gone)
        if self._centers:
            self._centers.join(kept, gone)


def _centers_of_people(
    guard: ChainGuard, units: Units, nodes: IntArray, rows: IntArray
) -> Centers:
    """Return the centers of groups at the start, where lenders of a person are one group."""
    centers = guard.centers(units.embeddings)
    for part in grouped(nodes[rows]):
        lenders = rows[part]
        centers.gather(int(nodes[lenders[0]]), lenders)
    return centers
