"""Clustering rounds from their request to their end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from facefolk_server.errors import InvalidRequestError, UnavailableError
from facefolk_server.service.call import Call
from facefolk_server.service.conductor import Conductor, RoundMeans, RoundTimes
from facefolk_server.service.difference import DIFFERENCE, RoundDifference, read_difference
from facefolk_server.service.gate import IngestionGate
from facefolk_server.service.identifiers import check_library_id, random_round_id
from facefolk_server.service.libraries import Libraries
from facefolk_server.service.live_round import LiveRound
from facefolk_server.service.paging import Page, PageRequest, SortKey, take_page
from facefolk_server.service.previews import Previews
from facefolk_server.service.resolved import Resolved
from facefolk_server.service.resolver import Resolver
from facefolk_server.service.round_ledger import ACTIVE, RoundLedger, ended_already
from facefolk_server.service.settings_update import SettingsFields, new_values
from facefolk_server.service.workers import WorkerPool
from facefolk_server.types import RoundMode, RoundRecord, RoundState

__all__ = ["RoundMeans", "RoundTimes", "RoundView", "Rounds"]

DEFAULT_PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class RoundView:
    """How a round stands and, where that is known, what it changes."""

    record: RoundRecord
    difference: RoundDifference | None = None


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
        means: RoundMeans = RoundMeans(),
    ) -> None:
        self._libraries = libraries
        self._resolver = resolver
        self._ledger = ledger
        self._clock = clock
        self._previews = Previews(clock)
        self._conductor = Conductor(
            libraries=libraries,
            ledger=ledger,
            previews=self._previews,
            gate=gate,
            workers=workers,
            clock=clock,
            times=times,
            means=means,
        )
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
        settings: SettingsFields | None = None,
        settings_mask: Sequence[str] | None = None,
    ) -> RoundRecord:
        """Start a round and answer at once; it goes on by itself.

        It is made with the settings of now, whatever becomes of them while it runs. One that
        is a preview may have settings of its own: those that the mask names, without a mask
        those that are not zero.

        Raises:
            RoundRunningError: A round runs in this library.
            InvalidRequestError: A setting cannot be, or is given for what is no preview.
            PackNotFoundError: No pack of this name is known.
            UnavailableError: The server is stopping.
        """
        if settings is not None and not preview:
            raise InvalidRequestError(
                "settings are for previews alone: ask for one, or change those of the library.",
                field="settings",
            )
        if self._closed:
            raise UnavailableError("The server is stopping: try another one.")
        own = new_values(settings, settings_mask) if settings else {}
        acting = await self._resolver.resolved(call, own)
        await self._ledger.bury(replace(call, request_id=""))
        record = RoundRecord(
            round_id=random_round_id(),
            mode=mode,
            state=RoundState.WAITING,
            preview=preview,
            start_time=self._clock(),
            max_recognition_distance=acting.max_recognition_distance,
            min_recognized_faces=acting.min_recognized_faces,
        )
        started = await self._ledger.start(call, record)
        if started.round_id != record.round_id:
            return await self.get_round(call, started.round_id)
        live = LiveRound(started)
        # The round outlives the call and its deadline.
        own_call = Call(library_id=call.library_id, actor=call.actor)
        self._live[call.library_id, record.round_id] = live
        task = asyncio.create_task(self._conduct(own_call, live, acting, wait=not skip_waiting))
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

    async def view_round(self, call: Call, round_id: str) -> RoundView:
        """Tell how a round stands and, once its result is known, what it changes.

        The result of a preview is known as long as this server keeps it.

        Raises:
            RoundNotFoundError: There is no such round.
        """
        record = await self.get_round(call, round_id)
        if record.state is RoundState.PREVIEWED:
            preview = self._previews.find(call.library_id, round_id)
            return RoundView(record, preview.difference if preview else None)
        if record.state is not RoundState.SUCCEEDED:
            return RoundView(record)
        library = await self._libraries.library(call)
        detail = await self._libraries.run(call, lambda: library.commit_detail(round_id))
        known = DIFFERENCE in detail
        return RoundView(record, read_difference(detail[DIFFERENCE]) if known else None)

    async def commit_round(self, call: Call, round_id: str) -> RoundView:
        """Make the result of a previewed round real: exactly what was shown.

        Raises:
            RoundNotFoundError: There is no such round.
            PreviewOutdatedError: The ground has moved, or the result is not kept any more.
            PreconditionError: The round is no preview, or has ended otherwise.
            RoundRunningError: Another round runs in this library.
        """
        check_library_id(call.library_id)
        preview = self._previews.find(call.library_id, round_id)
        record = await self._ledger.commit_preview(call, round_id, preview)
        self._previews.drop(call.library_id, round_id)
        return await self.view_round(call, record.round_id)

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
            await asyncio.sleep(self._conductor.times.poll_seconds)
            now = await self.get_round(call, round_id)
            if now != record:
                record = now
                yield record

    async def cancel_round(self, call: Call, round_id: str) -> RoundRecord:
        """Stop a round before it changes anything and answer once it has ended.

        The result of a preview is forgotten.

        Raises:
            RoundNotFoundError: There is no such round.
            PreconditionError: It has ended already, other than by a cancel.
        """
        live = self._live.get((check_library_id(call.library_id), round_id))
        if live is not None:
            live.stop()
            record = live.record
            while record.state in ACTIVE:
                record = await live.wait_for_change(record)
            if record.state is RoundState.CANCELLED:
                return record
            if record.state is not RoundState.PREVIEWED:
                raise ended_already(record)
        self._previews.drop(call.library_id, round_id)
        return await self._ledger.cancel(replace(call, request_id=""), round_id)

    async def close(self) -> None:
        """Stop the rounds of this server and return when they have ended."""
        self._closed = True
        for live in list(self._live.values()):
            live.stop("The server stopped before the end of the round.")
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _conduct(
        self, call: Call, live: LiveRound, settings: Resolved, *, wait: bool
    ) -> None:
        await self._conductor.conduct(call, live, settings, wait=wait)
        del self._live[call.library_id, live.record.round_id]


def _newest_first(record: RoundRecord) -> SortKey:
    started = record.start_time.timestamp() if record.start_time else 0.0
    return (-started, record.round_id)
