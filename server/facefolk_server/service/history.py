"""The history of a library: reading it, following it, undoing what is in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from facefolk_server.errors import InvalidRequestError, UndoError
from facefolk_server.service.call import Call
from facefolk_server.service.ledger_walks import (
    diminished_since,
    event_of,
    is_history,
    newest_first,
    refusal,
    view_of,
)
from facefolk_server.service.libraries import Libraries
from facefolk_server.service.paging import PageRequest, page_size, token_key, token_of
from facefolk_server.service.reading import Reading
from facefolk_server.service.undoing import (
    UNDOABLE,
    Thing,
    left_with_nothing,
    obstacles,
    reversal,
    told_apart,
    without,
)
from facefolk_server.service.views import EventView
from facefolk_server.store import Draft, Library
from facefolk_server.store.redaction import REDACTED
from facefolk_server.store.state import ERASING
from facefolk_server.types import EventKind

POLL_SECONDS = 2.0
"""How often the ledger is looked at for what other servers wrote."""

_WATCHED_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class EventPage:
    """Some events, the newest first; an empty token is the only mark of the end."""

    items: tuple[EventView, ...]
    next_page_token: str


class _BlockedError(Exception):
    """An undo has something in its way."""

    def __init__(self, things: frozenset[Thing]) -> None:
        super().__init__()
        self.things = things


class History:
    """The calls about the history.

    Args:
        poll_seconds: How long a watcher may not notice what another server did.
    """

    def __init__(
        self,
        libraries: Libraries,
        *,
        clock: Callable[[], datetime],
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        self._libraries = libraries
        self._clock = clock
        self._poll_seconds = poll_seconds

    async def list_events(
        self, call: Call, page: PageRequest, *, person_id: str = ""
    ) -> EventPage:
        """List events, the newest first; those that touched a person where it is given.

        A page may be shorter than asked for, even empty, before the end.

        Raises:
            InvalidRequestError: The page is not one of this list.
        """
        size = page_size(page.size)
        query = ("events", call.library_id, person_id)
        newest = await self._libraries.read(call, lambda reading: reading.state.sequence)
        if page.token:
            newest = min(newest, int(token_key(page.token, query)[0]) - 1)
        library = await self._libraries.library(call)

        def look() -> EventPage:
            chosen, oldest = newest_first(library, newest, size, person_id=person_id)
            token = token_of((oldest,), query) if oldest > 1 else ""
            return EventPage(tuple(view_of(library, event) for event in chosen), token)

        return await self._libraries.run(call, look)

    async def watch_events(self, call: Call, after: int) -> AsyncIterator[EventView]:
        """Tell every event after one, 0 for all, and go on with those that happen.

        Raises:
            InvalidRequestError: There has been no such event.
        """
        library = await self._libraries.library(call)
        known = await self._libraries.run(
            call, lambda: after == 0 or (after > 0 and library.events(after - 1, 1))
        )
        if not known:
            raise InvalidRequestError(
                f"after_event_id is {after}: there has been no such event. Give 0 for all, or "
                "the event_id of the last one seen.",
                field="after_event_id",
            )
        while True:
            upcoming = self._libraries.next_change(call)
            views, seen = await self._libraries.run(call, partial(_after, library, after))
            for view in views:
                yield view
            if seen == after:
                with suppress(TimeoutError):
                    await asyncio.wait_for(upcoming.wait(), self._poll_seconds)
            after = seen

    async def undo_event(self, call: Call, event_id: int) -> EventView:
        """Restore what an event changed and return the event which that is.

        Raises:
            EventNotFoundError: There is no such event.
            UndoError: Events of its kind cannot be undone, or later ones are in the way.
        """
        library = await self._libraries.library(call)
        event = await self._libraries.run(call, lambda: event_of(library, event_id))
        if event.kind not in UNDOABLE:
            why = ": what it removed is erased for good" if event.kind in ERASING else ""
            raise UndoError(
                f"Event {event_id} ({event.kind}) cannot be undone{why}.", event_id=event_id
            )

        def decide(reading: Reading) -> Draft | None:
            things = frozenset(obstacles(reading, event))
            if things:
                raise _BlockedError(things)
            draft = reversal(reading, event, now=self._clock())
            if not draft.changes and not told_apart(event):
                why = " that is not erased by now" if REDACTED in event.detail else ""
                raise UndoError(
                    f"Event {event_id} changed nothing{why}: there is nothing to take back.",
                    event_id=event_id,
                )
            suspects = left_with_nothing(reading, draft.changes)
            goes = suspects & diminished_since(library, event) if suspects else suspects
            return without(reading, draft, goes) if goes else draft

        try:
            undoing = await self._libraries.change(call, EventKind.UNDONE, decide)
        except _BlockedError as blocked:
            things = blocked.things
            raise await self._libraries.run(
                call, lambda: refusal(library, event, things)
            ) from None
        assert undoing is not None  # noqa: S101  # it decided or raised
        return await self._libraries.run(call, lambda: view_of(library, undoing))


def _after(library: Library, after: int) -> tuple[list[EventView], int]:
    events = library.events(after, _WATCHED_AT_ONCE)
    shown = [view_of(library, event) for event in events if is_history(event)]
    return shown, events[-1].sequence if events else after
