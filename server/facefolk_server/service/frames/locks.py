"""One submission of a frame at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

FrameKey = tuple[str, str, int]


class FrameLocks:
    """Locks by library, asset and frame offset; used on the event loop alone.

    A lock exists only while somebody holds it or waits for it, so there are never more than
    there are frames in flight.
    """

    def __init__(self) -> None:
        self._locks: dict[FrameKey, tuple[asyncio.Lock, int]] = {}

    def __len__(self) -> int:
        return len(self._locks)

    @asynccontextmanager
    async def hold(self, key: FrameKey) -> AsyncIterator[None]:
        """Hold the lock of a frame."""
        lock, users = self._locks.get(key, (asyncio.Lock(), 0))
        self._locks[key] = (lock, users + 1)
        try:
            async with lock:
                yield
        finally:
            lock, users = self._locks[key]
            if users == 1:
                del self._locks[key]
            else:
                self._locks[key] = (lock, users - 1)
