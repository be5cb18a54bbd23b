"""Faces that may not belong to their person."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from facefolk_server.service.suggestions.album import MAX_FACES, NOBODY, Album
from facefolk_server.service.suggestions.questions import Question, Suggestion, SuggestionKind

# A face this far from the others of its person, on average, is like none of them.
_FAR = 1.5
_MIN_FACES = 3


def doubtful_faces(album: Album) -> Iterator[Suggestion]:
    """Yield faces assigned by a round that resemble somebody else more, or nobody much."""
    placed = album.owners != NOBODY
    large = np.zeros(len(placed), bool)
    large[placed] = album.sizes[album.owners[placed]] >= _MIN_FACES
    rows = np.flatnonzero(large & ~album.manual)
    if not len(rows):
        return
    own = album.own_distances(rows)
    farthest = np.argsort(-own, kind="stable")[:MAX_FACES]
    rows, own = rows[farthest], own[farthest]
    others = album.center_distances(rows)
    others[np.arange(len(rows)), album.owners[rows]] = np.inf
    nearest = others.argmin(axis=1)
    for row, other, distance, other_distance in zip(
        rows.tolist(), nearest.tolist(), own.tolist(), others.min(axis=1).tolist(), strict=True
    ):
        resembles = other_distance < distance and not album.bars(row, other)
        if resembles or distance > _FAR * album.settings.recommended_distance:
            owner = album.people[int(album.owners[row])]
            face_id = album.face_ids[row]
            yield Suggestion(
                Question(SuggestionKind.DOUBTFUL_FACE, (owner,), (face_id,)),
                distance,
                faces_settled=1,
                probability=album.probability(distance),
                faces_shown=(face_id,),
                also_like=album.people[other] if resembles else "",
            )
