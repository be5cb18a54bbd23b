"""A bounded pool of threads that honors deadlines and cancellation."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from facefolk_server.errors import DeadlineError, OverloadedError, UnavailableError

T = TypeVar("T")


class WorkerPool:
    """Runs blocking work off the event loop, so many pieces at a time and no more waiting.

    Args:
        name: The name of the threads.
        workers: How many threads there are.
        max_waiting: How many pieces of work may wait for a thread.
        monotonic: The clock of deadlines, in seconds.
    """

    def __init__(
        self,
        name: str,
        *,
        workers: int,
        max_waiting: int = 1024,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._executor = ThreadPoolExecutor(workers, thread_name_prefix=name)
        self._name = name
        self._limit = workers + max_waiting
        self._monotonic = monotonic
        self._submitted = 0

    @property
    def submitted(self) -> int:
        """How many pieces of work wait or run; read and changed on the event loop alone."""
        return self._submitted

    async def run(self, work: Callable[[], T], *, deadline: float | None = None) -> T:
        """Run the work in a thread and return what it returns.

        Work whose deadline passes, or whose caller goes away, before a thread is free is
        never started. Work that runs is waited for even when the caller is cancelled, so
        that whoever accounts for its memory is told the truth.

        Raises:
            DeadlineError: The deadline, an instant of the clock, passed before the start.
            OverloadedError: Too much work waits already.
            UnavailableError: The pool is closed.
        """
        if self._submitted >= self._limit:
            raise OverloadedError(
                f"Too much work waits for the {self._name} threads: try again later.",
                waiting=self._submitted,
            )

        def guarded() -> T:
            if deadline is not None and self._monotonic() >= deadline:
                raise DeadlineError("The deadline passed before the work began.")
            return work()

        try:
            future = self._executor.submit(guarded)
        except RuntimeError as exc:
            raise UnavailableError("The server is stopping: try another one.") from exc
        self._submitted += 1
        try:
            return await _finish(future)
        finally:
            self._submitted -= 1

    def close(self) -> None:
        """Drop what waits and return when what runs has ended."""
        self._executor.shutdown(wait=True, cancel_futures=True)


async def _finish(future: Future[T]) -> T:
    """Await the future; when cancelled, withdraw the work or wait until it has ended."""
    waiter = asyncio.wrap_future(future)
    try:
        return await asyncio.shield(waiter)
    except asyncio.CancelledError:
        if not future.cancel():
            await asyncio.wait([waiter])
            if not waiter.cancelled():
                waiter.exception()  # looked at, so that it is not reported as forgotten
        raise
