"""How much may be in flight at once."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from facefolk_server.errors import OverloadedError


@dataclass(frozen=True, slots=True)
class Load:
    """What requests in flight hold: encoded bytes and pixels to be decoded."""

    requests: int = 0
    bytes: int = 0
    pixels: int = 0


class AdmissionBudget:
    """Admits requests while their bytes and pixels fit; used on the event loop alone.

    A request that is larger than the whole budget is admitted when nothing else is in
    flight, so that no limit of one setting makes what another setting allows impossible.
    """

    def __init__(
        self,
        *,
        max_bytes: int,
        max_pixels: int,
        max_requests: int,
        retry_delay_seconds: float = 1.0,
    ) -> None:
        self._max = Load(max_requests, max_bytes, max_pixels)
        self._retry_delay_seconds = retry_delay_seconds
        self._load = Load()
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def load(self) -> Load:
        """What is in flight now."""
        return self._load

    @asynccontextmanager
    async def admit(
        self, *, image_bytes: int, pixels: int, patient: bool = False
    ) -> AsyncIterator[None]:
        """Hold a share of the budget; a patient caller waits for it.

        Raises:
            OverloadedError: There is no room now and the caller is not patient.
        """
        while not self._fits(image_bytes, pixels):
            if not patient:
                raise self._refusal()
            await self._wait()
        self._load = self._moved(1, image_bytes, pixels)
        try:
            yield
        finally:
            self._load = self._moved(-1, -image_bytes, -pixels)
            self._wake()

    def _fits(self, image_bytes: int, pixels: int) -> bool:
        if self._load.requests == 0:
            return True
        after = self._moved(1, image_bytes, pixels)
        return (
            after.requests <= self._max.requests
            and after.bytes <= self._max.bytes
            and after.pixels <= self._max.pixels
        )

    def _moved(self, requests: int, image_bytes: int, pixels: int) -> Load:
        load = self._load
        return Load(load.requests + requests, load.bytes + image_bytes, load.pixels + pixels)

    def _refusal(self) -> OverloadedError:
        return OverloadedError(
            "Too many images are in flight: try again later, or send fewer at once.",
            retry_delay_seconds=self._retry_delay_seconds,
            requests_in_flight=self._load.requests,
            bytes_in_flight=self._load.bytes,
            pixels_in_flight=self._load.pixels,
        )

    async def _wait(self) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn in self._waiting:
                self._waiting.remove(turn)
            raise

    def _wake(self) -> None:
        # Everybody looks again: the one who waits longest may need more than is free.
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
