"""One pass over all pairs within the distance: who is core, and which pairs matter.

A face is known to be core as soon as its count reaches m, for it only grows; then growth
takes its pairs, as it does those of a face assigned by hand. Of pairs between two such faces
only the minimum spanning forest is kept, cut down again whenever the buffer is full, since
the farthest pair of a circle never joins anything. A face not yet known to be core has fewer
than m pairs, and they are all kept. So memory is bounded by the number of faces; but for a
face that the quality gate keeps from being core, all pairs within its reach are kept.

Most pairs of a large group never reach the buffer: where the forest links two faces by
shorter pairs already, their own is the farthest of a circle.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from facefolk_server.clustering.approximate import plan_probing, probed_blocks
from facefolk_server.clustering.block_pairs import BlockPairs
from facefolk_server.clustering.byte_products import ByteProduct
from facefolk_server.clustering.forest import components, spanning
from facefolk_server.clustering.known_counts import CountStart
from facefolk_server.clustering.model import (
    NOBODY,
    BoolArray,
    DoubleArray,
    FloatArray,
    IntArray,
    Neighbors,
    Progress,
    RankArray,
    unobserved,
)
from facefolk_server.clustering.neighbors import NeighborSearch
from facefolk_server.clustering.pairs import Pairs, no_pairs, together
from facefolk_server.clustering.units import Units

# Up to here all pairs are looked at unless approximate ones are asked for: the product of
# 300,000 faces with themselves takes two cores about two minutes.
_MOST_EXACT_UNITS = 300_000
# Pairs held before the forest is cut; a few per face, so that cutting pays.
_MIN_BUFFERED = 500_000
_BUFFERED_PER_UNIT = 4
# The nearest shares of the forest by which circles are looked for.
_LEVELS = (0.5, 0.8, 0.95, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Neighborhood:
    """How units lie to each other.

    `counts` `(k,)` are the sizes of N(f), `core` those that reach m. `forest` is the minimum
    spanning forest, nearest first, of the pairs that growth takes, the lenders of a person
    being one node. `fringe` are all pairs of units that are queued or have a person, at
    least one of each queued, at least one of them neither core nor assigned by hand, and
    not both kept from lending by the quality gate. `recall` is the share of neighbors that
    was found, of all that are within the distance.
    """

    counts: IntArray
    core: BoolArray
    forest: Pairs
    fringe: Pairs
    recall: float = 1.0


def gather(
    units: Units,
    *,
    max_distance: float,
    min_faces: int,
    start: CountStart | None = None,
    way: Neighbors = Neighbors.EXACT,
    threads: int = 1,
    multiply: ByteProduct | None = None,
    progress: Progress = unobserved,
    buffered_pairs: int = 0,
) -> Neighborhood:
    """Count neighbors and gather the pairs that growth and deferral need.

    With counts to start from, only the pairs of queued and fresh units are looked at, and
    that exactly. `buffered_pairs` is how many pairs are held before the forest is cut, 0 for
    a number that suits the faces.
    """
    limit = buffered_pairs or max(_MIN_BUFFERED, _BUFFERED_PER_UNIT * len(units))
    search = NeighborSearch(
        units.embeddings,
        max_distance=max_distance,
        reaches=units.reaches,
        counted=None if units.reaches is None else units.able,
        threads=threads,
        multiply=multiply,
    )
    if start is not None:
        return _go_on(search, units, start, min_faces, limit, progress)
    gathering = _Gathering(units, min_faces, limit, np.ones(len(units), np.intp))
    many = way is Neighbors.AUTO and len(units) > _MOST_EXACT_UNITS
    probing = None
    if many or way is Neighbors.APPROXIMATE:
        probing = plan_probing(search, threads=threads, progress=progress)
    if probing is None:
        return gathering.taken(search.blocks(gathering.wants, progress=progress))
    blocks = probed_blocks(search, probing, gathering.wants, progress=progress)
    return gathering.taken(blocks, recall=probing.recall)


def _go_on(
    search: NeighborSearch,
    units: Units,
    start: CountStart,
    min_faces: int,
    limit: int,
    progress: Progress,
) -> Neighborhood:
    rows = np.flatnonzero(units.queued | start.fresh)
    departed = len(start.departed) * len(units)
    total = departed + len(rows) * len(units)
    # Counts may only grow while pairs come in, so what is to be subtracted is first.
    gone = search.near(start.departed, progress=lambda done, _: progress(done, total))
    # Of neighbors that were found approximately, some that went were never counted.
    counts = np.where(start.fresh, 1, np.maximum(start.counts - gone, 1))
    gathering = _Gathering(units, min_faces, limit, counts)
    blocks = search.blocks_of(
        rows,
        gathering.wants,
        fresh=start.fresh,
        progress=lambda done, _: progress(departed + done, total),
    )
    return gathering.taken(blocks, recall=start.recall)


@dataclass(frozen=True, slots=True, eq=False)
class _Linked:
    """What pairs of the forest up to `distance` link, of units known to be core or by hand.

    `labels` `(k,)` are equal where they do, and different for other units.
    """

    distance: float
    labels: IntArray


class _Gathering:
    """What is known so far; `counts` `(k,)` are those to add to."""

    def __init__(self, units: Units, min_faces: int, limit: int, counts: IntArray) -> None:
        self._units = units
        self._min_faces = min_faces
        self._limit = limit
        self._placed = units.persons != NOBODY
        self._nodes = units.nodes(self._placed)
        self._by_hand = self._placed & units.manual
        self._lendable = self._by_hand | units.able
        self._counts = counts
        self._forest = no_pairs()
        self._buffer = _Heap()
        self._pending = _Heap()
        self._sift_at = limit
        self._linked: tuple[_Linked, ...] = ()

    def wants(
        self, left: RankArray, right: RankArray, least: FloatArray | DoubleArray, /
    ) -> BoolArray:
        queued, placed = self._units.queued, self._placed
        left_queued, right_queued = queued[left], queued[right]
        wanted: BoolArray = left_queued & (right_queued | placed[right])
        wanted |= right_queued & placed[left]
        if self._units.reaches is not None:
            wanted &= self._lendable[left] | self._lendable[right]
        for level in self._linked:
            beyond = least > level.distance
            wanted &= ~(beyond & (level.labels[left] == level.labels[right]))
        return wanted

    def taken(self, blocks: Iterable[BlockPairs], *, recall: float = 1.0) -> Neighborhood:
        """Return what comes of all blocks; `recall` is the share of neighbors in them."""
        for block in blocks:
            self.add(block)
        return self._finished(recall)

    def add(self, block: BlockPairs) -> None:
        block.add_to(self._counts)
        self._sort_in(block.pairs)
        if len(self._pending) > self._sift_at:
            self._sort_in(self._pending.take())
            self._sift_at = 2 * len(self._pending) + self._limit
        if len(self._buffer) > self._limit:
            self._cut()

    def _finished(self, recall: float) -> Neighborhood:
        self._sort_in(self._pending.take())
        self._cut()
        core = (self._counts >= self._min_faces) & self._units.able
        return Neighborhood(self._counts, core, self._forest, self._pending.take(), recall)

    def _sort_in(self, pairs: Pairs) -> None:
        both = self._ready(pairs.left) & self._ready(pairs.right)
        self._buffer.put(pairs.where(both))
        self._pending.put(pairs.where(~both))

    def _cut(self) -> None:
        pairs = together((self._forest, self._buffer.take())).nearest_first()
        nodes = self._nodes
        chosen = spanning(nodes[pairs.left], nodes[pairs.right], len(nodes))
        self._forest = pairs.where(chosen)
        if len(self._forest):
            self._linked = tuple(self._level(share) for share in _LEVELS)

    def _level(self, share: float) -> _Linked:
        forest, nodes = self._forest, self._nodes
        count = max(1, round(share * len(forest)))
        left, right = nodes[forest.left[:count]], nodes[forest.right[:count]]
        labels = components(left, right, len(nodes))[nodes]
        # A unit that is not in the forest may be not known to be core yet.
        alone = np.flatnonzero(~self._ready(slice(None)))
        labels[alone] = -1 - alone
        return _Linked(float(forest.distances[count - 1]), labels.astype(np.int32))

    def _ready(self, units: IntArray | slice) -> BoolArray:
        core = (self._counts[units] >= self._min_faces) & self._units.able[units]
        ready: BoolArray = self._by_hand[units] | core
        return ready


class _Heap:
    """Pairs thrown together."""

    def __init__(self) -> None:
        self._parts: list[Pairs] = []
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def put(self, pairs: Pairs) -> None:
        if len(pairs):
            self._parts.append(pairs)
            self._size += len(pairs)

    def take(self) -> Pairs:
        whole = together(self._parts)
        self._parts, self._size = [], 0
        return whole
