"""Pairs of faces as arrays, in the one order that rounds take them: nearest first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from facefolk_server.clustering.model import BoolArray, DoubleArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Pairs of faces by their rank in the order of face ids, `left < right`, `(p,)` each."""

    left: IntArray
    right: IntArray
    distances: DoubleArray

    def __len__(self) -> int:
        return len(self.left)

    def where(self, chosen: BoolArray | IntArray) -> Pairs:
        """Return the chosen pairs."""
        return Pairs(self.left[chosen], self.right[chosen], self.distances[chosen])

    def nearest_first(self) -> Pairs:
        """Return the pairs by distance, ties by face ids."""
        order = np.argsort(self.distances)
        distances = self.distances[order]
        same = distances[1:] == distances[:-1]
        if same.any():
            tied = np.zeros(len(order), bool)
            tied[1:] = same
            tied[:-1] |= same
            some = order[tied]
            again = np.lexsort((self.right[some], self.left[some], self.distances[some]))
            order[tied] = some[again]
        return self.where(order)


def no_pairs() -> Pairs:
    """Return no pairs at all."""
    return Pairs(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.float64))


def together(parts: Iterable[Pairs]) -> Pairs:
    """Return the pairs of all parts."""
    some = [part for part in parts if len(part)]
    if len(some) <= 1:
        return some[0] if some else no_pairs()
    return Pairs(
        np.concatenate([part.left for part in some]),
        np.concatenate([part.right for part in some]),
        np.concatenate([part.distances for part in some]),
    )
