"""Whether the server can work: starting, serving, draining."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from facefolk_server.errors import UnavailableError
from facefolk_server.service.admin import Admin
from facefolk_server.service.assets import Assets
from facefolk_server.service.erasure import Erasure
from facefolk_server.service.explaining import Explanations
from facefolk_server.service.faces import Faces
from facefolk_server.service.gate import IngestionGate
from facefolk_server.service.hands import Hands
from facefolk_server.service.history import History
from facefolk_server.service.moving.moving import Moving
from facefolk_server.service.people import People
from facefolk_server.service.recognition import Recognition
from facefolk_server.service.rounds import Rounds
from facefolk_server.service.search import Search
from facefolk_server.service.suggestions.desk import Suggestions

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Services:
    """Every use case, and the gate that counts what comes in."""

    recognition: Recognition
    search: Search
    assets: Assets
    people: People
    faces: Faces
    hands: Hands
    history: History
    explanations: Explanations
    suggestions: Suggestions
    rounds: Rounds
    erasure: Erasure
    moving: Moving
    admin: Admin
    gate: IngestionGate


class Readiness:
    """Hands out the use cases while they can be used; used on the event loop alone.

    The port is open while models load and while the server drains, so that callers are told
    what the matter is instead of being refused the connection.
    """

    def __init__(self, *, retry_delay_seconds: float = 1.0) -> None:
        self._retry_delay_seconds = retry_delay_seconds
        self._services: Services | None = None
        self._draining = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._in_flight = 0

    @property
    def services(self) -> Services:
        """The use cases.

        Raises:
            UnavailableError: The server is starting or draining.
        """
        if self._draining.is_set():
            raise self.stopping()
        if self._services is None:
            raise UnavailableError(
                "The server is starting and its models are being loaded: try again soon.",
                retry_delay_seconds=self._retry_delay_seconds,
            )
        return self._services

    @property
    def draining(self) -> bool:
        """Whether the server takes no new work."""
        return self._draining.is_set()

    def begin(self, services: Services) -> None:
        """Take calls from now on."""
        self._services = services

    def drain(self) -> None:
        """Take no new calls; those that run go on."""
        self._draining.set()

    def stopping(self) -> UnavailableError:
        """Make the error that ends a stream, or refuses a call, while the server drains."""
        return UnavailableError(
            "The server is stopping: try again, on another server if there is one.",
            retry_delay_seconds=self._retry_delay_seconds,
        )

    @contextmanager
    def count(self) -> Iterator[None]:
        """Count one call as running."""
        self._in_flight += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._in_flight -= 1
            if not self._in_flight:
                self._idle.set()

    async def wait_draining(self) -> None:
        """Return when the server drains."""
        await self._draining.wait()

    async def wait_idle(self) -> None:
        """Return when no call runs."""
        await self._idle.wait()

    async def until_draining(self, items: AsyncIterator[T]) -> AsyncGenerator[T, None]:
        """Pass the items on, which may never end by themselves, until the server drains.

        Raises:
            UnavailableError: The server drains.
        """
        drain = asyncio.create_task(self.wait_draining())
        upcoming: asyncio.Task[tuple[T, ...]] | None = None
        try:
            while True:
                upcoming = asyncio.create_task(_next(items))
                await asyncio.wait({upcoming, drain}, return_when=asyncio.FIRST_COMPLETED)
                if not upcoming.done():
                    raise self.stopping()
                found = upcoming.result()
                if not found:
                    return
                yield found[0]
        finally:
            await cancelled(drain, *([upcoming] if upcoming else []))
            if close := getattr(items, "aclose", None):
                await close()


async def cancelled(*tasks: asyncio.Task[object]) -> None:
    """Cancel the tasks and wait until they have ended."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _next(items: AsyncIterator[T]) -> tuple[T, ...]:
    """Return the next item as a tuple of one, of none at the end."""
    try:
        return (await anext(items),)
    except StopAsyncIteration:
        return ()
