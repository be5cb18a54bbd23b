"""The end of a round in the names and rows of its input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from facefolk_server.clustering.entering import Entry
from facefolk_server.clustering.faces import Faces
from facefolk_server.clustering.gathering import Neighborhood
from facefolk_server.clustering.growth import Growth
from facefolk_server.clustering.joins import between_people, fewest, name_joins
from facefolk_server.clustering.model import (
    NOBODY,
    BoolArray,
    IntArray,
    KnownCounts,
    RoundResult,
    RoundStats,
)
from facefolk_server.clustering.pairs import Pairs
from facefolk_server.clustering.settling import Settled
from facefolk_server.types import Reason, RoundMode

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Ending:
    """Persons (codes or `NOBODY`) and reasons of all faces by rank, `(n,)`.

    `pruned` are the ranks of faces that were taken from the persons `taken_from`.
    """

    persons: IntArray
    reasons: IntArray
    pruned: IntArray
    taken_from: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """All that came of a round; `result` tells it."""

    faces: Faces
    entry: Entry
    near: Neighborhood
    growth: Growth
    settled: Settled
    ending: Ending

    def result(
        self,
        mode: RoundMode,
        kept_people: frozenset[str],
        *,
        recount: str,
        known: KnownCounts | None,
    ) -> RoundResult:
        """Return the result of the round, by row of the input.

        `recount` and `known` are passed on.
        """
        faces, ending = self.faces, self.ending
        names = self._names()
        place = np.empty(len(faces), np.intp)
        place[faces.rows] = np.arange(len(faces))
        core, counts = self._neighborhoods()
        deferred = self._deferred()
        taken = zip(faces.rows[ending.pruned], ending.taken_from, strict=True)
        suggestions = between_people(self.growth.apart, self.settled.persons)
        refused = between_people(self.growth.refused, self.settled.persons)
        named = (self.settled.persons, names, self._ids_of(suggestions, refused))
        return RoundResult(
            person_ids=_looked_up(names, ending.persons[place]),
            core=core[place],
            reasons=_looked_up({one.value: one for one in Reason}, ending.reasons[place]),
            neighbor_counts=counts[place],
            created=tuple(sorted(set(names.values()) - set(faces.people))),
            emptied=self._emptied(kept_people) if mode is RoundMode.ALL else (),
            deferred_rows=tuple(sorted(faces.rows[deferred].tolist())),
            pruned=tuple(sorted((int(row), names[int(person)]) for row, person in taken)),
            merge_suggestions=name_joins(fewest(suggestions, self.settled.persons), *named),
            refused_joins=name_joins(refused, *named),
            stats=self._stats(deferred, recount),
            counts=known,
        )

    def _names(self) -> dict[int, str]:
        """Return the ids of people by code; a new one's holds its smallest face."""
        names = dict(enumerate(self.faces.people))
        new = np.flatnonzero(self.ending.persons >= len(self.faces.people))
        people, first = np.unique(self.ending.persons[new], return_index=True)
        for person, face in zip(people.tolist(), new[first].tolist(), strict=True):
            names[person] = f"new:{self.faces.ids[face]}"
        return names

    def _ids_of(self, *pairs: Pairs) -> dict[int, str]:
        """Return the face ids of the units of pairs."""
        units = {unit for some in pairs for unit in (*some.left.tolist(), *some.right.tolist())}
        return {unit: self.faces.ids[self.entry.faces[unit]] for unit in units}

    def _neighborhoods(self) -> tuple[BoolArray, IntArray]:
        """Return which faces are core, and how many neighbors they have, by rank."""
        core, counts = np.zeros(len(self.faces), bool), np.zeros(len(self.faces), np.intp)
        taking_part = np.flatnonzero(self.entry.unit_of != NOBODY)
        units = self.entry.unit_of[taking_part]
        core[taking_part] = self.near.core[units]
        counts[taking_part] = self.near.counts[units]
        return core, counts

    def _deferred(self) -> IntArray:
        """Return the ranks of queued faces that joined a lender."""
        queued = np.flatnonzero(self.faces.queued)
        return queued[self.settled.deferred[self.entry.unit_of[queued]]]

    def _emptied(self, kept_people: frozenset[str]) -> tuple[str, ...]:
        left = set(np.unique(self.ending.persons).tolist())
        return tuple(
            person
            for code, person in enumerate(self.faces.people)
            if code not in left and person not in kept_people
        )

    def _stats(self, deferred: IntArray, recount: str) -> RoundStats:
        queued, ending = self.faces.queued, self.ending
        return RoundStats(
            queued=int(queued.sum()),
            processed=int(queued.sum()),
            assigned=int((queued & (ending.persons != NOBODY)).sum()),
            deferred=len(deferred),
            outliers=int((ending.reasons == Reason.OUTLIER).sum()),
            pruned=len(ending.pruned),
            recount=recount,
            neighbor_recall=self.near.recall,
        )


def _looked_up(table: Mapping[int, T], codes: IntArray) -> list[T]:
    """Return what the table has for each code, None for `NOBODY`.

    A table of objects is looked up without a step for each face.
    """
    found = np.full(max(table, default=0) + 2, None, object)
    for code, one in table.items():
        found[code] = one
    return list(found[codes])
