from __future__ import annotations

import asyncio

from facefolk_server.service.frames.locks import FrameLocks
from facefolk_server.service.gate import IngestionGate


class FakeTime:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_library_without_ingestion_is_quiet_at_once() -> None:
    gate = IngestionGate()
    assert not await gate.wait_quiet("", quiet_seconds=10, max_seconds=600)


async def test_waits_for_open_frames_and_then_for_the_quiet_time() -> None:
    time = FakeTime()
    gate = IngestionGate(monotonic=time)
    with gate.open(""):
        assert gate.in_flight("") == 1
        waiting = asyncio.create_task(gate.wait_quiet("", quiet_seconds=10, max_seconds=600))
        await settle()
        assert not waiting.done()
    await settle()
    assert not waiting.done()
    time.now = 10.0
    with gate.open("other"):
        pass  # something happens, so that those who wait look at the clock
    assert await waiting is False


async def test_gives_up_after_the_longest_wait() -> None:
    time = FakeTime()
    gate = IngestionGate(monotonic=time)
    with gate.open(""):
        waiting = asyncio.create_task(gate.wait_quiet("", quiet_seconds=10, max_seconds=600))
        await settle()
        time.now = 600.0
        with gate.open(""):
            pass
        assert await waiting is True


async def test_other_libraries_do_not_count() -> None:
    gate = IngestionGate()
    with gate.open("other"):
        assert not await gate.wait_quiet("", quiet_seconds=10, max_seconds=600)


async def test_frame_locks_admit_one_at_a_time_and_are_forgotten() -> None:
    locks = FrameLocks()
    inside: list[str] = []

    async def enter(name: str, key: tuple[str, str, int]) -> None:
        async with locks.hold(key):
            inside.append(name)
            await settle()
            inside.remove(name)

    async def watch() -> None:
        for _ in range(20):
            assert len([name for name in inside if name != "c"]) <= 1
            await asyncio.sleep(0)

    key = ("", "a", 0)
    await asyncio.gather(enter("a", key), enter("b", key), enter("c", ("", "b", 0)), watch())
    assert len(locks) == 0
