"""Starting, serving, draining."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
from facefolk_server.errors import UnavailableError
from facefolk_server.rpc.readiness import Readiness
from rpc_fakes import fake_services


async def test_nothing_is_handed_out_before_the_beginning_and_after_the_end() -> None:
    readiness = Readiness(retry_delay_seconds=2.0)
    with pytest.raises(UnavailableError, match="starting") as caught:
        _ = readiness.services
    assert caught.value.retry_delay_seconds == 2.0
    services = fake_services()
    readiness.begin(services)
    assert readiness.services is services
    readiness.drain()
    with pytest.raises(UnavailableError, match="stopping"):
        _ = readiness.services


async def test_idle_is_when_no_call_runs() -> None:
    readiness = Readiness()
    await readiness.wait_idle()
    with readiness.count():
        waiting = asyncio.create_task(readiness.wait_idle())
        with readiness.count():
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not waiting.done()
    await waiting


class Endless:
    """Items that stop coming, and a note of whether they were closed."""

    def __init__(self, *items: int) -> None:
        self._items = items
        self.closed = False

    async def __call__(self) -> AsyncIterator[int]:
        try:
            for item in self._items:
                yield item
            await asyncio.Event().wait()
        finally:
            self.closed = True


async def test_a_stream_without_end_ends_when_the_server_drains() -> None:
    readiness, items = Readiness(), Endless(1, 2)
    seen = []

    async def watch() -> None:
        async with aclosing(readiness.until_draining(items())) as passed:
            async for item in passed:
                seen.append(item)
                if item == 2:
                    readiness.drain()

    with pytest.raises(UnavailableError, match="stopping"):
        await watch()
    assert seen == [1, 2]
    assert items.closed


async def test_a_stream_that_ends_by_itself_ends_well() -> None:
    async def two() -> AsyncIterator[int]:
        yield 1
        yield 2

    readiness = Readiness()
    assert [item async for item in readiness.until_draining(two())] == [1, 2]


async def test_errors_of_a_stream_pass() -> None:
    async def broken() -> AsyncIterator[int]:
        yield 1
        raise ValueError("boom")

    readiness = Readiness()
    with pytest.raises(ValueError, match="boom"):
        _ = [item async for item in readiness.until_draining(broken())]


async def test_leaving_a_stream_closes_it() -> None:
    readiness, items = Readiness(), Endless(1)
    async with aclosing(readiness.until_draining(items())) as passed:
        assert await anext(passed) == 1
    assert items.closed
