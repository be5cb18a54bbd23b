"""Faces that a round takes back from a person whom they resemble.

Nobody is in a picture that was taken before the birth. And where a user said that two people
are not the same, a face that came to one of them in this round, and is in reach of the other,
stays only if it is clearly nearer to that one's faces than to the other's. In both cases the
face has no person, for the user to decide about; it undoes no joins, and is queued again next
round, which ends the same way. Where nobody was told apart and no birth date is too late,
nothing is taken back.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from facefolk_server.clustering.faces import Faces
from facefolk_server.clustering.model import NOBODY, DoubleArray, FloatArray, IntArray
from facefolk_server.types import Reason

CLEARLY_NEARER = 0.8
"""A face is clearly nearer to one of two people within this share of the other distance."""

_ROWS_AT_ONCE = 256


def vetoed(
    faces: Faces, persons: IntArray, *, max_distance: float
) -> Iterator[tuple[Reason, IntArray]]:
    """Yield why and which queued faces, by rank, cannot have the person they came to.

    `persons` `(n,)` are codes or `NOBODY` as the round leaves them. Pairs of people are judged
    each for itself, so that their order is nothing.
    """
    persons = persons.copy()
    early = [
        rank
        for rank, people in faces.unborn.items()
        if faces.queued[rank] and persons[rank] in people
    ]
    yield Reason.UNBORN, np.array(sorted(early), np.intp)
    persons[early] = NOBODY
    between = [_between(faces, persons, pair, max_distance) for pair in faces.apart]
    if between:
        yield Reason.TOLD_APART, np.unique(np.concatenate(between))


def _between(
    faces: Faces, persons: IntArray, pair: tuple[int, int], max_distance: float
) -> IntArray:
    """Return the faces that came to one of two people and are not clearly nearer to it.

    They are measured against the faces that the two have already, to which those that are
    clearly nearer are added in turns, all of one turn at once, until none is.
    """
    rows = np.flatnonzero(np.isin(persons, pair))
    side = (persons[rows] == pair[1]).astype(np.intp)
    came = faces.queued[rows] & (faces.befores[rows] != persons[rows])
    waiting, waiting_side = rows[came], side[came]
    distances = np.full((2, len(waiting)), np.inf)
    settled, settled_side = rows[~came], side[~came]
    while len(waiting) and len(settled):
        for which in (0, 1):
            some = settled[settled_side == which]
            nearest = _nearest(faces.embeddings, waiting, some)
            np.minimum(distances[which], nearest, out=distances[which])
        places = np.arange(len(waiting))
        near, far = distances[waiting_side, places], distances[1 - waiting_side, places]
        clear = (far > max_distance) | (near <= CLEARLY_NEARER * far)
        settled, settled_side = waiting[clear], waiting_side[clear]
        waiting, waiting_side = waiting[~clear], waiting_side[~clear]
        distances = distances[:, ~clear]
    return np.asarray(waiting, np.intp)


def _nearest(embeddings: FloatArray, rows: IntArray, others: IntArray) -> DoubleArray:
    """Return the distance of each row to the nearest other one, infinite without any."""
    found = np.full(len(rows), np.inf)
    own = embeddings[rows].astype(np.float64)
    for start in range(0, len(others), _ROWS_AT_ONCE):
        some = embeddings[others[start : start + _ROWS_AT_ONCE]].astype(np.float64)
        np.minimum(found, (1.0 - own @ some.T).min(axis=1), out=found)
    return found
