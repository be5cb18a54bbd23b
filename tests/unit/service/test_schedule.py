from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from facefolk_server.service.admin import SettingsFields
from facefolk_server.service.paging import PageRequest
from facefolk_server.service.people import PersonFields
from facefolk_server.service.schedule import NightlySchedule, has_news
from facefolk_server.types import MarkKind, RoundMode
from unit.service.world import CALL, World

NIGHT = datetime(2024, 5, 2, 3, 0, tzinfo=UTC)


@pytest.fixture
async def schedule(world: World) -> NightlySchedule:
    await world.admin.update_settings(CALL, SettingsFields(nightly_time="03:00"))
    await world.schedule.tick()
    return world.schedule


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


async def news(world: World) -> bool:
    settings = await world.resolver.resolved(CALL)
    return await world.libraries.read(CALL, lambda reading: has_news(reading, settings))


async def test_an_empty_library_has_no_news(world: World) -> None:
    assert not await news(world)
    await world.album(0, 1)
    assert await news(world)


async def _created(world: World, faces: list[str]) -> None:
    await world.hands.create_person(CALL, PersonFields(), faces[:2])


async def _deleted(world: World, faces: list[str]) -> None:
    (person_id,) = set((await world.placed()).values())
    await world.people.delete_person(CALL, str(person_id))


async def _unassigned(world: World, faces: list[str]) -> None:
    await world.hands.unassign_faces(CALL, faces[:1])


async def _undone(world: World, faces: list[str]) -> None:
    await world.history.undo_event(CALL, await world.sequence())


@pytest.mark.parametrize("change", [_created, _deleted, _unassigned, _undone])
async def test_what_is_assigned_or_freed_is_news_until_the_next_round(
    world: World, change: Callable[[World, list[str]], Awaitable[None]]
) -> None:
    faces = await world.album(0, 4)
    await world.round()
    assert not await news(world)
    await change(world, faces)
    assert await news(world)
    await world.round()
    assert not await news(world)


async def test_names_and_strangers_are_no_news(world: World) -> None:
    faces = await world.album(0, 3)
    await world.hands.mark_faces(CALL, faces, MarkKind.STRANGER)
    assert await news(world)  # something was said of faces
    await world.round()
    (lonely,) = await world.album(1, 1)
    await world.round()
    assert (await world.placed())[lonely] is None
    assert not await news(world)  # neither strangers nor outliers come back every night


async def test_what_is_said_while_a_round_runs_is_news_after_it(world: World) -> None:
    faces = await world.album(0, 4)
    with world.gate.open(""):
        started = await world.rounds.start_round(CALL, RoundMode.MISSING)
        await world.hands.assign_faces(CALL, faces[:1], new_person=PersonFields())
    async for _ in world.rounds.watch_round(CALL, started.round_id):
        pass
    assert await news(world)


async def test_looks_at_the_clock_until_cancelled(world: World) -> None:
    looks = 0

    async def sleep(seconds: float) -> None:
        nonlocal looks
        looks += 1
        if looks == 3:
            raise asyncio.CancelledError

    schedule = world.make_schedule(sleep)
    with pytest.raises(asyncio.CancelledError):
        await schedule.run()
    assert looks == 3
