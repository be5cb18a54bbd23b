"""Conducts a round that was started: waiting, computing, committing or showing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from facefolk_server.clustering import ByteProduct, Neighbors
from facefolk_server.errors import CancelledError, FacefolkError
from facefolk_server.service.call import Call
from facefolk_server.service.gate import IngestionGate
from facefolk_server.service.libraries import Libraries
from facefolk_server.service.live_round import LiveRound
from facefolk_server.service.previews import Previews, preview_of
from facefolk_server.service.resolved import Resolved
from facefolk_server.service.round_commit import Outcome
from facefolk_server.service.round_computing import compute, keep_counts
from facefolk_server.service.round_input import RoundGround, gather, parameters, queued
from facefolk_server.service.round_ledger import RoundLedger
from facefolk_server.service.workers import WorkerPool
from facefolk_server.types import RoundRecord, RoundState

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RoundTimes:
    """How long rounds wait, in seconds.

    A round begins once no frame came in for `quiet_seconds`, at the latest after
    `max_wait_seconds`. `renew_seconds` is how often a lease is renewed, `poll_seconds` how
    often a round that runs elsewhere is looked at.
    """

    quiet_seconds: float = 10.0
    max_wait_seconds: float = 600.0
    renew_seconds: float = 20.0
    poll_seconds: float = 1.0


def _no_multiplier() -> None:
    """Leave it at products of float32."""


@dataclass(frozen=True, slots=True)
class RoundMeans:
    """What rounds are computed with: threads, and the way neighbors are found.

    With what `multiplier` returns, faces are compared by products of bytes first.
    """

    threads: int = 1
    neighbors: Neighbors = Neighbors.AUTO
    multiplier: Callable[[], ByteProduct | None] = _no_multiplier


class Conductor:
    """Brings rounds to their end and writes down how they ended."""

    def __init__(
        self,
        *,
        libraries: Libraries,
        ledger: RoundLedger,
        previews: Previews,
        gate: IngestionGate,
        workers: WorkerPool,
        clock: Callable[[], datetime],
        times: RoundTimes,
        means: RoundMeans,
    ) -> None:
        self._libraries = libraries
        self._ledger = ledger
        self._previews = previews
        self._gate = gate
        self._workers = workers
        self._clock = clock
        self.times = times
        self._means = means

    async def conduct(
        self, call: Call, live: LiveRound, settings: Resolved, *, wait: bool
    ) -> None:
        """Bring a round to its end; what goes wrong is told by its record."""
        renewing = asyncio.create_task(self._keep_lease(call, live))
        try:
            ended = await self._work(call, live, settings, wait=wait)
        except CancelledError:
            ended = await self._ended(call, live, error=live.stop_reason)
        except FacefolkError as error:
            ended = await self._ended(call, live, error=error.message)
        except Exception:
            _log.exception("round %s: a bug", live.record.round_id)
            ended = await self._ended(
                call, live, error="The round failed by a bug; see the log."
            )
        finally:
            renewing.cancel()
        live.update(ended)
        _log.info("round %s ended: %s", ended.round_id, ended.state.name)

    async def _work(
        self, call: Call, live: LiveRound, settings: Resolved, *, wait: bool
    ) -> RoundRecord:
        waited_out = wait and await self._wait(call, live)
        live.check()
        ground = await self._libraries.read(call, lambda r: gather(r, settings))
        live.update(
            replace(
                live.record,
                state=RoundState.RUNNING,
                waited_out=waited_out,
                faces_queued=queued(ground, live.record.mode),
            )
        )
        await self._ledger.renew(call, live.record)
        given = replace(parameters(live.record.mode, settings), neighbors=self._means.neighbors)
        library = await self._libraries.library(call)
        computed = await self._workers.run(
            lambda: compute(
                library,
                ground,
                given,
                live.progress,
                threads=self._means.threads,
                multiply=self._means.multiplier(),
            )
        )
        live.check()
        live.update(computed.told(live.record))
        if live.record.preview:
            return await self._show(call, live.record, ground, computed.outcome)
        await self._workers.run(lambda: keep_counts(library, ground, computed.counts))
        return await self._ledger.commit(call, live.record, computed.outcome)

    async def _show(
        self, call: Call, record: RoundRecord, ground: RoundGround, outcome: Outcome
    ) -> RoundRecord:
        now = self._clock()
        preview = await self._libraries.read(
            call, lambda reading: preview_of(ground, outcome, reading, record, now)
        )
        created = len(preview.difference.created)
        shown = replace(
            record, state=RoundState.PREVIEWED, people_created=created, end_time=now
        )
        self._previews.keep(call.library_id, replace(preview, record=shown))
        ended = await self._ledger.end(call, shown)
        if ended.state is not RoundState.PREVIEWED:
            self._previews.drop(call.library_id, record.round_id)
        return ended

    async def _wait(self, call: Call, live: LiveRound) -> bool:
        """Wait until no frames come in, or the round is stopped; return whether in vain."""
        quiet = asyncio.create_task(
            self._gate.wait_quiet(
                call.library_id,
                quiet_seconds=self.times.quiet_seconds,
                max_seconds=self.times.max_wait_seconds,
            )
        )
        stopped = asyncio.create_task(live.wait_stopped())
        try:
            await asyncio.wait((quiet, stopped), return_when=asyncio.FIRST_COMPLETED)
            return quiet.result() if quiet.done() else False
        finally:
            quiet.cancel()
            stopped.cancel()

    async def _keep_lease(self, call: Call, live: LiveRound) -> None:
        while True:
            await asyncio.sleep(self.times.renew_seconds)
            try:
                await self._ledger.renew(call, live.record)
            except CancelledError:
                live.stop()
                return
            except FacefolkError as error:
                _log.warning("round %s: lease not renewed: %s", live.record.round_id, error)

    async def _ended(self, call: Call, live: LiveRound, *, error: str) -> RoundRecord:
        record = replace(
            live.record,
            state=RoundState.FAILED if error else RoundState.CANCELLED,
            end_time=self._clock(),
            error=error,
        )
        try:
            return await self._ledger.end(call, record)
        except FacefolkError as failure:
            # Its lease runs out, and then any server writes down that it failed.
            _log.error("round %s: its end was not written: %s", record.round_id, failure)
            return record
