"""Which face stands for another one in the counts of a round."""

from __future__ import annotations

import numpy as np

from facefolk_server.clustering.faces import order_faces
from facefolk_server.clustering.model import NOBODY, IntArray, RoundInput
from facefolk_server.clustering.tracks import best_of, find_tracks
from facefolk_server.types import RoundMode


def stand_ins(given: RoundInput, *, max_distance: float) -> IntArray:
    """Return for each row the row of the face that stands for its track, `(n,)`.

    That is the row itself where it is in no track, and -1 where it is NOT_A_FACE. Tracks are
    those of a MISSING round; since they lie within assets, all faces of an asset are enough
    to know them.
    """
    faces = order_faces(given, RoundMode.MISSING)
    stands_for = np.where(faces.not_a_face, NOBODY, np.arange(len(faces)))
    for track in find_tracks(faces, max_distance=max_distance):
        stands_for[track] = best_of(faces, track)
    found = np.full(len(faces), NOBODY, np.intp)
    there = stands_for != NOBODY
    found[faces.rows[there]] = faces.rows[stands_for[there]]
    return found
