from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from facefolk_server.errors import (
    PreconditionError,
    RoundNotFoundError,
    RoundRunningError,
    UnavailableError,
)
from facefolk_server.service.call import Call
from facefolk_server.service.paging import PageRequest
from facefolk_server.service.people import PersonFields
from facefolk_server.types import Assignment, Reason, RoundMode, RoundState
from unit.service.world import CALL, Seen, World, look


async def test_two_halves_keep_their_people_and_a_third_round_changes_nothing(
    world: World,
) -> None:
    for who in range(3):
        await world.album(who, 4)
    first = await world.round()
    assert (first.people_created, first.faces_queued, first.faces_assigned) == (3, 12, 12)
    assert first.faces_processed == 12
    assert (first.max_recognition_distance, first.min_recognized_faces) == (0.5, 3)
    people = await world.placed()
    for who in range(4):
        await world.album(who, 3, start=4)
    second = await world.round()
    assert second.people_created == 1
    placed = await world.placed()
    assert people.items() <= placed.items()
    assert len(set(placed.values())) == 4
    third = await world.round()
    assert (third.faces_queued, third.people_created) == (0, 0)
    assert await world.placed() == placed


async def test_an_outlier_assigned_by_hand_brings_its_look_alikes(world: World) -> None:
    outlier, alike = await world.album(0, 2)
    record = await world.round()
    assert (record.outliers, record.faces_assigned) == (2, 0)
    assert {v.placement.reason for v in await world.stored()} == {Reason.OUTLIER}
    ann = await world.hands.assign_faces(CALL, [outlier], new_person=PersonFields("Ann"))
    await world.round()
    by_id = {view.face.face_id: view.placement for view in await world.stored()}
    assert by_id[alike].person_id == ann.person.person.person_id
    assert by_id[alike].assignment is Assignment.AUTOMATIC
    assert by_id[outlier].assignment is Assignment.MANUAL


async def test_all_right_after_all_changes_nothing(world: World) -> None:
    for who in range(3):
        await world.album(who, 3)
    await world.round(RoundMode.ALL)
    placed = await world.placed()
    sequence = await world.sequence()
    await world.round(RoundMode.ALL)
    assert await world.placed() == placed
    events = await world.libraries.read(CALL, lambda r: r.library.events(after=sequence))
    assert all(not e.changes.placements and not e.changes.people for e in events)


async def test_the_ids_of_new_people_come_from_the_round(world: World) -> None:
    await world.album(0, 3)
    await world.round()
    (person_id,) = set((await world.placed()).values())
    assert person_id is not None
    assert person_id.startswith("p_")
    assert len(person_id) == 22


