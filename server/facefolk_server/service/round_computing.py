"""A round from its snapshot to what it wants, and the counts that pass from round to round."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from facefolk_server.clustering import (
    ByteProduct,
    KnownCounts,
    QualityGate,
    RoundInput,
    RoundParameters,
    RoundStats,
    face_keys,
    run_round,
)
from facefolk_server.errors import StorageError
from facefolk_server.service.round_commit import Outcome, outcome_of
from facefolk_server.service.round_input import RoundGround
from facefolk_server.store import KeptCounts, Library
from facefolk_server.types import RoundMode, RoundRecord

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Computed:
    """What a round wants changed, its figures, and its counts for the next round."""

    outcome: Outcome
    stats: RoundStats
    counts: KnownCounts | None

    def told(self, record: RoundRecord) -> RoundRecord:
        """Return the record of the round with its figures."""
        stats = self.stats
        return replace(
            record,
            faces_queued=stats.queued,
            faces_processed=stats.processed,
            faces_assigned=stats.assigned,
            people_created=len(self.outcome.created),
            faces_deferred=stats.deferred,
            outliers=stats.outliers,
            pruned=stats.pruned,
            neighbor_recall=stats.neighbor_recall,
            recount=stats.recount,
        )


def compute(
    library: Library,
    ground: RoundGround,
    parameters: RoundParameters,
    progress: Callable[[int, int], None],
    *,
    threads: int,
    multiply: ByteProduct | None,
) -> Computed:
    """Run a round on its snapshot; blocking.

    Raises:
        CancelledError: It was asked to stop.
    """
    known = _known(library, ground.pack) if parameters.mode is RoundMode.MISSING else None
    result = run_round(
        _keyed(ground),
        parameters,
        known=known,
        progress=progress,
        threads=threads,
        multiply=multiply,
    )
    if known is not None and result.stats.recount:
        _log.info("the neighbors of all faces are counted: %s", result.stats.recount)
    return Computed(outcome_of(ground, result), result.stats, result.counts)


def keep_counts(library: Library, ground: RoundGround, counts: KnownCounts | None) -> None:
    """Keep what was counted for the next round, which counts all again otherwise; blocking."""
    if counts is None:
        return
    gate = counts.quality_gate
    kept = KeptCounts(
        pack_digest=counts.origin,
        max_distance=counts.max_distance,
        gate=(gate.min_quality, gate.distance_share) if gate else None,
        recall=counts.recall,
        keys=counts.keys,
        counts=counts.counts,
        able=counts.able,
    )
    try:
        library.keep_neighbor_counts(ground.pack, kept, departed_until=ground.departed.until)
    except StorageError as error:
        _log.warning("the next round counts all neighbors again: %s", error)


def _known(library: Library, pack: str) -> KnownCounts | None:
    try:
        kept = library.neighbor_counts(pack)
    except StorageError as error:
        _log.warning("all neighbors are counted again: %s", error)
        return None
    if kept is None:
        return None
    return KnownCounts(
        origin=kept.pack_digest,
        max_distance=kept.max_distance,
        quality_gate=QualityGate(*kept.gate) if kept.gate else None,
        keys=kept.keys,
        counts=kept.counts,
        able=kept.able,
        recall=kept.recall,
    )


def _keyed(ground: RoundGround) -> RoundInput:
    """Return the input with numbers for its faces and for those that went."""
    given, gone = ground.given, ground.departed
    went = face_keys(gone.face_ids, gone.embeddings, gone.qualities).tolist()
    return replace(
        given,
        keys=face_keys(given.face_ids, given.embeddings, given.quality),
        departed=dict(zip(went, gone.embeddings, strict=True)),
    )
