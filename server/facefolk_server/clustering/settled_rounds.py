"""MISSING rounds with a chain guard, gone on with until nothing changes.

The guard judges groups as they are when a pair comes up. A core face that a round leaves
without a person, such as one that is pruned, is queued again; the next round asks the guard
about whole people where this one asked about their first pieces, and may answer otherwise. So
that a round after a round changes nothing, this one goes on by itself: each further turn is a
MISSING round of what the turn before left. Every turn but the last gives somebody a person,
and nobody loses one, so it comes to an end; each depends on nothing but what it is given, so
the end does not depend on the order of faces. Where no core face is left over there are no
further turns: then nobody who lends is new, and the faces that are not core stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from facefolk_server.clustering.model import (
    BoolArray,
    Join,
    KnownCounts,
    RoundInput,
    RoundResult,
)
from facefolk_server.types import Reason

Turn = Callable[[RoundInput, KnownCounts | None], RoundResult]


def until_settled(given: RoundInput, first: RoundResult, turn: Turn) -> RoundResult:
    """Return what further turns make of the result of a MISSING round over `given`.

    The core faces that are left are asked about alone, which is quick. Only if one of them
    gets a person may others follow.
    """
    result = first
    while (core := _left(given, result, only_core=True)).any():
        left = _left(given, result, only_core=False)
        again = turn(
            replace(
                given,
                person_ids=result.person_ids,
                stranger=given.stranger | (left & ~core),
            ),
            result.counts,
        )
        if again.person_ids == result.person_ids:
            # What it would link is for the next round to tell; this one has ended.
            nothing_new = replace(again, merge_suggestions=(), refused_joins=())
            return _together(given, result, nothing_new, asked=core)
        again = turn(replace(given, person_ids=result.person_ids), result.counts)
        result = _together(given, result, again, asked=left)
    return result


def _left(given: RoundInput, result: RoundResult, *, only_core: bool) -> BoolArray:
    """Return which faces the next round would decide about, `(n,)` by row of the input."""
    open_to_it = np.array([person is None for person in result.person_ids], bool)
    open_to_it &= ~(given.not_a_face | given.stranger)
    return open_to_it & result.core if only_core else open_to_it


def _together(
    given: RoundInput, before: RoundResult, after: RoundResult, *, asked: BoolArray
) -> RoundResult:
    """Return two turns as one round; `after` decided about the `asked` of what was left."""
    names = _new_names(given, before, after)
    reasons = np.where(asked, after.reasons, before.reasons).tolist()
    deferred = {row for row in before.deferred_rows if not asked[row]}
    pruned = [one for one in before.pruned if not asked[one[0]]]
    pruned = sorted(
        (row, names.get(person, person)) for row, person in (*pruned, *after.pruned)
    )
    deferred.update(after.deferred_rows)
    stats = replace(
        before.stats,
        assigned=before.stats.assigned + after.stats.assigned,
        deferred=len(deferred),
        outliers=reasons.count(Reason.OUTLIER),
        pruned=len(pruned),
    )
    return replace(
        before,
        person_ids=[names.get(person or "", person) for person in after.person_ids],
        reasons=[Reason(reason) for reason in reasons],
        created=tuple(sorted(names.values())),
        deferred_rows=tuple(sorted(deferred)),
        pruned=tuple(pruned),
        merge_suggestions=_nearest(before.merge_suggestions, after.merge_suggestions, names),
        refused_joins=_nearest(before.refused_joins, after.refused_joins, names),
        stats=stats,
    )


def _new_names(given: RoundInput, before: RoundResult, after: RoundResult) -> Mapping[str, str]:
    """Return what people of either turn who are new are called by their smallest faces."""
    created = {*before.created, *after.created}
    smallest: dict[str, str] = {}
    for face_id, person in zip(given.face_ids, after.person_ids, strict=True):
        if person in created:
            smallest[person] = min(face_id, smallest.get(person, face_id))
    return {person: f"new:{face_id}" for person, face_id in smallest.items()}


def _nearest(
    before: tuple[Join, ...], after: tuple[Join, ...], names: Mapping[str, str]
) -> tuple[Join, ...]:
    """Return the joins of both turns, by pair of faces, between people as they are called."""
    found: dict[tuple[str, str], Join] = {}
    for join in (*after, *before):
        faces = (join.face_a, join.face_b)
        people = (names.get(one, one) for one in (join.person_a, join.person_b))
        one, other = sorted(zip(people, faces, strict=True))
        told = Join(one[0], other[0], one[1], other[1], join.distance)
        found.setdefault((min(faces), max(faces)), told)
    return tuple(found.values())
