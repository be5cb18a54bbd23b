"""What the chain guard says of joins that are known beforehand.

Growth without a guard is known from the forest alone, and with it both groups of every join.
As long as the guard refuses nothing, guarded growth makes the same joins of the same groups.
So whether it refuses any is asked of all joins at once. The faces are put in a row in which
every group that ever is stands together: the sum of a group is then the difference of two
sums over the beginning of the row. Sums are exact (see `centers`), and so are the answers
those of asking one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from facefolk_server.clustering.centers import rounded_mean
from facefolk_server.clustering.chain_guard import ChainGuard
from facefolk_server.clustering.model import BoolArray, DoubleArray, FloatArray, IntArray
from facefolk_server.clustering.pairs import Pairs
from facefolk_server.clustering.union_find import UnionFind

# Sums over the row are held for so many dimensions at once, centers for so many joins.
_DIMENSIONS = 8
_JOINS = 1 << 14


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """One of the two groups of each join, as a stretch of the row, and its known members.

    `starts` and `sizes` go by join. Member by member, `places` tell where in the row each
    is, and `joins` of which join, ascending.
    """

    starts: IntArray
    sizes: IntArray
    places: IntArray
    joins: IntArray

    @classmethod
    def at(cls, starts: IntArray, sizes: IntArray, *, asked: BoolArray) -> _Side:
        """Return a side of which the members of the `asked` groups are known."""
        known = np.flatnonzero(asked)
        counts = sizes[known]
        joins = np.repeat(known, counts)
        first = np.cumsum(counts) - counts
        places = starts[joins] + np.arange(len(joins)) - np.repeat(first, counts)
        return cls(starts, sizes, places, joins)

    def centers(self, sums: DoubleArray, part: slice) -> DoubleArray:
        """Return the centers of some joins' groups from sums over the beginning of the row."""
        starts, sizes = self.starts[part], self.sizes[part]
        return rounded_mean(sums[starts + sizes] - sums[starts], sizes[:, None])

    def members(self, part: slice) -> slice:
        """Return which members are those of some joins."""
        return slice(*np.searchsorted(self.joins, (part.start, part.stop)).tolist())


def foresee_refused(
    guard: ChainGuard, embeddings: FloatArray, *, nodes: IntArray, joined: Pairs
) -> BoolArray:
    """Return which joins the guard refuses if it refused none before, `(p,)`.

    Rows of `embeddings` `(k, d)` with equal `nodes` `(k,)` are one group from the start.
    `joined` are pairs that join two groups each, in their order.
    """
    row, starts, sizes = _in_a_row(nodes, joined)
    asked = guard.asks_members(sizes)
    sides = [_Side.at(starts[side], sizes[side], asked=asked[side]) for side in (0, 1)]
    between = np.zeros(len(joined))
    of_members = [np.zeros(len(side.places)) for side in sides]
    for faces in _dimensions(embeddings, row):
        sums = np.concatenate((np.zeros((1, faces.shape[1])), faces.cumsum(axis=0)))
        for start in range(0, len(joined), _JOINS):
            part = slice(start, start + _JOINS)
            centers = [side.centers(sums, part) for side in sides]
            between[part] += _products(*centers)
            for side, other, found in zip(sides, centers[::-1], of_members, strict=True):
                some = side.members(part)
                found[some] += _products(
                    faces[side.places[some]], other[side.joins[some] - start]
                )
    farthest, far = np.zeros(sizes.shape), np.zeros(sizes.shape, np.intp)
    for place, (side, found) in enumerate(zip(sides, of_members, strict=True)):
        distances = 1.0 - found
        np.maximum.at(farthest[place], side.joins, distances)
        far[place] = np.bincount(side.joins[distances > guard.far_limit], minlength=len(joined))
    return guard.refuses(sizes, 1.0 - between, farthest, far)


def _dimensions(embeddings: FloatArray, row: IntArray) -> Iterator[DoubleArray]:
    """Yield a few dimensions after the other of the faces of the row."""
    for first in range(0, embeddings.shape[1], _DIMENSIONS):
        yield embeddings[row, first : first + _DIMENSIONS].astype(np.float64)


def _products(one: DoubleArray, other: DoubleArray) -> DoubleArray:
    return np.asarray(np.einsum("ij,ij->i", one, other), np.float64)


def _in_a_row(nodes: IntArray, joined: Pairs) -> tuple[IntArray, IntArray, IntArray]:
    """Return a row of faces, and where in it the two groups of each join start and how large.

    `(2, p)` each. Of two groups that join, one is put behind the other.
    """
    left, right = nodes[joined.left], nodes[joined.right]
    groups = np.unique(np.concatenate((left, right)))
    faces = np.flatnonzero(np.isin(nodes, groups))
    number = np.searchsorted(groups, nodes[faces])
    at_first = np.bincount(number, minlength=len(groups))
    sizes = at_first.tolist()
    sets = UnionFind(range(len(groups)))
    leads, lengths = [], []
    ahead, behind = np.arange(len(groups)), np.zeros(len(groups), np.intp)
    pairs = np.searchsorted(groups, np.stack((left, right), axis=1)).tolist()
    for one, other in pairs:
        kept, gone = sets.join(sets.find(one), sets.find(other))
        leads.append((kept, gone))
        lengths.append((sizes[kept], sizes[gone]))
        ahead[gone], behind[gone] = kept, sizes[kept]
        sizes[kept] += sizes[gone]
    starts = _starts(ahead, behind, np.array(sizes, np.intp))
    row = faces[np.argsort(starts[number], kind="stable")]
    return row, starts[_columns(leads)], _columns(lengths)


def _starts(ahead: IntArray, behind: IntArray, sizes: IntArray) -> IntArray:
    """Return where each group starts that is put `behind` so many faces of the one `ahead`.

    Groups with none ahead are ahead of themselves; their `sizes` are those in the end.
    """
    first = ahead == np.arange(len(ahead))
    starts = np.zeros(len(ahead), np.intp)
    starts[first] = np.cumsum(sizes[first]) - sizes[first]
    while not first[ahead].all():
        behind = behind + behind[ahead]
        ahead = ahead[ahead]
    return starts[ahead] + behind


def _columns(pairs: list[tuple[int, int]]) -> IntArray:
    return np.array(pairs, np.intp).reshape(-1, 2).T
