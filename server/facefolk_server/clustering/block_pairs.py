"""Pieces of a search for pairs of faces, and what is found in each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from facefolk_server.clustering.model import (
    BoolArray,
    DoubleArray,
    FloatArray,
    IntArray,
    RankArray,
)
from facefolk_server.clustering.pairs import Pairs


class PairFilter(Protocol):
    """Says which pairs are worth an exact distance; the others are only counted."""

    def __call__(
        self, left: RankArray, right: RankArray, least: FloatArray | DoubleArray, /
    ) -> BoolArray:
        """Answer for pairs with distances that they are at least apart.

        The faces of a pair are in any order. Called from several threads.
        """


@dataclass(frozen=True, slots=True, eq=False)
class BlockPairs:
    """What one block of products holds.

    `row_counts` and `column_counts` are the numbers of faces within the limit that the faces
    `rows` and `columns` have; `pairs` are those that the filter let through.
    """

    rows: slice | RankArray
    columns: slice | RankArray
    row_counts: IntArray
    column_counts: IntArray
    pairs: Pairs

    def add_to(self, counts: IntArray) -> None:
        """Add what was counted to the counts of all faces, `(n,)`."""
        counts[self.rows] += self.row_counts
        counts[self.columns] += self.column_counts


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """Some faces beside others, `(r,)` and `(c,)`, each a list without repetition."""

    rows: RankArray
    columns: RankArray

    @property
    def cells(self) -> int:
        """How many products there are."""
        return len(self.rows) * len(self.columns)
