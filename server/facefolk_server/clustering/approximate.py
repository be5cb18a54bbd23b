"""Most pairs within a distance, without looking at all: by inverted lists.

Each face looks into its home list and the next nearest ones (it probes them); a pair is found
if one of the two probes the other's home. What is found has exact distances. How much is
found depends on how many lists are probed: as few as are enough by one sample of faces, whose
neighbors are looked up exactly. A second sample then tells the recall that is reported.

Which center is nearest is a question of float32 products, so that an approximate round may
come out differently on another machine, which an exact one never does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facefolk_server.clustering.block_pairs import BlockPairs, PairFilter, Tile
from facefolk_server.clustering.lists import Lists, make_lists
from facefolk_server.clustering.model import (
    BoolArray,
    IntArray,
    Progress,
    RankArray,
    unobserved,
)
from facefolk_server.clustering.neighbors import NeighborSearch
from facefolk_server.clustering.screens import rectangle

# The share of neighbors that is aimed at; the second sample is to tell at least 0.99.
_AIM = 0.998
_SAMPLED = 500
_MOST_PAIRS = 50_000
# Lists are so many that finding a face's lists costs about as much as looking into them.
_EXPECTED_PROBES = 16
# Past this share of all lists, looking at every pair is the better way.
_MOST_PROBED = 0.1
_SEED = 11


@dataclass(frozen=True, slots=True, eq=False)
class Probing:
    """Where faces are looked for: `(n, p) int32`, the home list of each first.

    `recall` is the share of neighbors that is found so.
    """

    lists: NDArray[np.int32]
    recall: float


def plan_probing(
    search: NeighborSearch, *, threads: int = 1, progress: Progress = unobserved
) -> Probing | None:
    """Choose lists and how many of them to probe; None where all pairs are no more work."""

    def check() -> None:
        progress(0, 1)

    vectors = search.faces.embeddings
    count = round((_EXPECTED_PROBES * len(vectors)) ** 0.5)
    if len(vectors) <= 2 * _SAMPLED or count < 2:
        return None
    lists = make_lists(vectors, count, threads=threads, check=check)
    homes = lists.nearest(vectors, count=1, threads=threads, check=check)[:, 0]
    sample = np.random.default_rng(_SEED).permutation(len(vectors))[: 2 * _SAMPLED]
    tried, told = (
        _needed(search, lists, homes, np.sort(part), check)
        for part in (sample[:_SAMPLED], sample[_SAMPLED:])
    )
    probes = 1 + int(np.quantile(tried, _AIM, method="higher")) if len(tried) else 1
    if probes > max(_EXPECTED_PROBES, _MOST_PROBED * len(lists)):
        return None
    recall = float((told < probes).mean()) if len(told) else 1.0
    found = lists.nearest(vectors, count=probes, threads=threads, check=check)
    return Probing(found, recall)


def probed_blocks(
    search: NeighborSearch,
    probing: Probing,
    wanted: PairFilter | None = None,
    *,
    progress: Progress = unobserved,
) -> Iterator[BlockPairs]:
    """Yield block after block of the pairs that are found, each pair once.

    `progress` is told after each block; what it raises stops the search.
    """
    probes = probing.lists
    homes = probes[:, 0]
    members = _by_list(homes[:, None])
    probers = _by_list(probes)
    tiles = [
        Tile(own[block.row : block.row_end], others[block.column : block.column_end])
        for own, others in zip(members, probers, strict=False)
        for block in rectangle(len(own), len(others))
    ]

    def once(left: RankArray, right: RankArray) -> BoolArray:
        home, theirs = homes[left], homes[right]
        both_ways = (probes[left] == theirs[:, None]).any(axis=1)
        keep: BoolArray = ~both_ways | (home < theirs) | ((home == theirs) & (left < right))
        return keep

    return search.tiles(tiles, once, wanted, progress=progress)


def _by_list(lists: NDArray[np.int32]) -> list[NDArray[np.int32]]:
    """Return the faces that name each list, ascending."""
    width = lists.shape[1]
    faces = np.argsort(lists, axis=None, kind="stable")
    faces //= width  # in place: these are the largest arrays of a round
    ends = np.cumsum(np.bincount(lists.reshape(-1)))
    return np.split(faces.astype(np.int32), ends[:-1])


def _needed(
    search: NeighborSearch,
    lists: Lists,
    homes: NDArray[np.int32],
    sample: IntArray,
    check: Callable[[], None],
) -> IntArray:
    """Return for each neighbor of some faces how many lists are probed in vain before it."""
    pairs = search.pairs(sample, progress=lambda _done, _total: check())
    if len(pairs) > _MOST_PAIRS:
        chosen = np.random.default_rng(_SEED).permutation(len(pairs))[:_MOST_PAIRS]
        pairs = pairs.where(chosen)
    vectors = search.faces.embeddings
    left = lists.ranks(vectors[pairs.left], homes[pairs.right])
    right = lists.ranks(vectors[pairs.right], homes[pairs.left])
    return np.minimum(left, right)
