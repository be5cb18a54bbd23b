"""Steps 2 to 4 of a round: from groups of units to the person of each unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facefolk_server.clustering.deferral import defer
from facefolk_server.clustering.gathering import Neighborhood
from facefolk_server.clustering.growth import Growth
from facefolk_server.clustering.identity import create, inherit, list_groups
from facefolk_server.clustering.model import NOBODY, BoolArray, IntArray
from facefolk_server.clustering.units import Units
from facefolk_server.types import Reason, RoundMode


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """What each unit has after step 4, `(k,)`.

    `persons` are codes, those of new people following on the given ones, or `NOBODY`;
    `reasons` say why a queued unit has none; `deferred` are units that joined a lender.
    """

    persons: IntArray
    reasons: IntArray
    deferred: BoolArray


def settle(
    units: Units,
    near: Neighborhood,
    growth: Growth,
    *,
    mode: RoundMode,
    min_faces: int,
    people: int,
) -> Settled:
    """Say who the groups are and take in the faces at their borders.

    `people` is the number of persons there are: new ones get the codes from it on.
    """
    groups = list_groups(units, growth.groups)
    if mode is RoundMode.ALL:
        inherit(units, groups)
    create(groups, min_faces=min_faces, first_person=people)
    persons = units.persons.copy()
    reasons = np.full(len(units), Reason.NONE.value)
    for group in groups:
        persons[group.members] = group.person
        if group.person == NOBODY:
            reasons[group.members] = Reason.MARKED
    lending = units.lenders(near.core) | (units.queued & near.core)
    waiting = np.flatnonzero(units.queued & ~near.core)
    joined = defer(units, near.fringe, waiting=waiting, lent=np.where(lending, persons, NOBODY))
    persons[waiting] = joined
    reasons[waiting[joined == NOBODY]] = Reason.OUTLIER
    deferred = np.zeros(len(units), bool)
    deferred[waiting] = joined != NOBODY
    return Settled(persons, reasons, deferred)
