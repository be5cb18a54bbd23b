"""A coroutine on an event loop of its own, for callers that may have a loop already."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


def run_apart(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run work in a thread with an event loop and wait; an interrupt here cancels it there."""
    result: Future[T] = Future()
    started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Task[T]]] = Future()

    async def begin() -> T:
        task = asyncio.ensure_future(work())
        started.set_result((asyncio.get_running_loop(), task))
        return await task

    def run() -> None:
        try:
            with asyncio.Runner() as runner:
                result.set_result(runner.run(begin()))
        except BaseException as error:
            result.set_exception(error)

    thread = threading.Thread(target=run, name="facefolk", daemon=True)
    thread.start()
    try:
        return result.result()
    finally:
        if not result.done():
            loop, task = started.result()
            loop.call_soon_threadsafe(task.cancel)
        thread.join()
