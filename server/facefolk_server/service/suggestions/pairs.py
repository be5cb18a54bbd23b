"""People who are probably one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from facefolk_server.service.suggestions.album import Album, IntArray
from facefolk_server.service.suggestions.questions import Suggestion, merge_of
from facefolk_server.store.answers import Pair

# Mean distances between two groups of one person's faces, in terms of the distance at which
# the pack tells people apart best; as for the pieces that a chain guard joins.
_LIMIT = 1.2
_NEAREST_OF_EACH = 4
_BLOCK = 512

# Faces between two people that are shown with the question about them.
_MOST_BETWEEN = 6


def probable_merges(album: Album, links: Mapping[Pair, float]) -> Iterator[Suggestion]:
    """Yield people whose faces are near each other, and those whom rounds would have joined.

    Not people with a mark that tells them apart, nor, unless a round has met them, people
    who are in one picture together.
    """
    codes = {person_id: code for code, person_id in enumerate(album.people)}
    asked: set[tuple[int, int]] = set()
    for people, distance in links.items():
        if all(person_id in codes for person_id in people):
            pair = _ordered(*(codes[person_id] for person_id in people))
            asked.add(pair)
            if not _told_apart(album, *pair):
                yield _suggestion(album, *pair, distance)
    for one, other, distance in _near(album):
        if (one, other) in asked or _told_apart(album, one, other):
            continue
        if not (album.settings.one_face_per_asset and _together(album, one, other)):
            yield _suggestion(album, one, other, distance)


def _near(album: Album) -> Iterator[tuple[int, int, float]]:
    """Yield pairs of people by mean distance, of each the nearest few."""
    limit = _LIMIT * album.settings.recommended_distance
    centers = album.centers
    kept = min(_NEAREST_OF_EACH, len(centers) - 1)
    seen: set[tuple[int, int]] = set()
    for start in range(0, len(centers) if kept > 0 else 0, _BLOCK):
        distances = 1.0 - centers[start : start + _BLOCK] @ centers.T
        rows = np.arange(len(distances))
        distances[rows, start + rows] = np.inf
        nearest = np.argpartition(distances, kept - 1, axis=1)[:, :kept]
        for row, others in zip(rows.tolist(), nearest.tolist(), strict=True):
            for other in others:
                pair = _ordered(start + row, other)
                if distances[row, other] <= limit and pair not in seen:
                    seen.add(pair)
                    yield (*pair, float(distances[row, other]))


def _suggestion(album: Album, one: int, other: int, distance: float) -> Suggestion:
    question = merge_of(album.people[one], album.people[other])
    faces = {
        album.people[one]: _nearest_face(album, one, other),
        album.people[other]: _nearest_face(album, other, one),
    }
    shown = [faces[person_id] for person_id in question.people]
    return Suggestion(
        question,
        distance,
        faces_settled=int(min(album.sizes[one], album.sizes[other])),
        # A single pair of faces may be near by chance; what counts is how far all are apart.
        probability=album.probability(float(1.0 - album.centers[one] @ album.centers[other])),
        faces_shown=tuple(dict.fromkeys((*shown, *_faces_between(album, one, other)))),
    )


def _nearest_face(album: Album, person: int, other: int) -> str:
    """Return a person's face that is nearest to the faces of another one."""
    rows = album.members[person]
    products = album.embeddings[rows].astype(np.float64) @ album.centers[other]
    return album.face_ids[int(rows[np.argmax(products)])]


def _faces_between(album: Album, one: int, other: int) -> list[str]:
    """Return the few faces of two people that are least far from both, on average.

    Where single faces link the two, these are they.
    """
    rows = np.concatenate((album.members[one], album.members[other]))
    centers = album.centers[[one, other]]
    nearness = (album.embeddings[rows].astype(np.float64) @ centers.T).min(axis=1)
    between = rows[np.argsort(-nearness, kind="stable")[:_MOST_BETWEEN]]
    return [album.face_ids[row] for row in between.tolist()]


def _told_apart(album: Album, one: int, other: int) -> bool:
    return _denies(album, one, other) or _denies(album, other, one)


def _denies(album: Album, person: int, other: int) -> bool:
    """Tell whether a face of a person is marked as not being another one."""
    if not album.barred:
        return False
    return any(album.bars(row, other) for row in album.members[person].tolist())


def _together(album: Album, one: int, other: int) -> bool:
    return bool(np.isin(_pictures(album, one), _pictures(album, other)).any())


def _pictures(album: Album, person: int) -> IntArray:
    return album.pictures[album.members[person]]


def _ordered(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)