class Pause:
    """Holds a round between its snapshot and its commit."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.reached, self.go_on = asyncio.Event(), asyncio.Event()
        self._commit = world.ledger.commit
        world.ledger.commit = self._held  # type: ignore[method-assign]

    async def _held(self, *args: object) -> object:
        self.reached.set()
        await self.go_on.wait()
        return await self._commit(*args)  # type: ignore[arg-type]

    async def start(self, mode: RoundMode = RoundMode.MISSING) -> str:
        record = await self.world.rounds.start_round(CALL, mode, skip_waiting=True)
        await self.reached.wait()
        return record.round_id

    async def finish(self, round_id: str) -> RoundState:
        self.go_on.set()
        async for record in self.world.rounds.watch_round(CALL, round_id):
            state = record.state
        return state


async def test_what_users_did_meanwhile_stays(world: World) -> None:
    zero, one, two = [await world.album(who, 4) for who in range(3)]
    pause = Pause(world)
    round_id = await pause.start()
    ann = await world.hands.assign_faces(CALL, zero[:1], new_person=PersonFields("Ann"))
    await world.hands.assign_faces(CALL, one[:1], new_person=PersonFields())
    await world.hands.unassign_faces(CALL, one[:1])
    for number in range(4):
        await world.submit(f"2-{number}.jpg")
    assert await pause.finish(round_id) is RoundState.SUCCEEDED
    placed = await world.placed()
    assert placed[zero[0]] == ann.person.person.person_id
    assert len({placed[face] for face in zero[1:]}) == 1
    assert placed[zero[1]] not in (None, placed[zero[0]])
    assert placed[one[1]] == placed[one[3]] is not None
    assert not set(two) & set(placed)
    record = await world.rounds.get_round(CALL, round_id)
    assert record.people_created == 2  # the third would have had no face
    people = await world.libraries.read(CALL, lambda reading: set(reading.state.people))
    assert people == {person for person in placed.values() if person}


async def test_what_was_meant_for_somebody_who_went_is_dropped(world: World) -> None:
    first = await world.album(0, 3)
    await world.round()
    more = await world.album(0, 1, start=3)
    pause = Pause(world)
    round_id = await pause.start()
    assert await world.hands.unassign_faces(CALL, first) == 3
    assert await pause.finish(round_id) is RoundState.SUCCEEDED
    placed = await world.placed()
    assert placed == dict.fromkeys([*first, *more])
    assert await world.libraries.read(CALL, lambda reading: dict(reading.state.people)) == {}


async def test_a_cancel_leaves_no_trace(world: World) -> None:
    await world.album(0, 3)
    release = world.gate.open("")
    release.__enter__()
    record = await world.rounds.start_round(CALL, RoundMode.MISSING)
    assert record.state is RoundState.WAITING
    with pytest.raises(RoundRunningError):
        await world.rounds.start_round(CALL, RoundMode.ALL)
    ended = await world.rounds.cancel_round(CALL, record.round_id)
    assert ended.state is RoundState.CANCELLED
    assert ended.end_time is not None
    assert await world.rounds.cancel_round(CALL, record.round_id) == ended
    release.__exit__(None, None, None)
    assert set((await world.placed()).values()) == {None}
    assert await world.libraries.read(CALL, lambda r: dict(r.state.placements)) == {}
    await world.round()
    (last,) = (await world.rounds.list_rounds(CALL, PageRequest(1))).items
    with pytest.raises(PreconditionError):
        await world.rounds.cancel_round(CALL, last.round_id)


async def test_a_cancel_before_the_commit_leaves_no_trace(world: World) -> None:
    await world.album(0, 3)
    twin = World.__new__(World)
    twin.__dict__ = dict(world.__dict__)
    pause = Pause(world)
    round_id = await pause.start()
    # Another server cancels it through the ledger alone.
    ended = await world.ledger.cancel(CALL, round_id)
    assert ended.state is RoundState.CANCELLED
    assert await pause.finish(round_id) is RoundState.CANCELLED
    assert set((await world.placed()).values()) == {None}


async def test_waits_for_frames_that_come_in_but_not_for_ever(world: World) -> None:
    with world.gate.open(""):
        rounds, conductor = world.rounds, world.rounds._conductor
        conductor.times = replace(conductor.times, max_wait_seconds=0.01)
        record = await rounds.start_round(CALL, RoundMode.MISSING)
        seen = [one async for one in rounds.watch_round(CALL, record.round_id)]
    assert seen[0].state is RoundState.WAITING
    assert seen[-1].state is RoundState.SUCCEEDED
    assert seen[-1].waited_out
    quiet = await world.round()
    assert not quiet.waited_out


async def test_a_repeated_request_id_answers_the_first_round(world: World) -> None:
    call = replace(CALL, request_id="nightly 1")
    one = await world.rounds.start_round(call, RoundMode.MISSING, skip_waiting=True)
    async for _ in world.rounds.watch_round(CALL, one.round_id):
        pass
    two = await world.rounds.start_round(call, RoundMode.MISSING, skip_waiting=True)
    assert two.round_id == one.round_id
    assert two.state is RoundState.SUCCEEDED
    assert (await world.rounds.list_rounds(CALL, PageRequest())).total_size == 1


async def test_lists_rounds_newest_first(world: World) -> None:
    ids = [(await world.round()).round_id for _ in range(3)]
    page = await world.rounds.list_rounds(CALL, PageRequest(2))
    assert [record.round_id for record in page.items] == ids[:0:-1]
    rest = await world.rounds.list_rounds(CALL, PageRequest(2, page.next_page_token))
    assert [record.round_id for record in rest.items] == ids[:1]


async def test_nobody_is_in_a_picture_from_before_the_birth(world: World) -> None:
    await world.album(0, 3)
    await world.round()
    (person_id,) = set((await world.placed()).values())
    assert person_id is not None
    born = PersonFields("Ann", birth_date=date(2020, 5, 4))
    await world.people.update_person(CALL, person_id, born)
    # It may be the fourth of May already where the second picture was taken.
    for number, day in enumerate((1, 3, 5)):
        taken = datetime(2020, 5, day, 12, tzinfo=UTC)
        await world.submit(f"{number}.jpg", Seen(10, look(0, off=0.01)), capture_time=taken)
    await world.round()
    found = {view.face.asset_id: view.placement for view in await world.stored()}
    assert found["0.jpg"].person_id is None
    assert found["0.jpg"].reason is Reason.UNBORN
    assert found["1.jpg"].person_id == found["2.jpg"].person_id == person_id
    told = await world.explanations.explain_face(
        CALL, next(v.face.face_id for v in await world.stored() if not v.placement.person_id)
    )
    assert any("born after its picture was taken" in veto for veto in told.vetoes)
    assert (await world.round()).faces_assigned == 0


async def test_unknown_rounds(world: World) -> None:
    for ask in (world.rounds.get_round, world.rounds.cancel_round):
        with pytest.raises(RoundNotFoundError):
            await ask(CALL, "r_nope")
    with pytest.raises(RoundNotFoundError):
        await anext(world.rounds.watch_round(CALL, "r_nope"))
    assert await world.sequence() == 0


async def test_a_stopping_server_ends_its_rounds(world: World) -> None:
    await world.album(0, 3)
    release = world.gate.open("")
    with release:
        record = await world.rounds.start_round(CALL, RoundMode.MISSING)
        await world.rounds.close()
    ended = await world.rounds.get_round(CALL, record.round_id)
    assert ended.state is RoundState.FAILED
    assert "stopped" in ended.error
    with pytest.raises(UnavailableError):
        await world.rounds.start_round(CALL, RoundMode.MISSING)


async def test_a_round_whose_server_is_gone_is_written_down_as_failed(world: World) -> None:
    call = Call(actor="other server")
    with world.gate.open(""):
        record = await world.rounds.start_round(call, RoundMode.MISSING)
        task = next(iter(world.rounds._tasks))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        world.rounds._live.clear()
    world.ledger._holder = "restarted"
    with pytest.raises(RoundRunningError):  # its lease lives
        await world.rounds.start_round(CALL, RoundMode.MISSING)
    assert (await world.rounds.get_round(CALL, record.round_id)).state is RoundState.WAITING
    world.ledger._exclusive = True
    await world.rounds.recover()
    dead = await world.rounds.get_round(CALL, record.round_id)
    assert dead.state is RoundState.FAILED
    await world.round()


async def test_a_round_that_fails_says_so_and_changes_nothing(world: World) -> None:
    await world.album(0, 3)
    world.round_workers.close()
    record = await world.rounds.start_round(CALL, RoundMode.MISSING, skip_waiting=True)
    seen = [one async for one in world.rounds.watch_round(CALL, record.round_id)]
    assert seen[-1].state is RoundState.FAILED
    assert seen[-1].error
    assert set((await world.placed()).values()) == {None}


async def test_settings_that_change_do_not_touch_a_running_round(world: World) -> None:
    await world.submit("a.jpg", Seen(10, look(0)))
    from facefolk_server.service.admin import SettingsFields

    with world.gate.open(""):
        record = await world.rounds.start_round(CALL, RoundMode.MISSING)
        await world.admin.update_settings(CALL, SettingsFields(min_recognized_faces=1))
        await asyncio.sleep(0)
    seen = [one async for one in world.rounds.watch_round(CALL, record.round_id)]
    assert seen[-1].outliers == 1
    assert (await world.round()).people_created == 1


async def test_people_whom_new_faces_lie_between_are_left_to_the_user(world: World) -> None:
    one, other = await world.album(0, 3), []
    for number in range(3):
        reply = await world.submit(f"far-{number}.jpg", Seen(10, look(0, off=1.5, way=1)))
        other.append(reply.faces[0].view.face.face_id)
    await world.round()
    placed = await world.placed()
    people = {placed[one[0]], placed[other[0]]}
    assert len(people) == 2
    assert await world.libraries.read(CALL, lambda r: dict(r.state.answers.links)) == {}
    for number in range(3):
        await world.submit(f"between-{number}.jpg", Seen(10, look(0, off=0.75, way=1)))
    await world.round()
    ((pair, distance),) = (
        await world.libraries.read(CALL, lambda r: dict(r.state.answers.links))
    ).items()
    assert set(pair) == people
    assert 0.25 < distance < 0.3
