"""What enters a round: faces, and tracks through the one face that stands for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from facefolk_server.clustering.model import (
    NOBODY,
    BoolArray,
    DoubleArray,
    FloatArray,
    IntArray,
)


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """Faces that enter a round, in the order of their ids, so that ranks break ties.

    People are codes in the order of their ids, `NOBODY` for none. `persons` are what the
    units have when the round begins to grow (in ALL only what was assigned by hand),
    `formers` what they had before, `former_automatic` where that was not by hand.
    `queued` are the faces of Q. `barred` has the codes that marks on a queued unit name,
    `unborn` those of people who cannot be in its picture yet. `rivals` has for the code of a
    person, in ALL, those of people who were told apart from it.
    `able` may be core and count as neighbors; two units are in reach of each other within
    the smaller one of their `reaches` (None: all are able, within the round's distance).
    `embeddings` are `(k, d) float32`, all else `(k,)`.
    """

    embeddings: FloatArray
    persons: IntArray
    formers: IntArray
    former_automatic: BoolArray
    manual: BoolArray
    queued: BoolArray
    barred: Mapping[int, frozenset[int]]
    able: BoolArray
    reaches: DoubleArray | None = None
    unborn: Mapping[int, frozenset[int]] = field(default_factory=dict)
    rivals: Mapping[int, frozenset[int]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.persons)

    def lenders(self, core: BoolArray) -> BoolArray:
        """Return which units lend their person from the start, given which are core."""
        lend: BoolArray = (self.persons != NOBODY) & (self.manual | core)
        return lend

    def nodes(self, lenders: BoolArray) -> IntArray:
        """Return for each unit the first lender of its person, or itself if it lends none.

        Lenders of one person are one group from the start.
        """
        nodes = np.arange(len(self))
        placed = np.flatnonzero(lenders)
        persons = self.persons[placed]
        first = np.empty(int(persons.max(initial=NOBODY)) + 1, np.intp)
        first[persons[::-1]] = placed[::-1]
        nodes[placed] = first[persons]
        return nodes
