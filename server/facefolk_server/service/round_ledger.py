"""What a round writes into the ledger, each step fenced by its lease."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from facefolk_server.errors import (
    CancelledError,
    PreconditionError,
    PreviewOutdatedError,
    RoundRunningError,
)
from facefolk_server.service.call import Call
from facefolk_server.service.difference import DIFFERENCE, difference_json, difference_of
from facefolk_server.service.libraries import Libraries
from facefolk_server.service.previews import Preview, what_moved
from facefolk_server.service.reading import Reading
from facefolk_server.service.round_commit import Outcome, commit_changes, links_left
from facefolk_server.store import Draft, Lease
from facefolk_server.store.answers import LINKS
from facefolk_server.types import Changes, EventKind, RoundRecord, RoundState

ACTIVE = frozenset({RoundState.WAITING, RoundState.RUNNING})
"""States of a round that holds the lease of its library."""


class RoundLedger:
    """Starts, renews and ends rounds, one at a time in each library.

    Args:
        holder: A name of this process that no other one has.
        lease_seconds: How long a lease lives unless it is renewed.
        exclusive: Whether no other process works on the store, so that a lease which is
            not this process's own is dead.
    """

    def __init__(
        self,
        libraries: Libraries,
        *,
        holder: str,
        lease_seconds: float,
        clock: Callable[[], datetime],
        exclusive: bool = False,
    ) -> None:
        self._libraries = libraries
        self._holder = holder
        self._lease_duration = timedelta(seconds=lease_seconds)
        self._clock = clock
        self._exclusive = exclusive

    async def start(self, call: Call, record: RoundRecord) -> RoundRecord:
        """Take the lease of the library; return the round that a repeated call had started.

        Raises:
            RoundRunningError: Another round holds the lease.
        """

        def decide(reading: Reading) -> Draft | None:
            self._refuse_while_one_runs(reading)
            return self._started(record)

        event = await self._libraries.change(call, EventKind.ROUND_STARTED, decide)
        started = event.changes.round if event else None
        return started or record

    async def renew(self, call: Call, record: RoundRecord) -> None:
        """Hold the lease for longer and write down how the round stands.

        Raises:
            CancelledError: The round was ended, or its lease is another one's.
        """

        def decide(reading: Reading) -> Draft | None:
            self._fence(reading, record)
            return self._started(record)

        await self._libraries.change(call, EventKind.ROUND_STARTED, decide)

    async def commit(self, call: Call, record: RoundRecord, outcome: Outcome) -> RoundRecord:
        """Make the result real in one event and return the record with which it ends.

        Raises:
            CancelledError: The round was ended, or its lease is another one's.
        """

        def decide(reading: Reading) -> Draft | None:
            self._fence(reading, record)
            changes = commit_changes(outcome, reading, record, now=self._clock())
            return _committed(reading, changes, outcome, record.round_id)

        event = await self._libraries.change(call, EventKind.ROUND_COMMITTED, decide)
        committed = event.changes.round if event else None
        return committed or record

    async def commit_preview(
        self, call: Call, round_id: str, preview: Preview | None
    ) -> RoundRecord:
        """Make what a preview showed real in one event and return its record.

        Raises:
            RoundNotFoundError: There is no such round.
            PreviewOutdatedError: The ground has moved, or there is no preview any more.
            PreconditionError: The round is no preview, or has ended otherwise.
            RoundRunningError: Another round runs in this library.
        """

        def decide(reading: Reading) -> Draft | None:
            record = reading.round(round_id)
            if record.state is not RoundState.PREVIEWED:
                raise PreconditionError(
                    f"Round {round_id} is {record.state.name}: only one that is PREVIEWED can "
                    "be committed.",
                    round_id=round_id,
                    state=record.state.name,
                )
            self._refuse_while_one_runs(reading)
            if preview is None:
                raise _outdated(
                    round_id, "this server does not keep its result, which it does for an hour"
                )
            changes = commit_changes(
                preview.outcome, reading, preview.record, now=self._clock()
            )
            if moved := what_moved(preview, reading, changes):
                raise _outdated(round_id, f"since it was made {moved}")
            return _committed(reading, changes, preview.outcome, round_id)

        event = await self._libraries.change(call, EventKind.ROUND_COMMITTED, decide)
        if event is None or event.changes.round is None:
            raise _outdated(round_id, "it has no result")
        return event.changes.round

    async def end(self, call: Call, record: RoundRecord) -> RoundRecord:
        """Write down that the round ended without a result, unless it has ended already."""

        def decide(reading: Reading) -> Draft | None:
            now = reading.state.rounds.get(record.round_id)
            if now is None or now.state not in ACTIVE:
                return None
            return Draft(EventKind.ROUND_ENDED, Changes(round=record))

        await self._libraries.change(call, EventKind.ROUND_ENDED, decide)
        return await self._libraries.read(
            call, lambda reading: reading.state.rounds.get(record.round_id, record)
        )

    async def cancel(self, call: Call, round_id: str) -> RoundRecord:
        """End a round that another server runs, or a preview; its commit is refused then.

        Raises:
            RoundNotFoundError: There is no such round.
            PreconditionError: It has ended otherwise.
        """

        def decide(reading: Reading) -> Draft | None:
            record = reading.round(round_id)
            if record.state is RoundState.CANCELLED:
                return None
            if record.state not in ACTIVE | {RoundState.PREVIEWED}:
                raise ended_already(record)
            ended = replace(record, state=RoundState.CANCELLED, end_time=self._clock())
            return Draft(EventKind.ROUND_ENDED, Changes(round=ended))

        await self._libraries.change(call, EventKind.ROUND_ENDED, decide)
        return await self._libraries.read(call, lambda reading: reading.round(round_id))

    async def bury(self, call: Call) -> None:
        """Write down as failed the rounds whose server is gone."""

        def find(reading: Reading) -> RoundRecord | None:
            for record in reading.state.rounds.values():
                if record.state in ACTIVE and not self._is_alive(reading, record):
                    return record
            return None

        def decide(reading: Reading) -> Draft | None:
            dead = find(reading)
            if dead is None:
                return None
            ended = replace(
                dead,
                state=RoundState.FAILED,
                end_time=self._clock(),
                error="The server that ran the round stopped before its end.",
            )
            return Draft(EventKind.ROUND_ENDED, Changes(round=ended))

        while await self._libraries.read(call, find) is not None:
            await self._libraries.change(call, EventKind.ROUND_ENDED, decide)

    def _refuse_while_one_runs(self, reading: Reading) -> None:
        for other in reading.state.rounds.values():
            if other.state in ACTIVE and self._is_alive(reading, other):
                raise RoundRunningError(
                    f"Round {other.round_id} runs in this library: wait for it, or cancel "
                    "it first.",
                    round_id=other.round_id,
                )

    def _started(self, record: RoundRecord) -> Draft:
        lease = Lease(record.round_id, self._holder, self._clock() + self._lease_duration)
        return Draft(EventKind.ROUND_STARTED, Changes(round=record), lease=lease)

    def _is_alive(self, reading: Reading, record: RoundRecord) -> bool:
        lease = reading.state.lease
        if lease is None or lease.round_id != record.round_id:
            return False
        if lease.holder == self._holder:
            return True
        return not self._exclusive and lease.expires > self._clock()

    def _fence(self, reading: Reading, record: RoundRecord) -> None:
        now = reading.state.rounds.get(record.round_id)
        lease = reading.state.lease
        held = lease is not None and (lease.round_id, lease.holder) == (
            record.round_id,
            self._holder,
        )
        if now is None or now.state not in ACTIVE or not held:
            raise CancelledError(
                f"Round {record.round_id} was ended by another server.",
                round_id=record.round_id,
            )


def _committed(reading: Reading, changes: Changes, outcome: Outcome, round_id: str) -> Draft:
    difference = difference_of(reading.state, changes)
    detail = {DIFFERENCE: difference_json(difference)}
    if links := links_left(outcome, reading, round_id):
        detail[LINKS] = json.dumps(links)
    return Draft(EventKind.ROUND_COMMITTED, changes, detail)


def _outdated(round_id: str, why: str) -> PreviewOutdatedError:
    return PreviewOutdatedError(
        f"The preview {round_id} cannot be committed: {why}. Make a new one.",
        round_id=round_id,
    )


def ended_already(record: RoundRecord) -> PreconditionError:
    """Return the error that tells of a round that cannot be cancelled any more."""
    return PreconditionError(
        f"Round {record.round_id} has ended already: {record.state.name}.",
        round_id=record.round_id,
        state=record.state.name,
    )
