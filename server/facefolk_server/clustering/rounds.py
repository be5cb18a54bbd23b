"""One round, from the faces of a library to who they are (section 5 of the design)."""

from __future__ import annotations

import numpy as np

from facefolk_server.clustering.entering import Entry, enter
from facefolk_server.clustering.faces import Faces, order_faces
from facefolk_server.clustering.gathering import gather
from facefolk_server.clustering.growth import Grower
from facefolk_server.clustering.model import (
    NOBODY,
    IntArray,
    Progress,
    RoundInput,
    RoundParameters,
    RoundResult,
    unobserved,
)
from facefolk_server.clustering.pruning import prune
from facefolk_server.clustering.report import Ending, Report
from facefolk_server.clustering.settling import Settled, settle
from facefolk_server.types import Reason


def run_round(
    given: RoundInput,
    parameters: RoundParameters,
    *,
    progress: Progress = unobserved,
    threads: int = 1,
) -> RoundResult:
    """Decide who the queued faces are.

    Neither the order of faces nor `threads` (see `NeighborSearch`) changes the result.
    `progress` is told between pieces of work; what it raises stops the round, and nothing
    has been changed.
    """
    faces = order_faces(given, parameters.mode)
    entry = enter(
        faces,
        max_distance=parameters.max_distance,
        mode=parameters.mode,
        gate=parameters.quality_gate,
    )
    near = gather(
        entry.units,
        max_distance=parameters.max_distance,
        min_faces=parameters.min_faces,
        threads=threads,
        progress=progress,
    )
    growth = Grower(
        entry.units,
        near,
        max_distance=parameters.max_distance,
        guard=parameters.chain_guard,
        threads=threads,
    ).grow()
    settled = settle(
        entry.units,
        near,
        growth,
        mode=parameters.mode,
        min_faces=parameters.min_faces,
        people=len(faces.people),
    )
    ending = _ending(faces, entry, settled, one_face_per_asset=parameters.one_face_per_asset)
    report = Report(faces, entry, near, growth, settled, ending)
    return report.result(parameters.mode, given.kept_people)


def _ending(
    faces: Faces, entry: Entry, settled: Settled, *, one_face_per_asset: bool
) -> Ending:
    """Let followers follow, and prune."""
    queued = np.flatnonzero(faces.queued)
    persons = faces.persons.copy()
    reasons = np.full(len(faces), Reason.NONE.value)
    persons[queued] = settled.persons[entry.unit_of[queued]]
    reasons[queued] = settled.reasons[entry.unit_of[queued]]
    pruned: IntArray = np.empty(0, np.intp)
    taken_from = pruned
    if one_face_per_asset:
        pruned = prune(
            faces.embeddings,
            persons=persons,
            added=faces.queued & (persons != NOBODY),
            assets=faces.assets,
            pictures=faces.pictures,
        )
        taken_from = persons[pruned]
        persons[pruned] = NOBODY
        reasons[pruned] = Reason.SAME_ASSET
    return Ending(persons, reasons, pruned, taken_from)
