"""Tracks: one person through the frames of one asset.

Faces of one asset from different frames within E/2 of each other are one track. One face
enters the round for all of them, so that a film of a passer-by counts as one face. The
design leaves open what that means where more is known of some of the faces; here:

- Tracks grow nearest pairs first, ties by face ids. They never take in two faces of one
  frame, nor faces of two persons (those that faces have when the round begins: in ALL, by
  hand), nor faces with different NOT_THIS_PERSON marks. So a track has one person at most,
  a face found later in a film of somebody is that somebody at once, and when a round gives a
  person to the faces of a track, the next round finds the same tracks.
- The face of the best quality (ties by face id) stands for the track whether or not it has
  the track's person itself, so that the same face stands for it in the next round. A
  stranger stands for others only if all are strangers.
- A track is one face in N(f), so one in every count. It lends if the face that stands for
  it is core or any of its faces was assigned by hand. Before an ALL round it was that
  person's whom most of its automatic faces had (ties: lower person id).
- Followers get the person, the reason and the counts of the face that stands for them; each
  is pruned by its own picture. A pruned face is in its track again in the next round, gets
  the same person and is pruned again.
- NOT_A_FACE faces are in no track.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from facefolk_server.clustering.faces import Faces
from facefolk_server.clustering.forest import components
from facefolk_server.clustering.grouping import grouped
from facefolk_server.clustering.model import NOBODY, FloatArray, IntArray
from facefolk_server.clustering.neighbors import NeighborSearch
from facefolk_server.clustering.pairs import Pairs
from facefolk_server.clustering.union_find import UnionFind

# Up to here one small product is quicker than a search by blocks.
_SMALL_ASSET = 256


def find_tracks(faces: Faces, *, max_distance: float) -> list[IntArray]:
    """Return the tracks of two faces or more as ascending ranks.

    `max_distance` is the E of the round.
    """
    return [
        track for asset in _films(faces) for track in _tracks_of(faces, asset, max_distance / 2)
    ]


def person_of(faces: Faces, track: IntArray) -> int:
    """Return the person of a track when the round begins, or `NOBODY`."""
    return int(faces.persons[track].max())


def best_of(faces: Faces, track: IntArray) -> int:
    """Return the face that stands for a track."""
    able = track[~faces.stranger[track]]
    able = able if len(able) else track
    return int(able[np.argmax(faces.quality[able])])


def former_of(faces: Faces, track: IntArray) -> int:
    """Return the person that most of a track's automatic faces had before the round."""
    formers = faces.befores[track][~faces.manual[track]].tolist()
    numbers = Counter(person for person in formers if person != NOBODY)
    return min(numbers, key=lambda person: (-numbers[person], person), default=NOBODY)


def _films(faces: Faces) -> list[IntArray]:
    """Return the faces of each asset that has faces in several frames."""
    if np.array_equal(faces.pictures, faces.assets):
        return []
    ranks = np.flatnonzero(~faces.not_a_face)
    _, first = np.unique(faces.pictures[ranks], return_index=True)
    frames = np.bincount(faces.assets[ranks[first]], minlength=1)
    ranks = ranks[frames[faces.assets[ranks]] > 1]
    return [ranks[part] for part in grouped(faces.assets[ranks])]


def _tracks_of(faces: Faces, asset: IntArray, limit: float) -> list[IntArray]:
    pairs = _pairs_within(faces.embeddings[asset], limit)
    left, right = asset[pairs.left], asset[pairs.right]
    apart = faces.pictures[left] != faces.pictures[right]
    pairs = pairs.where(apart & (faces.mark_sets[left] == faces.mark_sets[right]))
    tracks = []
    for part in grouped(components(pairs.left, pairs.right, len(asset))):
        ranks = asset[part]
        if _can_be_one(faces, ranks):
            tracks.append(ranks)
        else:
            inside = pairs.where(np.isin(pairs.left, part)).nearest_first()
            tracks += _grown(faces, ranks, asset[inside.left], asset[inside.right])
    return [track for track in tracks if len(track) > 1]


def _can_be_one(faces: Faces, ranks: IntArray) -> bool:
    people = np.unique(faces.persons[ranks])
    frames = np.unique(faces.pictures[ranks])
    return len(frames) == len(ranks) and int((people != NOBODY).sum()) <= 1


def _grown(faces: Faces, ranks: IntArray, left: IntArray, right: IntArray) -> list[IntArray]:
    """Join pairs in their order, but never two frames or two persons."""
    places = {rank: place for place, rank in enumerate(ranks.tolist())}
    sets = UnionFind(range(len(ranks)))
    frames = [{frame} for frame in faces.pictures[ranks].tolist()]
    people = faces.persons[ranks].tolist()
    for one, other in zip(left.tolist(), right.tolist(), strict=True):
        a, b = sets.find(places[one]), sets.find(places[other])
        two_people = NOBODY not in (people[a], people[b]) and people[a] != people[b]
        if a != b and not two_people and frames[a].isdisjoint(frames[b]):
            kept, gone = sets.join(a, b)
            frames[kept] |= frames[gone]
            people[kept] = max(people[kept], people[gone])
    labels = [sets.find(place) for place in range(len(ranks))]
    return [ranks[part] for part in grouped(np.array(labels, np.intp))]


def _pairs_within(embeddings: FloatArray, limit: float) -> Pairs:
    if len(embeddings) > _SMALL_ASSET:
        return NeighborSearch(embeddings, max_distance=limit).pairs()
    exact = embeddings.astype(np.float64)
    distances = 1.0 - exact @ exact.T
    left, right = np.nonzero(np.triu(distances <= limit, 1))
    return Pairs(left, right, distances[left, right])
