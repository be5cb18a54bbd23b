"""Minimum spanning forests over arrays of pairs.

Boruvka's method (O. Boruvka, 1926): each tree takes its nearest pair out, all trees at once,
until none leaves any tree. With a strict order of pairs the forest is unique, and it is the
set of pairs that Kruskal's method (J. Kruskal, 1956) would join by.
"""

from __future__ import annotations

import numpy as np

from facefolk_server.clustering.model import BoolArray, IntArray


def spanning(left: IntArray, right: IntArray, node_count: int) -> BoolArray:
    """Return which pairs are in the minimum spanning forest, `(p,) bool`.

    `left` and `right` are `(p,)` nodes; an earlier pair is nearer. Pairs of one node with
    itself are never in it.
    """
    chosen = np.zeros(len(left), bool)
    live = np.arange(len(left))
    parent = np.arange(node_count)
    while True:
        tree_left, tree_right = parent[left[live]], parent[right[live]]
        apart = tree_left != tree_right
        live, tree_left, tree_right = live[apart], tree_left[apart], tree_right[apart]
        if not len(live):
            return chosen
        nearest = np.full(node_count, len(live))
        place = np.arange(len(live))
        np.minimum.at(nearest, tree_left, place)
        np.minimum.at(nearest, tree_right, place)
        trees = np.flatnonzero(nearest < len(live))
        taken = nearest[trees]
        chosen[live[taken]] = True
        parent = _roots(_hooked(trees, tree_left[taken] + tree_right[taken] - trees, parent))


def components(left: IntArray, right: IntArray, node_count: int) -> IntArray:
    """Return for each node the smallest node that pairs link it to, `(node_count,)`."""
    labels = np.arange(node_count)
    while True:
        link_left, link_right = labels[left], labels[right]
        apart = link_left != link_right
        if not apart.any():
            return labels
        left, right = left[apart], right[apart]
        low = np.minimum(link_left[apart], link_right[apart])
        high = np.maximum(link_left[apart], link_right[apart])
        np.minimum.at(labels, high, low)
        labels = _roots(labels)


def _hooked(trees: IntArray, others: IntArray, parent: IntArray) -> IntArray:
    """Hang each tree on the one its nearest pair leads to.

    Two trees that take the same pair would hang on each other; the lower one becomes root.
    """
    target = np.arange(len(parent))
    target[trees] = others
    mutual = target[target[trees]] == trees
    root = trees[mutual & (trees < others)]
    target[root] = root
    return target[parent]


def _roots(parent: IntArray) -> IntArray:
    while True:
        above = parent[parent]
        if np.array_equal(above, parent):
            return parent
        parent = above
