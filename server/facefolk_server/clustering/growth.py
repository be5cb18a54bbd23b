"""Step 1 of a round: groups grow along the nearest pairs first.

Without marks and guard, growth is Kruskal's method with one more rule: two groups with
people are not joined. Think of all people as hung on one root, nearer than anything; then
the rule says no more than that no circle is closed. So the pairs that join are the minimum
spanning forest of pairs and root, and the minimum spanning forest of the pairs alone holds
all of it.

A mark or the guard breaks this: where it refuses a pair, a farther one may still join the
same faces another way. So they are asked about the pairs of the forest first, the guard about
all at once (see `foreseen`). A part of it where neither refuses anything has grown right. Of
a part where one does, all pairs are looked up and walked. In the end the guard may put pieces
of one person together (see `chain_guard`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facefolk_server.clustering.chain_guard import ChainGuard
from facefolk_server.clustering.contest import Walk, Walker
from facefolk_server.clustering.foreseen import foresee_refused
from facefolk_server.clustering.forest import components, spanning
from facefolk_server.clustering.fragments import rejoin
from facefolk_server.clustering.gathering import Neighborhood
from facefolk_server.clustering.grouping import grouped
from facefolk_server.clustering.marks import tellers
from facefolk_server.clustering.model import NOBODY, IntArray
from facefolk_server.clustering.neighbors import NeighborSearch
from facefolk_server.clustering.pairs import Pairs, no_pairs, together
from facefolk_server.clustering.units import Units


@dataclass(frozen=True, slots=True, eq=False)
class Growth:
    """Groups of lenders and core faces of Q.

    `groups` `(k,)` holds the smallest unit of each unit's group, `NOBODY` for units that do
    not grow. `apart` are pairs between groups of two people, enough to link all that could
    be linked; `refused` those that the guard refused.
    """

    groups: IntArray
    apart: Pairs
    refused: Pairs


class Grower:
    """Grows groups of `units` from what was gathered about them."""

    def __init__(
        self,
        units: Units,
        near: Neighborhood,
        *,
        max_distance: float,
        guard: ChainGuard | None = None,
        threads: int = 1,
    ) -> None:
        self._units = units
        self._forest = near.forest
        self._max_distance = max_distance
        self._guard = guard
        self._threads = threads
        self._lenders = units.lenders(near.core)
        self._growing = self._lenders | (units.queued & near.core)
        self._nodes = units.nodes(self._lenders)

    def grow(self) -> Growth:
        """Join groups, nearest pairs first."""
        grown = self._plain()
        if self._guard or len(self._marked()):
            grown = self._contest(grown)
        groups = np.where(self._growing, self._linked(grown.joined), NOBODY)
        if self._guard and len(grown.refused):
            groups = rejoin(
                self._units,
                groups,
                lenders=self._lenders,
                refused=grown.refused,
                guard=self._guard,
            )
        return Growth(groups, grown.apart.nearest_first(), grown.refused.nearest_first())

    def _marked(self) -> IntArray:
        """Return the growing units of which a mark says something."""
        barred = [unit for unit in self._units.barred if self._growing[unit]]
        return np.concatenate((np.array(barred, np.intp), tellers(self._units, self._growing)))

    def _plain(self) -> Walk:
        """Grow as if there were neither marks nor guard."""
        forest, rooted = self._forest, self._nodes.copy()
        people = np.flatnonzero(self._lenders)
        rooted[people] = rooted[people[:1]]
        joins = spanning(rooted[forest.left], rooted[forest.right], len(rooted))
        return Walk(forest.where(joins), forest.where(~joins), no_pairs(), frozenset())

    def _contest(self, plain: Walk) -> Walk:
        """Grow again the parts where a mark or the guard has a say."""
        parts = self._linked(self._forest)
        contested = self._growing & np.isin(parts, self._refusing(parts, plain))
        if not contested.any():
            return plain
        rows = np.flatnonzero(contested)
        found = together(self._all_pairs(rows[part]) for part in grouped(parts[rows]))
        again = self._walker(whole_cells=False).walk(found.nearest_first())
        joined, apart = plain.joined, plain.apart
        return Walk(
            together((joined.where(~contested[joined.left]), again.joined)),
            together((apart.where(~contested[apart.left]), again.apart)),
            again.refused,
            frozenset(),
        )

    def _refusing(self, parts: IntArray, plain: Walk) -> IntArray:
        """Return the parts of the forest in which a mark or the guard refuses a pair."""
        marked = np.isin(parts, parts[self._marked()])
        found = []
        if marked.any():
            pairs = self._forest.where(marked[self._forest.left])
            walk = self._walker(whole_cells=True).walk(pairs, parts=parts)
            found.append(np.array(sorted(walk.contested), np.intp))
        if self._guard:
            joined = plain.joined.where(~marked[plain.joined.left])
            refused = foresee_refused(
                self._guard, self._units.embeddings, nodes=self._nodes, joined=joined
            )
            found.append(parts[joined.left[refused]])
        return np.concatenate(found)

    def _walker(self, *, whole_cells: bool) -> Walker:
        return Walker(
            self._units,
            lenders=self._lenders,
            growing=self._growing,
            nodes=self._nodes,
            guard=self._guard,
            whole_cells=whole_cells,
        )

    def _all_pairs(self, part: IntArray) -> Pairs:
        """Return all pairs that growth takes among these units."""
        reaches = self._units.reaches
        search = NeighborSearch(
            self._units.embeddings[part],
            max_distance=self._max_distance,
            reaches=None if reaches is None else reaches[part],
            threads=self._threads,
        )
        queued = np.flatnonzero(self._units.queued[part])
        found = search.pairs(None if len(queued) == len(part) else queued)
        return Pairs(part[found.left], part[found.right], found.distances)

    def _linked(self, pairs: Pairs) -> IntArray:
        """Return the smallest unit that pairs and people link each unit to."""
        nodes = self._nodes
        return components(nodes[pairs.left], nodes[pairs.right], len(nodes))[nodes]
