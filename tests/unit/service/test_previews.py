"""Rounds that are looked at before they become real."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from facefolk_server.errors import (
    InvalidRequestError,
    PackNotFoundError,
    PreconditionError,
    PreviewOutdatedError,
    RoundNotFoundError,
    RoundRunningError,
)
from facefolk_server.service.difference import RoundDifference
from facefolk_server.service.people import PersonFields
from facefolk_server.service.previews import MAX_KEPT
from facefolk_server.service.rounds import RoundView
from facefolk_server.service.settings_update import SettingsFields
from facefolk_server.types import RoundMode, RoundState
from unit.service.world import CALL, Seen, World, look


async def preview(
    world: World, mode: RoundMode = RoundMode.ALL, mask: list[str] | None = None, **own: object
) -> RoundView:
    settings = SettingsFields(**own) if own or mask else None  # type: ignore[arg-type]
    started = await world.rounds.start_round(
        CALL, mode, skip_waiting=True, preview=True, settings=settings, settings_mask=mask
    )
    async for record in world.rounds.watch_round(CALL, started.round_id):
        last = record
    assert last.state is RoundState.PREVIEWED, last
    return await world.rounds.view_round(CALL, started.round_id)


async def commit(world: World, view: RoundView) -> RoundView:
    return await world.rounds.commit_round(CALL, view.record.round_id)


async def named(world: World, face_id: str, name: str) -> str:
    person_id = (await world.placed())[face_id]
    assert person_id is not None
    await world.people.update_person(CALL, person_id, PersonFields(name))
    return person_id


async def state(world: World) -> tuple[object, ...]:
    def look_at(reading):  # type: ignore[no-untyped-def]
        s = reading.state
        return dict(s.placements), dict(s.people), dict(s.marked), s.settings

    return await world.libraries.read(CALL, look_at)


async def test_a_preview_changes_nothing_and_its_commit_is_what_it_showed(
    world: World,
) -> None:
    for who in range(2):
        await world.album(who, 4)
    before = await state(world)
    view = await preview(world, RoundMode.MISSING)
    assert await state(world) == before
    assert view.record.preview
    assert (view.record.faces_queued, view.record.people_created) == (8, 2)
    assert view.difference is not None
    created = view.difference.created
    assert [(one.name, one.faces_gained, one.faces_lost) for one in created] == [("", 4, 0)] * 2
    assert view.difference == RoundDifference(created=created)
    done = await commit(world, view)
    assert done.record.state is RoundState.SUCCEEDED
    assert done.difference == view.difference
    placed = await world.placed()
    assert set(placed.values()) == {one.person_id for one in created}
    assert (await preview(world, RoundMode.ALL)).difference is not None
    again = await preview(world, RoundMode.ALL)
    assert again.difference == RoundDifference()


async def test_settings_of_its_own_split_and_join_and_tell_whose_names_are_lost(
    world: World,
) -> None:
    """Persons 0 and 1 are 0.25 apart: one with the default distance, two below."""
    left = [
        (await world.submit(f"l{i}", Seen(10, look(0, off=0.01 * i)))).faces[0]
        for i in range(6)
    ]
    right = [
        (await world.submit(f"r{i}", Seen(10, look(0, off=0.722 + 0.01 * i)))).faces[0]
        for i in range(4)
    ]
    ids = [[one.view.face.face_id for one in half] for half in (left, right)]
    await world.admin.update_settings(CALL, SettingsFields(max_recognition_distance=0.1))
    await world.round(RoundMode.ALL)
    ann, bob = await named(world, ids[0][0], "Ann"), await named(world, ids[1][0], "Bob")

    wide = await preview(world, max_recognition_distance=0.5)
    assert wide.record.max_recognition_distance == 0.5
    assert wide.difference is not None
    (joined,) = wide.difference.joined
    assert (joined.person_id, joined.name, joined.faces_gained) == (ann, "Ann", 4)
    assert joined.from_person_ids == (bob,)
    (lost,) = wide.difference.names_lost
    assert (lost.person_id, lost.name, lost.faces_lost) == (bob, "Bob", 4)
    assert lost.to_person_ids == (ann,)
    assert wide.difference.moved == (lost,)
    await commit(world, wide)
    placed = await world.placed()
    assert set(placed.values()) == {ann}

    narrow = await preview(
        world, mask=["max_recognition_distance"], max_recognition_distance=0.1
    )
    assert narrow.difference is not None
    (split,) = narrow.difference.split
    assert (split.person_id, split.faces_lost) == (ann, 4)
    (created,) = narrow.difference.created
    assert split.to_person_ids == (created.person_id,)
    assert created.from_person_ids == (ann,)
    assert not narrow.difference.names_lost
    people = await world.libraries.read(
        CALL, lambda r: {p.name for p in r.state.people.values()}
    )
    assert people == {"Ann", "Bob"}  # a name that lost its faces is kept
    settings = (await world.admin.get_settings(CALL)).settings
    assert settings.max_recognition_distance == 0.1


async def test_a_mask_can_switch_off_and_a_pack_of_its_own_sees_its_faces(
    world: World,
) -> None:
    same = look(0)
    await world.submit("a", Seen(10, same), Seen(100, same), Seen(200, same))
    await world.submit("b", Seen(10, same))
    pruned = await preview(world, RoundMode.MISSING)
    assert pruned.record.pruned == 2
    free = await preview(world, RoundMode.MISSING, mask=["one_face_per_asset"])
    assert (free.record.pruned, free.record.faces_assigned) == (0, 4)
    other = await preview(world, RoundMode.MISSING, pack="dlib")
    assert other.record.faces_queued == 0
    with pytest.raises(PackNotFoundError):
        await preview(world, pack="nope")
    with pytest.raises(InvalidRequestError):
        await preview(world, max_recognition_distance=3.0)
    with pytest.raises(InvalidRequestError):
        await world.rounds.start_round(CALL, RoundMode.ALL, settings=SettingsFields())


async def face_comes(world: World, ids: list[str]) -> None:
    await world.submit("new.jpg", Seen(10, look(3)))


async def face_goes(world: World, ids: list[str]) -> None:
    await world.submit("0-0.jpg")


async def face_is_found_anew(world: World, ids: list[str]) -> None:
    await world.submit("0-0.jpg", Seen(11, look(1)))


async def face_is_assigned(world: World, ids: list[str]) -> None:
    await world.hands.assign_faces(CALL, ids[:1], new_person=PersonFields("Zoe"))


async def name_is_given(world: World, ids: list[str]) -> None:
    await named(world, ids[0], "Ann")


async def another_preview_is_committed(world: World, ids: list[str]) -> None:
    await commit(world, await preview(world, max_recognition_distance=0.01))


MOVES = [
    face_comes,
    face_goes,
    face_is_found_anew,
    face_is_assigned,
    name_is_given,
    another_preview_is_committed,
]


@pytest.mark.parametrize("move", MOVES, ids=lambda move: move.__name__)
async def test_a_commit_is_refused_once_the_ground_has_moved(world: World, move) -> None:  # type: ignore[no-untyped-def]
    ids = [
        (await world.submit(f"0-{i}.jpg", Seen(10, look(0, off=0.2 * i)))).faces[0]
        for i in range(6)
    ]
    await world.round()
    view = await preview(world, max_recognition_distance=0.015, min_recognized_faces=2)
    assert view.difference is not None
    assert view.difference != RoundDifference()
    await move(world, [one.view.face.face_id for one in ids])
    before, sequence = await state(world), await world.sequence()
    with pytest.raises(PreviewOutdatedError, match="Make a new one"):
        await commit(world, view)
    assert (await state(world), await world.sequence()) == (before, sequence)


async def test_what_it_does_not_touch_may_change(world: World) -> None:
    for who in range(2):
        await world.album(who, 4)
    await world.round()
    ids = await world.album(2, 4)
    view = await preview(world, RoundMode.MISSING)
    person = next(p for p in (await world.placed()).values() if p)
    await world.people.update_person(CALL, person, PersonFields("Ann"))
    await world.admin.update_settings(CALL, SettingsFields(min_recognized_faces=5))
    done = await commit(world, view)
    assert done.record.people_created == 1
    assert len({(await world.placed())[i] for i in ids}) == 1


async def test_a_repeated_commit_and_what_cannot_be_committed(world: World) -> None:
    await world.album(0, 4)
    view = await preview(world)
    call = replace(CALL, request_id="commit 1")
    one = await world.rounds.commit_round(call, view.record.round_id)
    assert await world.rounds.commit_round(call, view.record.round_id) == one
    with pytest.raises(PreconditionError, match="SUCCEEDED"):
        await commit(world, view)
    plain = await world.round()
    with pytest.raises(PreconditionError):
        await world.rounds.commit_round(CALL, plain.round_id)
    with pytest.raises(RoundNotFoundError):
        await world.rounds.commit_round(CALL, "r_nope")


async def test_previews_are_few_and_not_for_long(world: World) -> None:
    await world.album(0, 4)
    views = [await preview(world) for _ in range(MAX_KEPT + 1)]
    assert (await world.rounds.view_round(CALL, views[0].record.round_id)).difference is None
    with pytest.raises(PreviewOutdatedError, match="an hour"):
        await commit(world, views[0])
    world.clock.now += timedelta(minutes=61)
    gone = await world.rounds.view_round(CALL, views[-1].record.round_id)
    assert (gone.record.state, gone.difference) == (RoundState.PREVIEWED, None)
    with pytest.raises(PreviewOutdatedError):
        await commit(world, views[-1])


async def test_a_preview_can_be_dropped_and_waits_for_no_other_round(world: World) -> None:
    await world.album(0, 4)
    view, other = await preview(world), await preview(world)
    ended = await world.rounds.cancel_round(CALL, view.record.round_id)
    assert ended.state is RoundState.CANCELLED
    with pytest.raises(PreconditionError, match="CANCELLED"):
        await commit(world, view)
    with world.gate.open(""):
        running = await world.rounds.start_round(CALL, RoundMode.MISSING)
        with pytest.raises(RoundRunningError):
            await commit(world, other)
        await world.rounds.cancel_round(CALL, running.round_id)
    assert (await commit(world, other)).record.state is RoundState.SUCCEEDED


async def test_differences_of_rounds_survive_a_restart_previews_do_not(
    world: World,
    tmp_path,  # type: ignore[no-untyped-def]
) -> None:
    await world.album(0, 4)
    done = await world.round()
    told = await world.rounds.view_round(CALL, done.round_id)
    await world.album(1, 4)
    view = await preview(world)
    await world.close()
    again = World(tmp_path / "data")
    try:
        assert await again.rounds.view_round(CALL, done.round_id) == told
        assert told.difference is not None
        assert len(told.difference.created) == 1
        shown = await again.rounds.view_round(CALL, view.record.round_id)
        assert (shown.record.state, shown.difference) == (RoundState.PREVIEWED, None)
        with pytest.raises(PreviewOutdatedError):
            await commit(again, view)
    finally:
        await again.close()
