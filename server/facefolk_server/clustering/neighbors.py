"""Pairs of faces within a distance, exactly: all of them, or only those of some faces."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from facefolk_server.clustering.block_pairs import BlockPairs, PairFilter, Tile
from facefolk_server.clustering.byte_products import ByteProduct
from facefolk_server.clustering.model import (
    BoolArray,
    DoubleArray,
    FloatArray,
    IntArray,
    Progress,
    RankArray,
    unobserved,
)
from facefolk_server.clustering.pairs import Pairs, no_pairs, together
from facefolk_server.clustering.products import (
    Candidates,
    Products,
    ProductTable,
    Vectors,
    in_threads,
)
from facefolk_server.clustering.screens import (
    CANDIDATE_MARGIN,
    Block,
    Scratch,
    rectangle,
    triangle,
)

__all__ = ["CANDIDATE_MARGIN", "NeighborSearch", "Vectors"]


class NeighborSearch:
    """Finds the pairs of `embeddings` `(n, d) float32` within a cosine distance, inclusive.

    With `reaches` `(n,)`, at most `max_distance` each, a pair is within the distance if it is
    within the smaller reach of the two. With `counted` `(n,)` the others do not count as
    neighbors; their own are counted. `threads` work beside the caller's. More than one
    pay only where the BLAS library of NumPy is limited to one thread; else it uses all
    processors for one product. With `multiply` candidates are found by products of bytes, for
    which faces are held a second time, in half of their memory; else memory does not grow
    with the number of faces. What is found is the same.
    """

    def __init__(
        self,
        embeddings: FloatArray,
        *,
        max_distance: float,
        reaches: DoubleArray | None = None,
        counted: BoolArray | None = None,
        threads: int = 1,
        multiply: ByteProduct | None = None,
    ) -> None:
        self._faces = Vectors(embeddings, reaches, counted)
        self._table = ProductTable(self._faces, max_distance=max_distance, multiply=multiply)
        self._threads = threads

    @property
    def faces(self) -> Vectors:
        """The faces whose pairs are looked for."""
        return self._faces

    def blocks(
        self, wanted: PairFilter | None = None, *, progress: Progress = unobserved
    ) -> Iterator[BlockPairs]:
        """Yield block after block of the upper triangle, each pair once.

        `progress` is told after each block; what it raises stops the search.
        """
        everyone = _Rows(self._faces, None, np.arange(len(self._faces)))
        return self._look(everyone, triangle(len(self._faces)), wanted, None, progress)

    def blocks_of(
        self,
        some: IntArray,
        wanted: PairFilter | None = None,
        *,
        fresh: BoolArray | None = None,
        progress: Progress = unobserved,
    ) -> Iterator[BlockPairs]:
        """Yield block after block of some faces `(k,)` beside all, each pair of theirs once.

        With `fresh` `(n,)` pairs without a fresh face are not counted. `progress` is told
        after each block; what it raises stops the search.
        """
        places = np.full(len(self._faces), len(some))
        places[some] = np.arange(len(some))
        rows = _Rows(self._faces.at(some), some, places)
        tasks = rectangle(len(some), len(self._faces))
        return self._look(rows, tasks, wanted, fresh, progress)

    def near(self, strangers: Vectors, *, progress: Progress = unobserved) -> IntArray:
        """Return how many of some faces that are not among these count as neighbors of each.

        `(n,)`; the strangers have reaches if these have. `progress` is told after each
        block; what it raises stops the search.
        """
        counts = np.zeros(len(self._faces), np.intp)
        products = self._table.of(strangers)

        def examine(block: Block) -> tuple[int, IntArray]:
            near = products.candidates(block)
            unasked = np.zeros(len(near), bool)
            near = near.where(products.distances(block, near, asked=unasked) <= near.limits)
            right = near.right
            if strangers.counted is not None:
                right = right[strangers.counted[near.left + block.row]]
            return block.column, np.bincount(right, minlength=block.column_end - block.column)

        tasks = rectangle(len(strangers), len(counts))
        found = in_threads(tasks, examine, threads=self._threads, progress=progress)
        for column, numbers in found:
            counts[column : column + len(numbers)] += numbers
        return counts

    def tiles(
        self,
        tiles: Sequence[Tile],
        once: Callable[[RankArray, RankArray], BoolArray],
        wanted: PairFilter | None = None,
        *,
        progress: Progress = unobserved,
    ) -> Iterator[BlockPairs]:
        """Yield what is found in each tile.

        `once` says of the pairs of a tile, `(p,)` rows and columns, which are to be taken
        from this one and not from another. `progress` is told after each tile; what it
        raises stops the search.
        """
        scratch = Scratch()

        def examine(tile: Tile) -> BlockPairs:
            products = self._table.tile(tile.rows, tile.columns, scratch)
            block = Block(0, len(tile.rows), 0, len(tile.columns))
            near = products.candidates(block)
            near = near.where(once(tile.rows[near.left], tile.columns[near.right]))
            found = _Found(products, block, tile.rows, tile.columns, near)
            return self._told(found, wanted, None)

        return in_threads(tiles, examine, threads=self._threads, progress=progress)

    def pairs(self, some: IntArray | None = None, *, progress: Progress = unobserved) -> Pairs:
        """Return all pairs within the distance at once, or all that some faces are in."""
        blocks = self.blocks(progress=progress)
        if some is not None:
            blocks = self.blocks_of(some, progress=progress)
        return together(block.pairs for block in blocks)

    def _look(
        self,
        rows: _Rows,
        tasks: Sequence[Block],
        wanted: PairFilter | None,
        fresh: BoolArray | None,
        progress: Progress,
    ) -> Iterator[BlockPairs]:
        products = self._table.of(rows.faces)

        def examine(block: Block) -> BlockPairs:
            return self._examine(products, rows, block, wanted, fresh)

        return in_threads(tasks, examine, threads=self._threads, progress=progress)

    def _examine(
        self,
        products: Products,
        rows: _Rows,
        block: Block,
        wanted: PairFilter | None,
        fresh: BoolArray | None,
    ) -> BlockPairs:
        near = products.candidates(block)
        if rows.places[block.column : block.column_end].min() < block.row_end:
            near = near.where(rows.places[near.right + block.column] > near.left + block.row)
        columns = slice(block.column, block.column_end)
        return self._told(
            _Found(products, block, rows.among(block), columns, near), wanted, fresh
        )

    def _told(
        self, found: _Found, wanted: PairFilter | None, fresh: BoolArray | None
    ) -> BlockPairs:
        """Decide which candidates are within the distance, and count them."""
        near, block = found.near, found.block
        left, right = _ids(found.rows, near.left), _ids(found.columns, near.right)
        asked = np.ones(len(left), bool)
        if wanted is not None:
            asked = wanted(left, right, near.distances - np.float32(near.margin))
        distances = found.products.distances(block, near, asked=asked)
        inside = distances <= near.limits
        if not inside.all():
            near, asked, distances = near.where(inside), asked[inside], distances[inside]
            left, right = left[inside], right[inside]
        if wanted is not None and near.margin > CANDIDATE_MARGIN:
            # Now that their distances are known, fewer of them are.
            asked[asked] = wanted(left[asked], right[asked], distances[asked])
        pairs = Pairs(
            np.minimum(left[asked], right[asked]).astype(np.int32),
            np.maximum(left[asked], right[asked]).astype(np.int32),
            distances[asked],
        )
        row_places, column_places = near.left, near.right
        if fresh is not None:
            told = fresh[left] | fresh[right]
            row_places, column_places = row_places[told], column_places[told]
            left, right = left[told], right[told]
        return BlockPairs(
            found.rows,
            found.columns,
            self._count(row_places, right, block.row_end - block.row),
            self._count(column_places, left, block.column_end - block.column),
            pairs if len(pairs) else no_pairs(),
        )

    def _count(self, places: IntArray, others: RankArray, length: int) -> IntArray:
        counted = self._faces.counted
        if counted is not None:
            places = places[counted[others]]
        return np.bincount(places, minlength=length)


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """The faces whose pairs are looked for: `which` of all, None for everyone.

    `places` `(n,)` tell where each face is among them, those that are not come last. A pair
    of two of them is taken where it comes up first.
    """

    faces: Vectors
    which: IntArray | None
    places: IntArray

    def among(self, block: Block) -> slice | IntArray:
        """Return which of all faces the rows of a block are."""
        rows = slice(block.row, block.row_end)
        return rows if self.which is None else self.which[rows]


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """The candidates of a block, and which of all faces its rows and columns are."""

    products: Products
    block: Block
    rows: slice | RankArray
    columns: slice | RankArray
    near: Candidates


def _ids(among: slice | RankArray, places: IntArray) -> RankArray:
    """Return which of all faces are at these places."""
    return places + among.start if isinstance(among, slice) else among[places]
