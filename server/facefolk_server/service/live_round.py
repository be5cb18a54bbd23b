"""A round that runs in this process."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import replace

from facefolk_server.errors import CancelledError
from facefolk_server.types import RoundRecord

_STEP_SECONDS = 0.2


class LiveRound:
    """The record of a running round, whoever watches it, and the wish to stop it.

    All of it is used on the event loop but `progress`, which the round calls in its thread.
    """

    def __init__(self, record: RoundRecord) -> None:
        self._record = record
        self._changed = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._stop = threading.Event()
        self._stopped = asyncio.Event()
        self._stop_reason = ""
        self._last_step = 0.0

    @property
    def record(self) -> RoundRecord:
        """How the round stands."""
        return self._record

    @property
    def stop_asked(self) -> bool:
        """Whether somebody wants it to stop."""
        return self._stop.is_set()

    @property
    def stop_reason(self) -> str:
        """Why it has to stop though nobody cancelled it; empty for a cancel."""
        return self._stop_reason

    def update(self, record: RoundRecord) -> None:
        """Set how the round stands and tell whoever watches."""
        self._record = record
        self._changed.set()
        self._changed = asyncio.Event()

    async def wait_for_change(self, seen: RoundRecord) -> RoundRecord:
        """Return how the round stands as soon as that is not what was seen."""
        while self._record == seen:
            await self._changed.wait()
        return self._record

    def stop(self, reason: str = "") -> None:
        """Ask the round to stop; `reason` tells of a failure."""
        if not self._stop.is_set():
            self._stop_reason = reason
            self._stop.set()
            self._stopped.set()

    async def wait_stopped(self) -> None:
        """Return once the round is asked to stop."""
        await self._stopped.wait()

    def check(self) -> None:
        """Raise if the round was asked to stop.

        Raises:
            CancelledError: It was.
        """
        if self._stop.is_set():
            raise CancelledError(self._stop_reason or "The round was cancelled.")

    def progress(self, done: int, total: int) -> None:
        """Take note of how many faces are worked through; called in the round's thread.

        Raises:
            CancelledError: The round was asked to stop.
        """
        self.check()
        now = time.monotonic()
        if now - self._last_step >= _STEP_SECONDS or done == total:
            self._last_step = now
            self._loop.call_soon_threadsafe(self._note, done, total)

    def _note(self, done: int, total: int) -> None:
        record = self._record
        queued = record.faces_queued or total
        share = min(queued, queued * done // total) if total else queued
        self.update(replace(record, faces_queued=queued, faces_processed=share))
