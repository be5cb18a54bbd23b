"""Neighbor counts pass from round to round through the store."""

from __future__ import annotations

from pathlib import Path

from facefolk_server.service.settings_update import SettingsFields
from facefolk_server.types import RoundMode
from unit.service.world import CALL, World


async def recounts(world: World, mode: RoundMode = RoundMode.MISSING) -> str:
    """Return why a round counted all neighbors again, empty if it did not."""
    return (await world.round(mode)).recount


async def grown(world: World) -> None:
    """Gather three people of eight faces."""
    for who in range(3):
        await world.album(who, 8)
    await world.round(RoundMode.ALL)


async def test_a_round_goes_on_from_the_counts_of_the_one_before(world: World) -> None:
    await world.album(0, 3)
    assert await recounts(world) == "no counts were kept"
    assert await recounts(world) == ""
    await grown(world)
    await world.album(3, 4)
    record = await world.round()
    assert record.recount == ""
    assert record.people_created == 1


async def test_faces_that_went_are_subtracted(world: World) -> None:
    await grown(world)
    await world.album(4, 3)
    await world.round()
    # The third face is core no more and lends its person to nobody.
    await world.submit("4-0.jpg")
    await world.submit("4-1.jpg")
    (newcomer,) = await world.album(4, 1, start=3)
    record = await world.round()
    assert record.recount == ""
    assert (await world.placed())[newcomer] is None


async def test_counts_outlive_the_server(tmp_path: Path) -> None:
    first = World(tmp_path / "data")
    await grown(first)
    await first.close()
    second = World(tmp_path / "data")
    await second.album(5, 3)
    record = await second.round()
    assert (record.recount, record.people_created) == ("", 1)
    await second.close()


async def test_faces_that_went_before_a_restart_make_the_next_round_count_again(
    tmp_path: Path,
) -> None:
    first = World(tmp_path / "data")
    await grown(first)
    await first.submit("0-0.jpg")
    await first.close()
    second = World(tmp_path / "data")
    assert await recounts(second) == "faces went whose embeddings are not kept"
    assert await recounts(second) == ""
    await second.close()


async def test_another_distance_makes_the_next_round_count_again(world: World) -> None:
    await grown(world)
    await world.admin.update_settings(CALL, SettingsFields(max_recognition_distance=0.4))
    assert await recounts(world) == "the maximum distance was 0.5 and is 0.4 now"
    assert await recounts(world) == ""


async def test_a_face_found_again_as_it_was_changes_nothing(world: World) -> None:
    await grown(world)
    await world.album(0, 2)
    sequence = await world.sequence()
    assert await recounts(world) == ""
    events = await world.libraries.read(CALL, lambda r: r.library.events(after=sequence))
    assert not any(event.changes.placements for event in events)
