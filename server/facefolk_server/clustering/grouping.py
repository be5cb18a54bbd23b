"""Rows by what they have in common."""

from __future__ import annotations

import numpy as np

from facefolk_server.clustering.model import IntArray


def grouped(labels: IntArray) -> list[IntArray]:
    """Return the places of each label, ascending, the labels in ascending order."""
    if not len(labels):
        return []
    order = np.argsort(labels, kind="stable")
    starts = np.flatnonzero(np.diff(labels[order])) + 1
    return np.split(order, starts)
