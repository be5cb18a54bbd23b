"""Mean distances between groups of faces, exact whatever the order of their joining.

Embeddings are multiples of 2**-24, so the sum over up to 2**29 faces is exact in float64. The
center of a group is that sum over its number of faces, rounded to multiples of 2**-24 again.
A product of two centers is then exact as that of two embeddings is: its parts are multiples
of 2**-48 and add up to less than 2. So the mean distance of two groups, 1 - product, depends
on their members alone: not on the order in which they came together, nor on how a machine
adds. The rounding moves it by less than 2**-19 from the mean over all pairs (d up to 512).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
DoubleArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

_STEPS = 2.0**24


class Centers:
    """Sums, sizes and centers of groups of faces, a group being known by one of its rows.

    `embeddings` are `(n, d) float32`, multiples of 2**-24. At first each row is a group of
    its own; only groups that grew take memory. The rows of a group are known while they are
    at most `members_kept`.
    """

    def __init__(self, embeddings: FloatArray, *, members_kept: int = 0) -> None:
        self._embeddings = embeddings
        self._members_kept = members_kept
        self._members: dict[int, list[int]] = {}
        self._unsummed: dict[int, IntArray] = {}
        self._sums: dict[int, DoubleArray] = {}
        self._sizes: dict[int, int] = {}
        self._centers: dict[int, DoubleArray] = {}

    def gather(self, root: int, rows: IntArray) -> None:
        """Make these rows the one group `root`, which is one of them."""
        if len(rows) <= self._members_kept:
            self._members[root] = rows.tolist()
        # Of all the people there are, a round asks about few.
        self._sizes[root] = len(rows)
        self._unsummed[root] = rows

    def join(self, kept: int, gone: int) -> None:
        """Put the group `gone` into the group `kept`."""
        total = self._sum(kept) + self._sum(gone)
        size = self.size(kept) + self.size(gone)
        members = self.members(kept) + self.members(gone)
        for table in (self._sums, self._sizes, self._centers, self._members):
            table.pop(gone, None)
        self._members.pop(kept, None)
        if size <= self._members_kept:
            self._members[kept] = members
        self._keep(kept, total, size)

    def size(self, root: int) -> int:
        """Return how many faces the group has."""
        return self._sizes.get(root, 1)

    def members(self, root: int) -> list[int]:
        """Return the group's rows; none of a group that has more than are kept."""
        return [root] if self.size(root) == 1 else self._members.get(root, [])

    def center(self, root: int) -> DoubleArray:
        """Return the group's center, `(d,)`."""
        self._sum_up(root)
        found = self._centers.get(root)
        if found is not None:
            return found
        return np.asarray(self._embeddings[root], np.float64)

    def matrix(self, roots: Sequence[int]) -> DoubleArray:
        """Return the centers of these groups, `(k, d)`."""
        found = np.empty((len(roots), self._embeddings.shape[1]))
        for place, root in enumerate(roots):
            found[place] = self.center(root)
        return found

    def distance(self, group: int, other: int) -> float:
        """Return the mean cosine distance between the faces of two groups."""
        return float(1.0 - self.center(group) @ self.center(other))

    def member_distances(self, group: int, other: int) -> DoubleArray:
        """Return how far each known member of a group is from the other group on average."""
        rows = self._embeddings[self.members(group)].astype(np.float64)
        return np.asarray(1.0 - rows @ self.center(other), np.float64)

    def _sum_up(self, root: int) -> None:
        rows = self._unsummed.pop(root, None)
        if rows is not None:
            total = self._embeddings[rows].sum(axis=0, dtype=np.float64)
            self._keep(root, total, len(rows))

    def _sum(self, root: int) -> DoubleArray:
        self._sum_up(root)
        found = self._sums.get(root)
        return self._embeddings[root].astype(np.float64) if found is None else found

    def _keep(self, root: int, total: DoubleArray, size: int) -> None:
        self._sums[root] = total
        self._sizes[root] = size
        self._centers[root] = rounded_mean(total, size)


def rounded_mean(total: DoubleArray, size: int | IntArray) -> DoubleArray:
    """Return the center of groups of so many faces with this sum."""
    return np.asarray(np.rint(total / size * _STEPS) / _STEPS, np.float64)
