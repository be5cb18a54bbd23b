"""Clustering rounds from their request to their end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import datetime

from facefolk_server.clustering import RoundParameters, run_round
from facefolk_server.errors import (
    CancelledError,
    FacefolkError,
    NotBuiltError,
    UnavailableError,
)
from facefolk_server.service.call import Call
from facefolk_server.service.gate import IngestionGate
from facefolk_server.service.identifiers import check_library_id, random_round_id
from facefolk_server.service.libraries import Libraries
from facefolk_server.service.live_round import LiveRound
from facefolk_server.service.paging import Page, PageRequest, SortKey, take_page
from facefolk_server.service.resolved import Resolved
from facefolk_server.service.resolver import Resolver
from facefolk_server.service.round_commit import Outcome, outcome_of
from facefolk_server.service.round_input import RoundGround, gather, parameters, queued
from facefolk_server.service.round_ledger import ACTIVE, RoundLedger, ended_already
from facefolk_server.service.workers import WorkerPool
from facefolk_server.types import RoundMode, RoundRecord, RoundState

DEFAULT_PAGE_SIZE = 50
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


class Rounds:
    """The calls about rounds."""

    def __init__(
        self,
        *,
        libraries: Libraries,
        resolver: Resolver,
        ledger: RoundLedger,
        gate: IngestionGate,
        workers: WorkerPool,
        clock: Callable[[], datetime],
        times: RoundTimes = RoundTimes(),
    ) -> None:
        self._libraries = libraries
        self._resolver = resolver
        self._ledger = ledger
        self._gate = gate
        self._workers = workers
        self._clock = clock
        self._times = times
        self._live: dict[tuple[str, str], LiveRound] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    async def recover(self) -> None:
        """Write down as failed the rounds that died with their server; called at start."""
        for library_id in await self._libraries.library_ids():
            await self._ledger.bury(Call(library_id=library_id, actor="facefolk"))

    async def start_round(
        self,
        call: Call,
        mode: RoundMode,
        *,
        skip_waiting: bool = False,
        preview: bool = False,
    ) -> RoundRecord:
        """Start a round and answer at once; it goes on by itself.

        It is made with the settings of now, whatever becomes of them while it runs.

        Raises:
            RoundRunningError: A round runs in this library.
            NotBuiltError: A preview is asked for.
            UnavailableError: The server is stopping.
        """
        if preview:
            raise NotBuiltError("Previews of rounds are not built yet: start it without.")
        if self._closed:
            raise UnavailableError("The server is stopping: try another one.")
        settings = await self._resolver.resolved(call)
        await self._ledger.bury(replace(call, request_id=""))
        record = RoundRecord(
            round_id=random_round_id(),
            mode=mode,
            state=RoundState.WAITING,
            start_time=self._clock(),
            max_recognition_distance=settings.max_recognition_distance,
            min_recognized_faces=settings.min_recognized_faces,
        )
        started = await self._ledger.start(call, record)
        if started.round_id != record.round_id:
            return await self.get_round(call, started.round_id)
        live = LiveRound(started)
        # The round outlives the call and its deadline.
        own_call = Call(library_id=call.library_id, actor=call.actor)
        self._live[call.library_id, record.round_id] = live
        task = asyncio.create_task(
            self._conduct(own_call, live, settings, wait=not skip_waiting)
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return started

    async def get_round(self, call: Call, round_id: str) -> RoundRecord:
        """Tell how a round stands.

        Raises:
            RoundNotFoundError: There is no such round.
        """
        live = self._live.get((check_library_id(call.library_id), round_id))
        if live is not None:
            return live.record
        record = await self._libraries.read(call, lambda reading: reading.round(round_id))
        if record.state in ACTIVE:
            await self._ledger.bury(replace(call, request_id=""))
            return await self._libraries.read(call, lambda reading: reading.round(round_id))
        return record

    async def list_rounds(self, call: Call, page: PageRequest) -> Page[RoundRecord]:
        """List rounds, the newest first.

        Raises:
            InvalidRequestError: The page is not one of this list.
        """
        records = await self._libraries.read(
            call, lambda reading: list(reading.state.rounds.values())
        )
        shown = [
            live.record if (live := self._live.get((call.library_id, r.round_id))) else r
            for r in records
        ]
        query = ("rounds", call.library_id)
        return take_page(
            shown, page, key=_newest_first, query=query, default_size=DEFAULT_PAGE_SIZE
        )

    async def watch_round(self, call: Call, round_id: str) -> AsyncIterator[RoundRecord]:
        """Tell how a round stands now and whenever that changes, until it ends.

        Raises:
            RoundNotFoundError: There is no such round.
        """
        record = await self.get_round(call, round_id)
        live = self._live.get((call.library_id, round_id))
        yield record
        while record.state in ACTIVE:
            if live is not None:
                record = await live.wait_for_change(record)
                yield record
                continue
            await asyncio.sleep(self._times.poll_seconds)
            now = await self.get_round(call, round_id)
            if now != record:
                record = now
                yield record

    async def cancel_round(self, call: Call, round_id: str) -> RoundRecord:
        """Stop a round before it changes anything and answer once it has ended.

        Raises:
            RoundNotFoundError: There is no such round.
            PreconditionError: It has ended already, other than by a cancel.
        """
        live = self._live.get((check_library_id(call.library_id), round_id))
        if live is None:
            return await self._ledger.cancel(replace(call, request_id=""), round_id)
        live.stop()
        record = live.record
        while record.state in ACTIVE:
            record = await live.wait_for_change(record)
        if record.state is not RoundState.CANCELLED:
            raise ended_already(record)
        return record

    async def close(self) -> None:
        """Stop the rounds of this server and return when they have ended."""
        self._closed = True
        for live in list(self._live.values()):
            live.stop("The server stopped before the end of the round.")
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _conduct(
        self, call: Call, live: LiveRound, settings: Resolved, *, wait: bool
    ) -> None:
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
        del self._live[call.library_id, ended.round_id]
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
        given = parameters(live.record.mode, settings)
        outcome, counted = await self._workers.run(lambda: _compute(ground, given, live))
        live.check()
        live.update(counted)
        return await self._ledger.commit(call, live.record, outcome)

    async def _wait(self, call: Call, live: LiveRound) -> bool:
        """Wait until no frames come in, or the round is stopped; return whether in vain."""
        quiet = asyncio.create_task(
            self._gate.wait_quiet(
                call.library_id,
                quiet_seconds=self._times.quiet_seconds,
                max_seconds=self._times.max_wait_seconds,
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
            await asyncio.sleep(self._times.renew_seconds)
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


def _compute(
    ground: RoundGround, given: RoundParameters, live: LiveRound
) -> tuple[Outcome, RoundRecord]:
    """Run the round; blocking. Return what it wants changed and its record with figures."""
    result = run_round(ground.given, given, progress=live.progress)
    stats = result.stats
    counted = replace(
        live.record,
        faces_queued=stats.queued,
        faces_processed=stats.processed,
        faces_assigned=stats.assigned,
        people_created=len(result.created),
        faces_deferred=stats.deferred,
        outliers=stats.outliers,
        pruned=stats.pruned,
    )
    return outcome_of(ground, result), counted


def _newest_first(record: RoundRecord) -> SortKey:
    started = record.start_time.timestamp() if record.start_time else 0.0
    return (-started, record.round_id)
