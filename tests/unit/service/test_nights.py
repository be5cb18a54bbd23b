"""Nights as a server lives them: clocks that change, steps, restarts, pictures that come in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from facefolk_server.service.admin import SettingsFields
from facefolk_server.service.call import Call
from facefolk_server.service.paging import PageRequest
from facefolk_server.service.recognition import FrameSubmission
from facefolk_server.types import RoundMode, RoundRecord, RoundState
from unit.service.world import CALL, Seen, World, look, picture

BERLIN = ZoneInfo("Europe/Berlin")
TIME = "02:30"
TICK = timedelta(minutes=7)
NIGHT = datetime(2024, 5, 2, 0, 30, tzinfo=UTC)  # 02:30 in Berlin


async def set_time(world: World, call: Call = CALL) -> None:
    fields = SettingsFields(nightly_time=TIME, time_zone="Europe/Berlin")
    await world.admin.update_settings(call, fields)


async def rounds(world: World, call: Call = CALL) -> list[RoundRecord]:
    """All rounds, the first first, once they have ended."""
    page = await world.rounds.list_rounds(call, PageRequest())
    for record in page.items:
        async for _ in world.rounds.watch_round(call, record.round_id):
            pass
    page = await world.rounds.list_rounds(call, PageRequest())
    return sorted(page.items, key=lambda record: str(record.start_time))


async def at(world: World, when: datetime) -> int:
    """Look at the clock at this time; return how many rounds there are after it."""
    world.clock.now = when
    await world.schedule.tick()
    return len(await rounds(world))


async def live(
    world: World, until: datetime, happens: Callable[[], object] = lambda: None
) -> list[datetime]:
    """Let the schedule run by itself; return when rounds began, by the clocks of Berlin."""

    async def sleep(seconds: float) -> None:
        assert seconds <= TICK.total_seconds()
        await rounds(world)
        happens()
        world.clock.now += TICK
        if world.clock.now >= until:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await world.make_schedule(sleep).run()
    return [r.start_time.astimezone(BERLIN) for r in await rounds(world) if r.start_time]


@pytest.mark.parametrize(
    ("first", "hour_of_change"),
    [
        (datetime(2024, 3, 29, 12, tzinfo=UTC), 3),  # clocks go forward, from 2 to 3
        (datetime(2024, 10, 25, 12, tzinfo=UTC), 2),  # clocks go back, from 3 to 2
    ],
)
async def test_one_round_a_night_where_the_clocks_are_changed(
    world: World, first: datetime, hour_of_change: int
) -> None:
    world.clock.now = first
    await set_time(world)
    begun = []
    for number in range(4):
        await world.album(number, 3)
        begun = await live(world, first + timedelta(days=number + 1))
    assert [time.day for time in begun] == [(first + timedelta(i + 1)).day for i in range(4)]
    assert [time.hour for time in begun] == [2, hour_of_change, 2, 2]
    assert begun[1].fold == 0
    assert all(time - time.replace(minute=30, second=0) < 2 * TICK for time in begun)
    assert None not in (await world.placed()).values()


async def test_a_clock_that_was_years_ahead_for_a_while_hides_nothing(world: World) -> None:
    await set_time(world)
    await world.album(0, 3)
    await world.schedule.tick()
    assert await at(world, NIGHT + timedelta(days=4 * 365)) == 1
    assert await at(world, NIGHT - timedelta(hours=2)) == 1
    await world.album(1, 3)
    assert await at(world, NIGHT - timedelta(minutes=1)) == 1
    assert await at(world, NIGHT + timedelta(minutes=1)) == 2
    assert None not in (await world.placed()).values()


async def test_a_clock_that_goes_back_and_forth_over_the_hour_starts_one(world: World) -> None:
    await set_time(world)
    await world.schedule.tick()
    for number, minutes in enumerate((-1, 1, -1, 0, 5, -30, 2)):
        await world.album(number, 3)
        assert await at(world, NIGHT + timedelta(minutes=minutes)) == (number > 0)
    assert await at(world, NIGHT + timedelta(days=1)) == 2


async def test_it_waits_for_pictures_that_come_in(world: World) -> None:
    await set_time(world)
    await world.album(0, 2)
    await world.schedule.tick()
    world.clock.now = NIGHT
    with world.gate.open(""):
        await world.schedule.tick()
        (waiting,) = (await world.rounds.list_rounds(CALL, PageRequest())).items
        assert waiting.state is RoundState.WAITING
        await world.album(0, 1, start=2)
        world.clock.now = NIGHT + timedelta(minutes=5)
        await world.schedule.tick()  # it has begun already
    (ended,) = await rounds(world)
    assert (ended.state, ended.waited_out) == (RoundState.SUCCEEDED, False)
    assert ended.faces_assigned == 3


async def test_it_begins_once_another_round_has_ended(world: World) -> None:
    await set_time(world)
    await world.album(0, 3)
    await world.schedule.tick()
    world.clock.now = NIGHT - timedelta(minutes=1)
    with world.gate.open(""):
        await world.rounds.start_round(CALL, RoundMode.ALL, preview=True)
        world.clock.now = NIGHT
        await world.schedule.tick()
    assert [r.state for r in await rounds(world)] == [RoundState.PREVIEWED]
    assert await at(world, NIGHT + timedelta(minutes=3)) == 2
    assert None not in (await world.placed()).values()


@asynccontextmanager
async def server(path: Path, when: datetime) -> AsyncIterator[World]:
    """A server that starts at this time; rounds of a server before it are dead."""
    world = World(path, holder=str(when), exclusive=True)
    world.clock.now = when
    await world.rounds.recover()
    yield world
    await world.close()


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """A store with three new faces and a nightly time."""
    async with server(tmp_path / "data", NIGHT - timedelta(hours=12)) as world:
        await set_time(world)
        await world.album(0, 3)
    return tmp_path / "data"


async def test_a_server_that_is_restarted_at_the_hour_leaves_no_night_out(path: Path) -> None:
    async with server(path, NIGHT - timedelta(minutes=2)) as world:
        assert await at(world, NIGHT - timedelta(seconds=30)) == 0
    async with server(path, NIGHT + timedelta(minutes=1)) as world:
        assert await at(world, NIGHT + timedelta(minutes=2)) == 1
        await world.album(1, 3)
    async with server(path, NIGHT + timedelta(minutes=10)) as world:
        assert await at(world, NIGHT + timedelta(minutes=11)) == 1
        assert await at(world, NIGHT + timedelta(days=1)) == 2


async def test_a_night_that_is_long_past_is_left_out(path: Path) -> None:
    async with server(path, NIGHT + timedelta(hours=2)) as world:
        assert await at(world, NIGHT + timedelta(hours=2)) == 0
        # Nor is a time just past made up for that is set only now.
        earlier = (world.clock.now - timedelta(minutes=5)).astimezone(BERLIN)
        await world.admin.update_settings(CALL, SettingsFields(nightly_time=f"{earlier:%H:%M}"))
        assert await at(world, NIGHT + timedelta(hours=2, minutes=1)) == 0


async def test_a_round_that_died_with_its_server_is_begun_again_but_not_for_ever(
    path: Path,
) -> None:
    for times in range(1, 6):
        async with server(path, NIGHT + timedelta(minutes=times)) as world:
            with world.gate.open(""):
                await world.schedule.tick()
                await world.rounds.close()
            states = [record.state for record in await rounds(world)]
            assert states == [RoundState.FAILED] * min(times, 3)


async def test_a_library_that_cannot_keeps_no_other_from_its_round(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    broken, whole = Call(library_id="a"), Call(library_id="b")
    for call in (broken, whole):
        await set_time(world, call)
    await world.admin.update_settings(broken, SettingsFields(pack="dlib"))
    frame = FrameSubmission("a.jpg", picture(Seen(10, look(0))))
    await world.recognition.recognize(whole, frame)
    await world.schedule.tick()
    del world.source.pipelines["dlib"]
    assert await at(world, NIGHT) == 0
    assert "library 'a': no nightly round: No pack is named 'dlib'" in caplog.text
    assert len(await rounds(world, whole)) == 1
