"""Neighbor counts that one round leaves for the next.

Counting neighbors takes the product of all faces with all. A MISSING round needs no more of
them than the pairs of queued faces, and the counts of all the others. So a round leaves its
counts behind, and the next one corrects them: faces that were not counted add to the counts
of those around them, faces that are counted no more are subtracted. What comes out are the
counts that counting anew gives, to the last one. Where this cannot be done, or is no less
work, all are counted again and the round says why.

What counts are the faces that enter a round: one for each track, none that is NOT_A_FACE. A
mark, or a better face in a track, is a coming or going too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from facefolk_server.clustering.entering import Entry
from facefolk_server.clustering.faces import Faces
from facefolk_server.clustering.model import (
    BoolArray,
    FloatArray,
    IntArray,
    KnownCounts,
    Neighbors,
    RoundInput,
    RoundParameters,
)
from facefolk_server.clustering.products import Vectors

# Faces whose products are looked at, of all; with more, half of all products are cheaper.
_MOST_LOOKED_AT = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class CountStart:
    """Counts to start from, by unit: `(k,)` each.

    `counts` are those that were known, 1 for units that are `fresh`. Pairs with a fresh unit
    are still to be added, neighbors among the `departed` to be subtracted. `recall` is the
    share of neighbors that was found when they were counted.
    """

    counts: IntArray
    fresh: BoolArray
    departed: Vectors
    recall: float = 1.0


def start_from(
    known: KnownCounts | None,
    given: RoundInput,
    faces: Faces,
    entry: Entry,
    parameters: RoundParameters,
) -> CountStart | str:
    """Return the counts to start from, or as a clause why all have to be counted."""
    if given.keys is None or known is None:
        return "no counts were kept"
    if known.origin != given.origin:
        return "the counts that were kept are of other embeddings"
    if known.max_distance != parameters.max_distance:
        return (
            f"the maximum distance was {known.max_distance:g} "
            f"and is {parameters.max_distance:g} now"
        )
    if known.quality_gate != parameters.quality_gate:
        return "the quality gate is another one"
    if known.recall < 1.0 and parameters.neighbors is Neighbors.EXACT:
        return "the counts that were kept are approximate"
    keys = given.keys[faces.rows]
    entered = keys[entry.faces]
    place = np.empty(len(entered), np.intp)
    order = np.argsort(entered)
    # One after the other they are found in a fraction of the time.
    place[order] = np.searchsorted(known.keys, entered[order])
    place[place == len(known.keys)] = 0
    fresh = known.keys[place] != entered if len(known.keys) else np.ones(len(entered), bool)
    counts = np.ones(len(entered), np.intp)
    counts[~fresh] = known.counts[place[~fresh]]
    stays = np.zeros(len(known.keys), bool)
    stays[place[~fresh]] = True
    looked_at = np.count_nonzero(entry.units.queued | fresh) + np.count_nonzero(~stays)
    if looked_at > _MOST_LOOKED_AT * len(entered):
        return "most faces are queued, came or went"
    embeddings = _embeddings_of(known.keys[~stays], keys, faces.embeddings, given.departed)
    if embeddings is None:
        return "faces went whose embeddings are not kept"
    able, gate = known.able[~stays], parameters.quality_gate
    reaches = gate.reaches(able, max_distance=parameters.max_distance) if gate else None
    departed = Vectors(embeddings, reaches, able if gate else None)
    return CountStart(counts, fresh, departed, known.recall)


def known_counts(
    given: RoundInput,
    faces: Faces,
    entry: Entry,
    counts: IntArray,
    recall: float,
    parameters: RoundParameters,
) -> KnownCounts | None:
    """Return what the next round can start from; None for faces without keys.

    `counts` `(k,)` go by unit; `recall` is the share of neighbors that was found.
    """
    if given.keys is None:
        return None
    keys = given.keys[faces.rows[entry.faces]]
    order = np.argsort(keys)
    return KnownCounts(
        origin=given.origin,
        max_distance=parameters.max_distance,
        quality_gate=parameters.quality_gate,
        keys=keys[order],
        counts=counts[order].astype(np.int32),
        able=entry.units.able[order],
        recall=recall,
    )


def _embeddings_of(
    wanted: IntArray, keys: IntArray, embeddings: FloatArray, departed: Mapping[int, FloatArray]
) -> FloatArray | None:
    """Return the embeddings of these keys `(k, d)`, None if one is not there.

    Faces that are there and only count no more are looked up in `embeddings` by `keys`.
    """
    found = np.empty((len(wanted), embeddings.shape[1]), np.float32)
    there = np.flatnonzero(np.isin(keys, wanted))
    ranks = dict(zip(keys[there].tolist(), there.tolist(), strict=True))
    for place, key in enumerate(wanted.tolist()):
        rank = ranks.get(key)
        embedding = departed.get(key) if rank is None else embeddings[rank]
        if embedding is None:
            return None
        found[place] = embedding
    return found
