"""Tracks: one person through the frames of one asset.

Faces of one asset from different frames within E/2 of each other are one track. They come
together nearest first, ties by face ids, and never two of one frame. One face enters the
round for all of them, so that a film of a passer-by counts as one face. The design leaves
open what that means for a track whose faces differ in what is known of them; here:

- A track is split by the persons its faces have when the round begins (in ALL: by hand). A
  queued face goes to the nearest face of the track that has a person no mark of its own
  bars; those left over are one track without a person. So no round moves a face that has a
  person, and a face found later in a film of somebody is that somebody at once.
- What is left is a *unit*: its face of the best quality (ties by face id) stands for it,
  whether or not that face itself has the person, so that the same face stands for it in the
  next round. Only a stranger stands for nobody else's faces while there are others.
- A unit is one face in N(f), so one in every count. It lends if that face is core or any of
  its faces was assigned by hand. Before an ALL round it was that person's whom most of its
  automatic faces had (ties: lower person id). It is barred from whomever its faces are.
- Followers get the person, the reason and the counts of the face that stands for them; each
  is pruned by its own picture. A face that was pruned goes back to its unit in the next
  round, gets the same person and is pruned again: MISSING after MISSING changes nothing.
- NOT_A_FACE faces are in no track.
"""

from __future__ import annotations

from collections import Counter, defaultdict

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


def split_track(faces: Faces, track: IntArray) -> list[tuple[IntArray, int]]:
    """Return the units of a track as ascending ranks, each with its person or `NOBODY`."""
    placed = track[faces.persons[track] != NOBODY]
    parts: dict[int, list[int]] = defaultdict(list)
    for face in track.tolist():
        person = int(faces.persons[face])
        if faces.queued[face] and len(placed):
            person = _nearest_person(faces, face, placed)
        parts[person].append(face)
    return [(np.array(part, np.intp), person) for person, part in parts.items()]


def best_of(faces: Faces, unit: IntArray, person: int) -> int:
    """Return the face that stands for a unit."""
    able = unit if person != NOBODY else unit[~faces.stranger[unit]]
    able = able if len(able) else unit
    return int(able[np.argmax(faces.quality[able])])


def former_of(faces: Faces, unit: IntArray) -> int:
    """Return the person that most of a unit's automatic faces had before the round."""
    formers = faces.befores[unit][~faces.manual[unit]].tolist()
    numbers = Counter(person for person in formers if person != NOBODY)
    return min(numbers, key=lambda person: (-numbers[person], person), default=NOBODY)


def _films(faces: Faces) -> list[IntArray]:
    """Return the faces of each asset that has faces in several frames."""
    ranks = np.flatnonzero(~faces.not_a_face)
    _, first = np.unique(faces.pictures[ranks], return_index=True)
    frames = np.bincount(faces.assets[ranks[first]], minlength=1)
    ranks = ranks[frames[faces.assets[ranks]] > 1]
    return [ranks[part] for part in grouped(faces.assets[ranks])]


def _tracks_of(faces: Faces, asset: IntArray, limit: float) -> list[IntArray]:
    pictures = faces.pictures[asset]
    pairs = _pairs_within(faces.embeddings[asset], limit)
    pairs = pairs.where(pictures[pairs.left] != pictures[pairs.right])
    labels = components(pairs.left, pairs.right, len(asset))
    tracks = []
    for part in grouped(labels):
        if len(np.unique(pictures[part])) == len(part):
            tracks.append(part)
        else:
            inside = pairs.where(np.isin(pairs.left, part)).nearest_first()
            tracks += [part[piece] for piece in _apart_in_frames(part, inside, pictures)]
    return [asset[track] for track in tracks if len(track) > 1]


def _apart_in_frames(part: IntArray, pairs: Pairs, pictures: IntArray) -> list[IntArray]:
    """Join nearest pairs first, never two faces of one frame; return places in `part`."""
    sets = UnionFind(range(len(pictures)))
    seen = {face: {int(pictures[face])} for face in part.tolist()}
    for left, right in zip(pairs.left.tolist(), pairs.right.tolist(), strict=True):
        one, two = sets.find(left), sets.find(right)
        if one != two and seen[one].isdisjoint(seen[two]):
            kept, gone = sets.join(one, two)
            seen[kept] |= seen.pop(gone)
    return grouped(np.array([sets.find(face) for face in part.tolist()], np.intp))


def _pairs_within(embeddings: FloatArray, limit: float) -> Pairs:
    if len(embeddings) > _SMALL_ASSET:
        return NeighborSearch(embeddings, max_distance=limit).pairs()
    exact = embeddings.astype(np.float64)
    distances = 1.0 - exact @ exact.T
    left, right = np.nonzero(np.triu(distances <= limit, 1))
    return Pairs(left, right, distances[left, right])


def _nearest_person(faces: Faces, face: int, placed: IntArray) -> int:
    """Return the person of the nearest placed face that no mark on this face bars."""
    barred = list(faces.barred.get(face, ()))
    able = placed[~np.isin(faces.persons[placed], barred)]
    if not len(able):
        return NOBODY
    own = faces.embeddings[face].astype(np.float64)
    distances = 1.0 - faces.embeddings[able].astype(np.float64) @ own
    return int(faces.persons[able[np.argmin(distances)]])
