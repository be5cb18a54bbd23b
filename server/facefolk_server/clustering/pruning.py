"""Step 5 of a round: one face of a person in a picture."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from facefolk_server.clustering.grouping import grouped
from facefolk_server.clustering.model import NOBODY, BoolArray, FloatArray, IntArray

_ROWS_AT_ONCE = 256


def prune(
    embeddings: FloatArray,
    *,
    persons: IntArray,
    added: BoolArray,
    assets: IntArray,
    pictures: IntArray,
) -> IntArray:
    """Return the rows that are taken back from their person, ascending.

    All arrays go by row, `(n,)`, rows in the order of face ids: `persons` are codes or
    `NOBODY`, `added` the faces that this round gave their person, `pictures` codes of
    (asset, frame). Of the faces of a person in a picture the added ones go; if all are
    added, the one nearest to any face of that person in another asset stays.
    """
    rows = np.flatnonzero(persons != NOBODY)
    goes = [
        conflict
        for person in _crowded(persons[rows], pictures[rows])
        for conflict in _judge(embeddings, rows[person], added, assets, pictures)
    ]
    return np.sort(np.concatenate(goes)) if goes else np.empty(0, np.intp)


def _crowded(persons: IntArray, pictures: IntArray) -> list[IntArray]:
    """Return the places of each person who is in some picture more than once."""
    order = np.lexsort((pictures, persons))
    same = (np.diff(persons[order]) == 0) & (np.diff(pictures[order]) == 0)
    crowded = np.unique(persons[order][1:][same])
    places = np.flatnonzero(np.isin(persons, crowded))
    return [places[part] for part in grouped(persons[places])]


def _judge(
    embeddings: FloatArray,
    rows: IntArray,
    added: BoolArray,
    assets: IntArray,
    pictures: IntArray,
) -> Iterator[IntArray]:
    """Yield what goes from the pictures of one person whose faces are `rows`."""
    for part in grouped(pictures[rows]):
        found = rows[part]
        goes = found[added[found]]
        if len(found) == 1 or not len(goes):
            continue
        if len(goes) == len(found):
            elsewhere = rows[assets[rows] != assets[found[0]]]
            stays = np.argmin(_nearest(embeddings, found, elsewhere))
            goes = np.delete(goes, stays)
        yield goes


def _nearest(embeddings: FloatArray, rows: IntArray, others: IntArray) -> FloatArray:
    """Return each row's cosine distance to the nearest other one, infinite without any."""
    found = np.full(len(rows), np.inf)
    own = embeddings[rows].astype(np.float64)
    for start in range(0, len(others), _ROWS_AT_ONCE):
        some = embeddings[others[start : start + _ROWS_AT_ONCE]].astype(np.float64)
        np.minimum(found, (1.0 - own @ some.T).min(axis=1), out=found)
    return found
