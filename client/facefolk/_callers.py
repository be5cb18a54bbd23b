"""How calls are made: the sync way and the async way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any, TypeVar

from google.protobuf.wrappers_pb2 import Int32Value, StringValue

from facefolk._calls.base import Caller, CallOptions, Paged, Streamed, Unary
from facefolk._channel import Connection, Stubs
from facefolk._pages import AsyncPages, Page, Pages
from facefolk._status import errors_mapped
from facefolk.errors import UnavailableError

T = TypeVar("T")

HEALTH_METHOD = "/grpc.health.v1.Health/Check"
SERVING = 1
ASK_ANEW_SECONDS = 0.5


class Patience:
    """How much longer a server that has gone away is waited for."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end: float | None = None

    def renew(self) -> None:
        """Begin again when it goes away the next time: it has answered."""
        self._end = None

    def pause_seconds(self, error: UnavailableError) -> float:
        """Return how long to wait before asking anew, or raise the error at the end."""
        now = time.monotonic()
        if self._end is None:
            self._end = now + self._seconds
        if now >= self._end:
            raise error
        return ASK_ANEW_SECONDS


class SyncCaller(Caller):
    """Makes calls and waits for them; safe to be used by several threads."""

    def __init__(self, connection: Connection, options: CallOptions) -> None:
        self._connection = connection
        self._options = options
        self._channel = connection.open()
        self._stubs = Stubs.over(self._channel)

    def _send(self, call: Unary[T]) -> T:
        return call.convert(self._reply(call, call.request))

    def _pages(self, call: Paged[T]) -> Pages[T]:
        def fetch(page_token: str) -> Page[T]:
            return call.convert(self._reply(call, _at(call.request, page_token)))

        return Pages(fetch)

    def _stream(self, call: Streamed[T]) -> Iterator[T]:
        request, patience = call.request, Patience(call.patience_seconds)
        while True:
            replies = call.method(self._stubs)(request, metadata=self._connection.metadata)
            try:
                with errors_mapped():
                    for reply in replies:
                        patience.renew()
                        request = call.go_on(reply) if call.go_on else request
                        yield call.convert(reply)
            except UnavailableError as error:
                time.sleep(patience.pause_seconds(error))
            else:
                return
            finally:
                replies.cancel()

    def _reply(self, call: Unary[Any] | Paged[Any], request: Any) -> Any:
        with errors_mapped():
            return call.method(self._stubs)(
                request,
                timeout=self._options.timeout_seconds,
                metadata=self._connection.metadata,
            )

    def _health(self, timeout_seconds: float) -> bool:
        check = self._channel.unary_unary(HEALTH_METHOD, *HEALTH_CODEC)
        with errors_mapped():
            reply = check(
                StringValue(), timeout=timeout_seconds, metadata=self._connection.metadata
            )
        return bool(reply.value == SERVING)


class AsyncCaller(Caller):
    """Makes calls on the event loop it was created in."""

    def __init__(self, connection: Connection, options: CallOptions) -> None:
        self._connection = connection
        self._options = options
        self._channel = connection.open_async()
        self._stubs = Stubs.over(self._channel)

    async def _send(self, call: Unary[T]) -> T:
        return call.convert(await self._reply(call, call.request))

    def _pages(self, call: Paged[T]) -> AsyncPages[T]:
        async def fetch(page_token: str) -> Page[T]:
            return call.convert(await self._reply(call, _at(call.request, page_token)))

        return AsyncPages(fetch)

    async def _stream(self, call: Streamed[T]) -> AsyncIterator[T]:
        request, patience = call.request, Patience(call.patience_seconds)
        while True:
            replies = call.method(self._stubs)(request, metadata=self._connection.metadata)
            try:
                with errors_mapped():
                    async for reply in replies:
                        patience.renew()
                        request = call.go_on(reply) if call.go_on else request
                        yield call.convert(reply)
            except UnavailableError as error:
                await asyncio.sleep(patience.pause_seconds(error))
            else:
                return
            finally:
                replies.cancel()

    async def _reply(self, call: Unary[Any] | Paged[Any], request: Any) -> Any:
        with errors_mapped():
            return await call.method(self._stubs)(
                request,
                timeout=self._options.timeout_seconds,
                metadata=self._connection.metadata,
            )

    async def _health(self, timeout_seconds: float) -> bool:
        check = self._channel.unary_unary(HEALTH_METHOD, *HEALTH_CODEC)
        with errors_mapped():
            reply = await check(
                StringValue(), timeout=timeout_seconds, metadata=self._connection.metadata
            )
        return bool(reply.value == SERVING)


# On the wire HealthCheckRequest is a string numbered 1 and HealthCheckResponse an enum
# numbered 1, as these two are, so the thin client does without the health package:
# https://github.com/grpc/grpc/blob/master/doc/health-checking.md
HEALTH_CODEC = (StringValue.SerializeToString, Int32Value.FromString)


def _at(request: Any, page_token: str) -> Any:
    page = type(request)()
    page.CopyFrom(request)
    page.page_token = page_token
    return page
