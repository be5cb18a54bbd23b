"""Faces without a person that resemble someone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from facefolk_server.service.suggestions.album import (
    MAX_FACES,
    Album,
    BoolArray,
    DoubleArray,
    IntArray,
)
from facefolk_server.service.suggestions.questions import Question, Suggestion, SuggestionKind

# How far the nearest face of a person may be, in terms of the distance of rounds.
_REACH = 1.2
_PEOPLE_TRIED = 3
_MAX_MEMBERS = 512
_BLOCK = 256


def outliers_like_someone(album: Album) -> Iterator[Suggestion]:
    """Yield outliers with the person whose nearest face is a little out of reach."""
    rows = np.flatnonzero(album.open & ~album.pruned)
    if not len(rows) or not len(album.people):
        return
    rows = rows[np.argsort(-album.qualities[rows], kind="stable")][:MAX_FACES]
    people, distances = _most_like(album, rows)
    found = distances <= _REACH * album.settings.max_recognition_distance
    rows, people, distances = rows[found], people[found], distances[found]
    settled = _alike(album, rows, people)
    for row, person, distance, count in zip(
        rows.tolist(), people.tolist(), distances.tolist(), settled, strict=True
    ):
        face_id, person_id = album.face_ids[row], album.people[person]
        question = Question(SuggestionKind.OUTLIER, (person_id,), (face_id,))
        yield Suggestion(
            question,
            distance,
            faces_settled=count,
            probability=album.probability(distance, candidates=len(album.people)),
            faces_shown=(face_id,),
        )


def _most_like(album: Album, rows: IntArray) -> tuple[IntArray, DoubleArray]:
    """Return for each row the person with the nearest face, and its distance.

    Of the few people who are nearest on average; infinite where marks bar them all.
    """
    tried = min(_PEOPLE_TRIED, len(album.people))
    people = np.zeros(len(rows), np.intp)
    distances = np.full(len(rows), np.inf)
    for start in range(0, len(rows), _BLOCK):
        some = rows[start : start + _BLOCK]
        means = album.center_distances(some)
        nearest = np.argpartition(means, tried - 1, axis=1)[:, :tried]
        for place, (row, candidates) in enumerate(
            zip(some.tolist(), nearest.tolist(), strict=True)
        ):
            for person in candidates:
                if album.bars(row, person):
                    continue
                distance = _to_nearest_face(album, row, person)
                if distance < distances[start + place]:
                    people[start + place], distances[start + place] = person, distance
    return people, distances


def _to_nearest_face(album: Album, row: int, person: int) -> float:
    members = album.members[person][:_MAX_MEMBERS]
    products = album.embeddings[members].astype(np.float64) @ album.embeddings[row].astype(
        np.float64
    )
    return max(0.0, float(1.0 - products.max()))


def _alike(album: Album, rows: IntArray, people: IntArray) -> list[int]:
    """Count for each row those in its reach that are like the same person, itself included.

    They can follow it in the next round.
    """
    counts: list[int] = []
    reach = album.settings.max_recognition_distance
    everyone = album.embeddings[rows]
    for start in range(0, len(rows), _BLOCK):
        part = slice(start, start + _BLOCK)
        near: BoolArray = 1.0 - everyone[part] @ everyone.T <= reach
        near &= people[part, None] == people[None, :]
        near[np.arange(len(near)), start + np.arange(len(near))] = True
        counts += near.sum(axis=1).tolist()
    return counts
