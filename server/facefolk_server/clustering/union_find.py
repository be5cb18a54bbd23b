"""Disjoint sets."""

from __future__ import annotations

from collections.abc import Iterable


class UnionFind:
    """Disjoint sets of `0..n-1`, known by their smallest member.

    `parents` may join some from the start: each entry names the smallest of its set.
    """

    def __init__(self, parents: Iterable[int]) -> None:
        self._parents = list(parents)

    def find(self, node: int) -> int:
        """Return the root of a node's set."""
        parents = self._parents
        while parents[node] != node:
            parents[node] = parents[parents[node]]
            node = parents[node]
        return node

    def join(self, root: int, other: int) -> tuple[int, int]:
        """Make two sets one, given their roots; return the root kept and the one gone."""
        kept, gone = (root, other) if root < other else (other, root)
        self._parents[gone] = kept
        return kept, gone
