"""Counts ingestion, so that a round can wait until it has gone quiet."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class IngestionGate:
    """Knows which libraries have frames coming in; used on the event loop alone.

    It sees the frames of its own server. At start everything counts as quiet.
    """

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._busy: dict[str, int] = {}
        self._last_end: dict[str, float] = {}
        self._changed = asyncio.Event()

    @contextmanager
    def open(self, library_id: str) -> Iterator[None]:
        """Count one frame, or one open stream of frames, as coming in."""
        self._busy[library_id] = self._busy.get(library_id, 0) + 1
        self._tell()
        try:
            yield
        finally:
            self._busy[library_id] -= 1
            if not self._busy[library_id]:
                del self._busy[library_id]
            self._last_end[library_id] = self._monotonic()
            self._tell()

    def in_flight(self, library_id: str) -> int:
        """Return how many frames and streams are coming in."""
        return self._busy.get(library_id, 0)

    async def wait_quiet(
        self, library_id: str, *, quiet_seconds: float, max_seconds: float
    ) -> bool:
        """Wait until nothing came in for a while; return whether that was waited for in vain.

        True means that `max_seconds` passed and frames may still be coming in.
        """
        give_up = self._monotonic() + max_seconds
        while True:
            now = self._monotonic()
            quiet_at = self._quiet_at(library_id, quiet_seconds)
            if quiet_at is not None and quiet_at <= now:
                return False
            if now >= give_up:
                return True
            until = give_up if quiet_at is None else min(quiet_at, give_up)
            await self._wait_for_change(until - now)

    def _quiet_at(self, library_id: str, quiet_seconds: float) -> float | None:
        if self._busy.get(library_id):
            return None
        return self._last_end.get(library_id, float("-inf")) + quiet_seconds

    async def _wait_for_change(self, timeout_seconds: float) -> None:
        try:
            await asyncio.wait_for(self._changed.wait(), timeout_seconds)
        except TimeoutError:
            return

    def _tell(self) -> None:
        # Whoever waits now holds the old event; the next one to wait gets a new one.
        self._changed.set()
        self._changed = asyncio.Event()
