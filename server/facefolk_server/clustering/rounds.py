"""One round, from the faces of a library to who they are (section 5 of the design)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facefolk_server.clustering.byte_products import ByteProduct
from facefolk_server.clustering.entering import Entry, enter
from facefolk_server.clustering.faces import Faces, order_faces
from facefolk_server.clustering.gathering import gather
from facefolk_server.clustering.growth import Grower
from facefolk_server.clustering.known_counts import CountStart, known_counts, start_from
from facefolk_server.clustering.model import (
    NOBODY,
    IntArray,
    KnownCounts,
    Progress,
    RoundInput,
    RoundParameters,
    RoundResult,
    unobserved,
)
from facefolk_server.clustering.pruning import prune
from facefolk_server.clustering.report import Ending, Report
from facefolk_server.clustering.settled_rounds import until_settled
from facefolk_server.clustering.settling import Settled, settle
from facefolk_server.clustering.vetoes import vetoed
from facefolk_server.types import Reason, RoundMode


@dataclass(frozen=True, slots=True, eq=False)
class _Means:
    """What a round is computed with, and who is told how far it is."""

    threads: int
    multiply: ByteProduct | None
    progress: Progress


def run_round(
    given: RoundInput,
    parameters: RoundParameters,
    *,
    known: KnownCounts | None = None,
    progress: Progress = unobserved,
    threads: int = 1,
    multiply: ByteProduct | None = None,
) -> RoundResult:
    """Decide who the queued faces are.

    Neither the order of faces, nor the counts `known` from a round before (which save a
    MISSING round most of its time), nor `threads` and `multiply` (see `NeighborSearch`) change
    the result.
    `progress` is told between pieces of work; what it raises stops the round, and nothing
    has been changed.
    """

    def once(
        given: RoundInput, known: KnownCounts | None, progress: Progress = progress
    ) -> RoundResult:
        means = _Means(threads, multiply, progress)
        return _once(given, parameters, known=known, means=means)

    result = once(given, known)
    if parameters.chain_guard is None or parameters.mode is not RoundMode.MISSING:
        return result

    def done_already(_done: int, total: int, /) -> None:
        progress(total, total)

    return until_settled(
        given, result, lambda given, known: once(given, known, progress=done_already)
    )


def _once(
    given: RoundInput,
    parameters: RoundParameters,
    *,
    known: KnownCounts | None,
    means: _Means,
) -> RoundResult:
    faces = order_faces(given, parameters.mode)
    entry = enter(
        faces,
        max_distance=parameters.max_distance,
        mode=parameters.mode,
        gate=parameters.quality_gate,
    )
    start: CountStart | str = ""
    if parameters.mode is RoundMode.MISSING:
        start = start_from(known, given, faces, entry, parameters)
    near = gather(
        entry.units,
        max_distance=parameters.max_distance,
        min_faces=parameters.min_faces,
        start=start if isinstance(start, CountStart) else None,
        way=parameters.neighbors,
        threads=means.threads,
        multiply=means.multiply,
        progress=means.progress,
    )
    growth = Grower(
        entry.units,
        near,
        max_distance=parameters.max_distance,
        guard=parameters.chain_guard,
        threads=means.threads,
    ).grow()
    settled = settle(
        entry.units,
        near,
        growth,
        mode=parameters.mode,
        min_faces=parameters.min_faces,
        people=len(faces.people),
    )
    ending = _ending(faces, entry, settled, parameters)
    report = Report(faces, entry, near, growth, settled, ending)
    return report.result(
        parameters.mode,
        given.kept_people,
        recount=start if isinstance(start, str) else "",
        known=known_counts(given, faces, entry, near.counts, near.recall, parameters),
    )


def _ending(
    faces: Faces, entry: Entry, settled: Settled, parameters: RoundParameters
) -> Ending:
    """Let followers follow, take back what cannot be, and prune."""
    queued = np.flatnonzero(faces.queued)
    persons = faces.persons.copy()
    reasons = np.full(len(faces), Reason.NONE.value)
    persons[queued] = settled.persons[entry.unit_of[queued]]
    reasons[queued] = settled.reasons[entry.unit_of[queued]]
    for reason, rows in vetoed(faces, persons, max_distance=parameters.max_distance):
        persons[rows] = NOBODY
        reasons[rows] = reason
    pruned: IntArray = np.empty(0, np.intp)
    taken_from = pruned
    if parameters.one_face_per_asset:
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
