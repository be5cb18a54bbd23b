"""Pictures in which somebody is, or would be, more than once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from facefolk_server.service.suggestions.album import MAX_FACES, NOBODY, Album, IntArray
from facefolk_server.service.suggestions.questions import Question, Suggestion, SuggestionKind

# Collages have any number of them.
_MAX_OTHERS = 8


def twice_in_a_picture(album: Album) -> Iterator[Suggestion]:
    """Yield faces taken back for their person's other face, and people who are there twice."""
    yield from _taken_back(album)
    yield from _doubles(album)


def _taken_back(album: Album) -> Iterator[Suggestion]:
    rows = np.flatnonzero(album.open & album.pruned)[:MAX_FACES]
    if not len(rows):
        return
    there = _placed_in(album, np.unique(album.pictures[rows]))
    for row in rows.tolist():
        beside = there.get(int(album.pictures[row]), ())
        people = sorted({int(album.owners[other]) for other in beside})
        people = [person for person in people if not album.bars(row, person)]
        if people:
            distances = album.center_distances(np.array([row]))[0, people]
            person = people[int(distances.argmin())]
            others = [other for other in beside if album.owners[other] == person]
            yield _suggestion(album, person, row, others, float(distances.min()))


def _doubles(album: Album) -> Iterator[Suggestion]:
    rows = np.flatnonzero(album.owners != NOBODY)
    keys = album.pictures[rows] * len(album.people) + album.owners[rows]
    order = np.argsort(keys, kind="stable")
    repeated = np.flatnonzero(np.diff(keys[order]) == 0)
    found = 0
    for key in np.unique(keys[order][repeated]).tolist():
        group = rows[keys == key] if found < MAX_FACES else np.empty(0, np.intp)
        automatic = group[~album.manual[group]]
        if len(automatic):
            found += 1
            distances = album.own_distances(automatic)
            row = int(automatic[distances.argmax()])
            others = [other for other in group.tolist() if other != row]
            yield _suggestion(
                album, int(album.owners[row]), row, others, float(distances.max())
            )


def _placed_in(album: Album, pictures: IntArray) -> dict[int, list[int]]:
    rows = np.flatnonzero((album.owners != NOBODY) & np.isin(album.pictures, pictures))
    found: defaultdict[int, list[int]] = defaultdict(list)
    for row in rows.tolist():
        found[int(album.pictures[row])].append(row)
    return found


def _suggestion(
    album: Album, person: int, row: int, others: Sequence[int], distance: float
) -> Suggestion:
    faces = tuple(album.face_ids[one] for one in (row, *others[:_MAX_OTHERS]))
    question = Question(SuggestionKind.SAME_ASSET, (album.people[person],), faces)
    return Suggestion(
        question,
        distance,
        faces_settled=len(faces),
        probability=album.probability(distance),
        faces_shown=faces,
    )
