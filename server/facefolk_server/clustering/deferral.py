"""Step 4 of a round: faces that are not core join their nearest lender."""

from __future__ import annotations

import numpy as np

from facefolk_server.clustering.model import NOBODY, IntArray
from facefolk_server.clustering.pairs import Pairs
from facefolk_server.clustering.units import Units


def defer(units: Units, fringe: Pairs, *, waiting: IntArray, lent: IntArray) -> IntArray:
    """Return the person that each waiting unit joins, `NOBODY` with none in reach.

    `fringe` holds all pairs within the distance of a waiting unit and a lender, `waiting`
    are the units of Q that are not core, `lent` `(k,)` the person that each unit lends or
    `NOBODY`. The nearest lender is taken whose person no mark of the unit bars and who was
    born when its picture was taken, ties by face id.
    """
    place = np.full(len(units), NOBODY)
    place[waiting] = np.arange(len(waiting))
    seekers = np.concatenate((place[fringe.left], place[fringe.right]))
    lenders = np.concatenate((fringe.right, fringe.left))
    distances = np.concatenate((fringe.distances, fringe.distances))
    open_to = (seekers != NOBODY) & (lent[lenders] != NOBODY)
    codes = lent.max(initial=0) + 1
    barred = [
        place[unit] * codes + person
        for unit, people in (*units.barred.items(), *units.unborn.items())
        for person in people
        if place[unit] != NOBODY and 0 <= person < codes
    ]
    open_to &= ~np.isin(seekers * codes + lent[lenders], barred)
    seekers, lenders, distances = seekers[open_to], lenders[open_to], distances[open_to]
    order = np.lexsort((lenders, distances, seekers))
    some, nearest = np.unique(seekers[order], return_index=True)
    joined = np.full(len(waiting), NOBODY)
    joined[some] = lent[lenders[order[nearest]]]
    return joined
