from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest
from facefolk_server.errors import OverloadedError
from facefolk_server.service.budget import AdmissionBudget, Load


def budget() -> AdmissionBudget:
    return AdmissionBudget(max_bytes=100, max_pixels=1000, max_requests=3)


@pytest.mark.parametrize(
    ("held", "more"),
    [((90, 10), (11, 10)), ((10, 900), (10, 101)), ((0, 0), (101, 0))],
    ids=["bytes", "pixels", "one byte too many"],
)
async def test_refuses_at_once_what_does_not_fit(
    held: tuple[int, int], more: tuple[int, int]
) -> None:
    full = budget()
    async with full.admit(image_bytes=held[0], pixels=held[1]):
        with pytest.raises(OverloadedError) as refused:
            async with full.admit(image_bytes=more[0], pixels=more[1]):
                pass
        assert refused.value.retry_delay_seconds == 1.0
        assert full.load == Load(1, *held)
    assert full.load == Load()


async def test_counts_requests() -> None:
    full = budget()
    async with AsyncExitStack() as held:
        for _ in range(3):
            await held.enter_async_context(full.admit(image_bytes=1, pixels=1))
        with pytest.raises(OverloadedError):
            await held.enter_async_context(full.admit(image_bytes=1, pixels=1))


async def test_admits_one_that_is_larger_than_everything_alone() -> None:
    full = budget()
    async with full.admit(image_bytes=500, pixels=5000):
        assert full.load.bytes == 500


async def test_gives_back_after_an_error() -> None:
    full = budget()
    with pytest.raises(ValueError, match="x"):
        async with full.admit(image_bytes=50, pixels=50):
            raise ValueError("x")
    assert full.load == Load()


async def test_patient_callers_wait_for_room() -> None:
    full = budget()
    order: list[str] = []

    async def hold(name: str, size: int, until: asyncio.Event) -> None:
        async with full.admit(image_bytes=size, pixels=1, patient=True):
            order.append(name)
            await until.wait()

    events = [asyncio.Event() for _ in range(3)]
    tasks = [
        asyncio.create_task(hold(name, size, event))
        for name, size, event in zip("abc", (90, 50, 40), events, strict=True)
    ]
    for _ in range(3):
        await asyncio.sleep(0)
    assert order == ["a"]
    events[0].set()
    await tasks[0]
    for _ in range(3):
        await asyncio.sleep(0)
    assert order == ["a", "b", "c"]
    events[1].set()
    events[2].set()
    await asyncio.gather(*tasks)
    assert full.load == Load()


async def test_a_cancelled_waiter_leaves_the_queue() -> None:
    full = budget()
    async with full.admit(image_bytes=100, pixels=1):
        gone = asyncio.create_task(_admit_once(full))
        await asyncio.sleep(0)
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
    await asyncio.wait_for(_admit_once(full), 10)


async def _admit_once(full: AdmissionBudget) -> None:
    async with full.admit(image_bytes=100, pixels=1, patient=True):
        pass
