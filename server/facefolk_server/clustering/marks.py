"""What marks say while groups grow."""

from __future__ import annotations

import numpy as np

from facefolk_server.clustering.model import NOBODY, BoolArray, IntArray
from facefolk_server.clustering.units import Units


def tellers(units: Units, growing: BoolArray) -> IntArray:
    """Return the growing units that come from people who were told apart from others."""
    came = np.isin(units.former_automatic, list(units.rivals))
    return np.flatnonzero(units.queued & growing & came)


class CellMarks:
    """What was said of the faces of each cell.

    Whom marks bar from it, and whose its faces were automatically before the round.

    A cell is the faces that pairs have joined, known by one of them, at first each of the
    faces that `growing` tells. Marks decide between cells, not between whole groups: what
    was joined to another lender of the same person is not a mark's concern
    (`rounds/cases.jsonl` has it so). Marks on faces that have a person say nothing here.

    Two people whom a user told apart stay two in a round over everything, though their faces
    begin it without them: each face is barred from the other one as if it were marked.
    """

    def __init__(self, units: Units, growing: BoolArray) -> None:
        self._barred = {
            unit: set(people) - {NOBODY}
            for unit, people in units.barred.items()
            if growing[unit]
        }
        for unit in tellers(units, growing).tolist():
            rivals = units.rivals[int(units.former_automatic[unit])]
            self._barred.setdefault(unit, set()).update(rivals)
        named = {person for people in self._barred.values() for person in people}
        formers = units.former_automatic
        tells = np.flatnonzero(units.queued & growing & np.isin(formers, list(named)))
        self._formers = {unit: {int(formers[unit])} for unit in tells.tolist()}

    def bar(self, cell: int, other: int, person: int, other_person: int) -> bool:
        """Tell whether a mark keeps two cells apart; their people are codes or `NOBODY`."""
        return self._one_bars(cell, other, other_person) or self._one_bars(other, cell, person)

    def join(self, kept: int, gone: int) -> None:
        """Put the cell `gone` into the cell `kept`."""
        for table in (self._barred, self._formers):
            if gone in table:
                table.setdefault(kept, set()).update(table.pop(gone))

    def _one_bars(self, cell: int, other: int, other_person: int) -> bool:
        barred = self._barred.get(cell)
        if not barred:
            return False
        return other_person in barred or not barred.isdisjoint(self._formers.get(other, ()))
