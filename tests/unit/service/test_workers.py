from __future__ import annotations

import asyncio
import threading

import pytest
from facefolk_server.errors import DeadlineError, OverloadedError, UnavailableError
from facefolk_server.service.workers import WorkerPool


@pytest.fixture
def pool():
    made = WorkerPool("test", workers=1, max_waiting=1, monotonic=lambda: 100.0)
    yield made
    made.close()


async def test_answers_what_the_work_returns(pool: WorkerPool) -> None:
    assert await pool.run(threading.get_ident) != threading.get_ident()


async def test_passes_on_what_the_work_raises(pool: WorkerPool) -> None:
    def fail() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        await pool.run(fail)


async def test_does_not_start_work_past_its_deadline(pool: WorkerPool) -> None:
    started: list[int] = []
    with pytest.raises(DeadlineError):
        await pool.run(lambda: started.append(1), deadline=100.0)
    await pool.run(lambda: started.append(2), deadline=100.1)
    assert started == [2]


async def test_refuses_when_too_much_waits(pool: WorkerPool) -> None:
    release = threading.Event()
    running = [asyncio.create_task(pool.run(release.wait)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(OverloadedError) as refused:
        await pool.run(release.wait)
    assert refused.value.retry_delay_seconds > 0
    release.set()
    assert await asyncio.gather(*running) == [True, True]
    assert pool.submitted == 0


async def test_withdraws_cancelled_work_that_waits(pool: WorkerPool) -> None:
    release, started = threading.Event(), []
    first = asyncio.create_task(pool.run(release.wait))
    second = asyncio.create_task(pool.run(lambda: started.append(1)))
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    release.set()
    await first
    assert started == []


async def test_waits_for_cancelled_work_that_runs(pool: WorkerPool) -> None:
    release, running, ended = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        running.set()
        release.wait()
        ended.set()
        raise ValueError("nobody hears this")

    task = asyncio.create_task(pool.run(work))
    await asyncio.to_thread(running.wait)
    task.cancel()
    await asyncio.sleep(0)
    assert not task.done()
    release.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()
    assert pool.submitted == 0


async def test_a_closed_pool_is_unavailable() -> None:
    pool = WorkerPool("test", workers=1)
    pool.close()
    with pytest.raises(UnavailableError):
        await pool.run(lambda: None)
