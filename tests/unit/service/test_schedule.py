from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from facefolk_server.service.admin import SettingsFields
from facefolk_server.service.paging import PageRequest
from facefolk_server.service.people import PersonFields
from facefolk_server.service.schedule import NightlySchedule, has_news
from unit.service.world import CALL, World

NIGHT = datetime(2024, 5, 2, 3, 0, tzinfo=UTC)


@pytest.fixture
async def schedule(world: World) -> NightlySchedule:
    await world.admin.update_settings(CALL, SettingsFields(nightly_time="03:00"))
    made = NightlySchedule(libraries=world.libraries, rounds=world.rounds, clock=world.clock)
    await made.tick()
    return made


async def at(world: World, schedule: NightlySchedule, when: datetime) -> int:
    """Look at the clock at this time; return how many rounds there are after it."""
    world.clock.now = when
    await schedule.tick()
    page = await world.rounds.list_rounds(CALL, PageRequest())
    for record in page.items:
        async for _ in world.rounds.watch_round(CALL, record.round_id):
            pass
    return page.total_size


async def test_runs_once_a_night_where_there_is_something_new(
    world: World, schedule: NightlySchedule
) -> None:
    await world.album(0, 3)
    assert await at(world, schedule, NIGHT - timedelta(minutes=1)) == 0
    assert await at(world, schedule, NIGHT) == 1
    assert await at(world, schedule, NIGHT + timedelta(minutes=1)) == 1
    assert None not in (await world.placed()).values()
    assert await at(world, schedule, NIGHT + timedelta(days=1)) == 1  # nothing new
    await world.album(0, 1, start=3)
    assert await at(world, schedule, NIGHT + timedelta(days=2)) == 2
    faces = list(await world.placed())
    world.clock.now += timedelta(hours=1)
    await world.hands.assign_faces(CALL, faces[:1], new_person=PersonFields())
    assert await at(world, schedule, NIGHT + timedelta(days=3)) == 3


async def test_a_clock_that_is_set_back_does_not_make_it_run_twice(
    world: World, schedule: NightlySchedule
) -> None:
    await world.album(0, 3)
    assert await at(world, schedule, NIGHT) == 1
    world.clock.now = NIGHT + timedelta(minutes=5)
    await world.album(1, 3)
    assert await at(world, schedule, NIGHT - timedelta(hours=1)) == 1
    assert await at(world, schedule, NIGHT + timedelta(minutes=10)) == 1
    assert await at(world, schedule, NIGHT + timedelta(days=1)) == 2


async def test_a_clock_that_jumps_over_the_time_makes_it_due_once(
    world: World, schedule: NightlySchedule
) -> None:
    await world.album(0, 3)
    assert await at(world, schedule, NIGHT + timedelta(days=5, hours=2)) == 1
    assert await at(world, schedule, NIGHT + timedelta(days=5, hours=3)) == 1


async def test_without_a_time_nothing_runs(world: World, schedule: NightlySchedule) -> None:
    await world.album(0, 3)
    await world.admin.update_settings(CALL, SettingsFields(), mask=["nightly_time"])
    assert await at(world, schedule, NIGHT) == 0


async def test_an_empty_library_has_no_news(world: World) -> None:
    assert not await world.libraries.read(CALL, has_news)
    await world.album(0, 1)
    assert await world.libraries.read(CALL, has_news)


async def test_looks_at_the_clock_until_cancelled(world: World) -> None:
    looks = 0

    async def sleep(seconds: float) -> None:
        nonlocal looks
        looks += 1
        if looks == 3:
            raise asyncio.CancelledError

    schedule = NightlySchedule(
        libraries=world.libraries, rounds=world.rounds, clock=world.clock, sleep=sleep
    )
    with pytest.raises(asyncio.CancelledError):
        await schedule.run()
    assert looks == 3
