"""Libraries of the store, reached from the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar

from facefolk_server.errors import InvalidRequestError
from facefolk_server.service.call import Call
from facefolk_server.service.identifiers import (
    MAX_REQUEST_ID_LENGTH,
    check_library_id,
    check_text,
)
from facefolk_server.service.reading import Reading
from facefolk_server.service.workers import WorkerPool
from facefolk_server.store import Draft, Library, LibraryState, Store, StoreStatus
from facefolk_server.types import Event, EventKind

T = TypeVar("T")


class Libraries:
    """Runs what reads and writes libraries in worker threads."""

    def __init__(self, store: Store, *, workers: WorkerPool) -> None:
        self._store = store
        self._workers = workers
        self._upcoming: dict[str, asyncio.Event] = {}

    async def library(self, call: Call) -> Library:
        """Return the library that a call is about.

        Raises:
            InvalidRequestError: The id is malformed.
        """
        library_id = check_library_id(call.library_id)
        opened = self._store.opened(library_id)
        if opened is not None:
            return opened
        return await self.run(call, lambda: self._store.library(library_id))

    async def run(self, call: Call, work: Callable[[], T]) -> T:
        """Run blocking work on the store in a thread, unless the call's deadline is past."""
        return await self._workers.run(work, deadline=call.deadline)

    async def read(self, call: Call, look: Callable[[Reading], T]) -> T:
        """Look at a library in a thread while nothing changes, and return what is seen."""
        library_id = check_library_id(call.library_id)

        def locked() -> T:
            library = self._store.library(library_id)
            with library.read() as state:
                return look(Reading(library, state))

        return await self.run(call, locked)

    async def change(
        self,
        call: Call,
        kind: EventKind,
        decide: Callable[[Reading], Draft | None],
    ) -> Event | None:
        """Append what `decide` makes of the current state as one event, or nothing.

        A repeated `request_id` returns the first call's event without deciding again.

        Raises:
            InvalidRequestError: The request id was used for a change of another kind.
        """
        library_id = check_library_id(call.library_id)
        check_text(call.request_id, "request_id", max_length=MAX_REQUEST_ID_LENGTH)

        def append() -> Event | None:
            library = self._store.library(library_id)

            def decided(state: LibraryState) -> Draft | None:
                return decide(Reading(library, state))

            return library.append(decided, actor=call.actor, request_id=call.request_id)

        event = await self.run(call, append)
        if event is not None and event.kind is not kind:
            raise InvalidRequestError(
                "request_id was used for another change before: make a new one.",
                field="request_id",
                event_kind=event.kind.value,
            )
        if event is not None and library_id in self._upcoming:
            self._upcoming.pop(library_id).set()
        return event

    def next_change(self, call: Call) -> asyncio.Event:
        """Return what is set when this process changes the library next."""
        return self._upcoming.setdefault(call.library_id, asyncio.Event())

    async def status(self) -> StoreStatus:
        """Return what the store tells of its tables and queues."""
        return await self._workers.run(self._store.status)

    async def backups(self) -> Mapping[str, datetime]:
        """Return when each backup of the store was made."""
        return await self._workers.run(self._store.backups)

    async def library_ids(self) -> list[str]:
        """List the libraries that exist."""
        return await self._workers.run(self._store.library_ids)
