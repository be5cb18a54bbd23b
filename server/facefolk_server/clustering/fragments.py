"""Pieces of one person that the chain guard kept apart while they were small."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from facefolk_server.clustering.centers import Centers
from facefolk_server.clustering.chain_guard import ChainGuard, join_fragments
from facefolk_server.clustering.grouping import grouped
from facefolk_server.clustering.marks import CellMarks
from facefolk_server.clustering.model import NOBODY, BoolArray, FloatArray, IntArray
from facefolk_server.clustering.pairs import Pairs
from facefolk_server.clustering.units import Units


def rejoin(
    units: Units, groups: IntArray, *, lenders: BoolArray, refused: Pairs, guard: ChainGuard
) -> IntArray:
    """Return the groups after the guard looked once more at the pairs it refused.

    `groups` `(k,)` holds the smallest unit of each unit's group, `NOBODY` for units that do
    not grow; `refused` lie between two of them. Groups of two people stay apart, and so do
    groups of which a mark on any face bars the other.
    """
    state = _Groups(units, groups, lenders)
    centers = _Centers(units.embeddings, members_kept=guard.members_kept, joined=state.join)
    growing = np.flatnonzero(groups != NOBODY)
    for part in grouped(groups[growing]):
        if len(part) > 1:
            centers.gather(int(groups[growing[part[0]]]), growing[part])
    links = zip(groups[refused.left].tolist(), groups[refused.right].tolist(), strict=True)
    made = join_fragments(
        guard,
        centers,
        groups=np.unique(groups[growing]).tolist(),
        refused=set(links),
        allowed=state.may_join,
    )
    joined = groups.copy()
    for kept, gone in made:
        joined[joined == gone] = kept
    return joined


class _Groups:
    """Whose the groups are and whom marks bar from them, by root."""

    def __init__(self, units: Units, groups: IntArray, lenders: BoolArray) -> None:
        rows = np.flatnonzero(lenders)
        self._persons = dict(
            zip(groups[rows].tolist(), units.persons[rows].tolist(), strict=True)
        )
        self._marks = CellMarks(units, groups != NOBODY)
        for unit in np.flatnonzero((groups != NOBODY) & (groups != np.arange(len(groups)))):
            self._marks.join(int(groups[unit]), int(unit))

    def may_join(self, group: int, other: int) -> bool:
        person = self._persons.get(group, NOBODY)
        other_person = self._persons.get(other, NOBODY)
        if NOBODY not in (person, other_person):
            return False
        return not self._marks.bar(group, other, person, other_person)

    def join(self, kept: int, gone: int) -> None:
        if gone in self._persons:
            self._persons[kept] = self._persons.pop(gone)
        self._marks.join(kept, gone)


class _Centers(Centers):
    """Centers that tell of each join."""

    def __init__(
        self,
        embeddings: FloatArray,
        *,
        members_kept: int,
        joined: Callable[[int, int], None],
    ) -> None:
        super().__init__(embeddings, members_kept=members_kept)
        self._joined = joined

    def join(self, kept: int, gone: int) -> None:
        super().join(kept, gone)
        self._joined(kept, gone)
