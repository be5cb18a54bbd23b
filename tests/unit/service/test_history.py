from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest
from facefolk_server.errors import (
    EventNotFoundError,
    InvalidRequestError,
    PersonNotFoundError,
    UndoError,
)
from facefolk_server.service.admin import SettingsFields
from facefolk_server.service.hands import assignment
from facefolk_server.service.paging import PageRequest
from facefolk_server.service.people import PersonFields
from facefolk_server.service.reading import Reading
from facefolk_server.service.views import EventView
from facefolk_server.store import Draft
from facefolk_server.types import EventKind, MarkKind, Person, RoundMode
from unit.service.states import stand
from unit.service.world import CALL, Seen, World, look


async def create(
    world: World, who: int, count: int = 3, name: str = ""
) -> tuple[str, list[str]]:
    faces = await world.album(who, count)
    made = await world.hands.create_person(CALL, PersonFields(name), faces)
    return made.person.person_id, faces


async def events(world: World, person_id: str = "") -> list[EventView]:
    page = await world.history.list_events(CALL, PageRequest(1000), person_id=person_id)
    assert page.next_page_token == ""
    return list(page.items)


async def last(world: World) -> int:
    return (await events(world))[0].event.sequence


async def undo(world: World, event_id: int) -> EventView:
    return await world.history.undo_event(CALL, event_id)


Action = Callable[[World, str, str, list[str]], Awaitable[object]]
NOT_THIS = MarkKind.NOT_THIS_PERSON
ACTIONS: dict[str, Action] = {
    "assign": lambda w, ann, bea, f: w.hands.assign_faces(CALL, f, person_id=bea),
    "assign to a new one": lambda w, ann, bea, f: w.hands.assign_faces(
        CALL, f, new_person=PersonFields("New")
    ),
    "create": lambda w, ann, bea, f: w.hands.create_person(CALL, PersonFields("New"), f[:2]),
    "unassign": lambda w, ann, bea, f: w.hands.unassign_faces(CALL, f),
    "refuse": lambda w, ann, bea, f: w.hands.mark_faces(CALL, f[:1], NOT_THIS, person_id=ann),
    "stranger": lambda w, ann, bea, f: w.hands.mark_faces(CALL, f[:2], MarkKind.STRANGER),
    "no face": lambda w, ann, bea, f: w.hands.mark_faces(CALL, f, MarkKind.NOT_A_FACE),
    "rename": lambda w, ann, bea, f: w.people.update_person(CALL, bea, PersonFields("Bee")),
    "hide": lambda w, ann, bea, f: w.people.update_person(CALL, ann, PersonFields(hidden=True)),
    "merge": lambda w, ann, bea, f: w.people.merge_people(CALL, ann, [bea]),
    "merge the other way": lambda w, ann, bea, f: w.people.merge_people(CALL, bea, [ann]),
    "delete": lambda w, ann, bea, f: w.people.delete_person(CALL, bea),
    "settings": lambda w, ann, bea, f: w.admin.update_settings(
        CALL, SettingsFields(min_recognized_faces=5)
    ),
    "a round": lambda w, ann, bea, f: w.round(),
    "a round over all": lambda w, ann, bea, f: w.round(RoundMode.ALL),
}


@pytest.mark.parametrize("what", ACTIONS)
async def test_an_undo_restores_and_can_be_undone(world: World, what: str) -> None:
    ann, faces = await create(world, 0)
    bea, _ = await create(world, 1, name="Bea")
    await world.hands.mark_faces(CALL, faces[:1], NOT_THIS, person_id=bea)
    await world.album(2, 4)
    before = await stand(world)
    await ACTIONS[what](world, ann, bea, faces)
    after = await stand(world)
    assert after != before
    done = (await events(world))[0]
    assert done.undoable
    undone = await undo(world, done.event.sequence)
    assert await stand(world) == before
    assert undone.undoable
    assert undone.event.kind is EventKind.UNDONE
    assert not (await events(world))[1].undoable
    redone = await undo(world, undone.event.sequence)
    assert await stand(world) == after
    await undo(world, redone.event.sequence)
    assert await stand(world) == before


async def test_who_was_merged_is_found_again_after_an_undo_of_the_undo(
    tmp_path: Path, world: World
) -> None:
    (ann, _), (bea, _) = await create(world, 0), await create(world, 1)
    await world.people.merge_people(CALL, ann, [bea])
    for _ in range(2):
        with pytest.raises(PersonNotFoundError, match="merged into"):
            await world.people.get_person(CALL, bea)
        await undo(world, await last(world))
        assert (await world.people.get_person(CALL, bea)).face_count == 3
        await undo(world, await last(world))


async def test_a_later_event_in_the_way_is_named(world: World) -> None:
    ann, faces = await create(world, 0, name="Ann")
    bea, _ = await create(world, 1)
    await world.hands.unassign_faces(CALL, faces[:1])
    unassigned = await last(world)
    await world.people.update_person(CALL, ann, PersonFields(favorite=True))
    await world.hands.assign_faces(CALL, faces[:1], person_id=bea)
    in_the_way = await last(world)
    await world.people.update_person(CALL, bea, PersonFields(favorite=True))
    sequence, before = await world.sequence(), await stand(world)
    with pytest.raises(UndoError) as caught:
        await undo(world, unassigned)
    assert caught.value.metadata["event_ids"] == str(in_the_way)
    assert "faces_assigned" in caught.value.message
    assert await world.sequence() == sequence
    assert await stand(world) == before
    await undo(world, in_the_way)
    await undo(world, unassigned)
    assert (await world.people.get_person(CALL, ann)).face_count == 3


async def test_changes_of_other_things_are_in_nobodys_way(world: World) -> None:
    ann, faces = await create(world, 0, name="Ann")
    more = await world.album(0, 1, start=3)
    await world.hands.assign_faces(CALL, more, person_id=ann)
    first = await last(world)
    await world.people.update_person(CALL, ann, PersonFields("Anna"))
    await world.hands.unassign_faces(CALL, faces[:1])
    await undo(world, first)
    view = await world.people.get_person(CALL, ann)
    assert (view.person.name, view.face_count) == ("Anna", 2)


async def test_what_was_undone_is_in_nobodys_way(world: World) -> None:
    ann, _ = await create(world, 0, name="A")
    await world.people.update_person(CALL, ann, PersonFields("B"))
    to_b = await last(world)
    await world.people.update_person(CALL, ann, PersonFields("C"))
    to_c = await last(world)
    with pytest.raises(UndoError) as caught:
        await undo(world, to_b)
    assert caught.value.metadata["event_ids"] == str(to_c)
    await undo(world, to_c)
    await undo(world, to_b)
    assert (await world.people.get_person(CALL, ann)).person.name == "A"
    with pytest.raises(UndoError, match="did that already") as caught:
        await undo(world, to_b)
    assert caught.value.metadata["event_ids"] == str(await last(world))


async def test_a_person_who_has_more_by_now_does_not_go(world: World) -> None:
    ann, _ = await create(world, 0)
    created = await last(world)
    more = await world.album(0, 1, start=3)
    await world.hands.assign_faces(CALL, more, person_id=ann)
    assigned = await last(world)
    (stray,) = await world.album(1, 1)
    await world.hands.mark_faces(CALL, [stray], NOT_THIS, person_id=ann)
    marked = await last(world)
    with pytest.raises(UndoError) as caught:
        await undo(world, created)
    assert caught.value.metadata["event_ids"] == f"{assigned},{marked}"


async def test_faces_cannot_go_back_to_somebody_who_went(world: World) -> None:
    ann, faces = await create(world, 0, name="Ann")
    bea, _ = await create(world, 1)
    await world.hands.unassign_faces(CALL, faces[:1])
    unassigned = await last(world)
    await world.people.merge_people(CALL, bea, [ann])
    with pytest.raises(UndoError) as caught:
        await undo(world, unassigned)
    assert caught.value.metadata["event_ids"] == str(await last(world))


async def test_who_would_be_left_with_nothing_goes(world: World) -> None:
    ann, faces = await create(world, 0)
    (stray,) = await world.album(1, 1)
    await world.hands.mark_faces(CALL, [stray], NOT_THIS, person_id=ann)
    marked = await last(world)
    await world.hands.unassign_faces(CALL, faces)
    assert (await world.people.get_person(CALL, ann)).face_count == 0
    undone = await undo(world, marked)
    with pytest.raises(PersonNotFoundError):
        await world.people.get_person(CALL, ann)
    await undo(world, undone.event.sequence)
    assert (await world.people.get_person(CALL, ann)).face_count == 0


async def test_faces_that_are_gone_keep_an_event_from_being_undone(world: World) -> None:
    faces = await world.album(0, 3)
    await world.round()
    committed = await last(world)
    await world.submit("0-0.jpg")
    with pytest.raises(UndoError, match="faces_replaced"):
        await undo(world, committed)
    await world.hands.mark_faces(CALL, faces[1:2], MarkKind.STRANGER)
    await world.hands.mark_faces(CALL, faces[1:2], None)
    cleared = await last(world)
    await world.submit("0-1.jpg")
    with pytest.raises(UndoError, match="not there any more"):
        await undo(world, cleared)


async def test_a_repeated_request_id_undoes_once(world: World) -> None:
    ann, _ = await create(world, 0, name="Ann")
    await world.people.update_person(CALL, ann, PersonFields("Bea"))
    event_id = await last(world)
    call = replace(CALL, request_id="once")
    one = await world.history.undo_event(call, event_id)
    two = await world.history.undo_event(call, event_id)
    assert one == two
    assert (await world.people.get_person(CALL, ann)).person.name == "Ann"


async def test_what_cannot_be_undone_says_so(world: World) -> None:
    await world.album(0, 3)
    await world.round()
    started = 1
    for event_id, error in (
        (started, UndoError),
        (99, EventNotFoundError),
        (0, EventNotFoundError),
        (-5, EventNotFoundError),
        (2**63 - 1, EventNotFoundError),
    ):
        sequence = await world.sequence()
        with pytest.raises(error):
            await undo(world, event_id)
        assert await world.sequence() == sequence
    await world.round()
    with pytest.raises(UndoError, match="changed nothing"):
        await undo(world, await last(world))
    assert not (await events(world))[0].undoable


async def test_history_is_listed_newest_first_in_pages(world: World) -> None:
    people = [(await create(world, who, 1, name=f"N{who}"))[0] for who in range(5)]
    await world.round()
    everything = await events(world)
    assert [view.event.kind for view in everything] == [
        EventKind.ROUND_COMMITTED,
        *[EventKind.PERSON_CREATED] * 5,
    ]
    seen: list[EventView] = []
    token = ""
    while True:
        page = await world.history.list_events(CALL, PageRequest(2, token))
        seen += page.items
        await world.people.update_person(CALL, people[0], PersonFields(f"{len(seen)}"))
        if not (token := page.next_page_token):
            break
    assert [v.event.sequence for v in seen] == [v.event.sequence for v in everything]
    with pytest.raises(InvalidRequestError):
        await world.history.list_events(CALL, PageRequest(2, "nonsense"))


async def test_history_of_one_person(world: World) -> None:
    ann, faces = await create(world, 0, name="Ann")
    bea, _ = await create(world, 1, name="Bea")
    await world.hands.mark_faces(CALL, faces[:1], NOT_THIS, person_id=bea)
    await world.hands.assign_faces(CALL, faces[1:2], person_id=bea)
    assert [view.event.kind.value for view in await events(world, ann)] == [
        "faces_assigned",
        "person_created",
    ]
    assert [view.event.kind.value for view in await events(world, bea)] == [
        "faces_assigned",
        "faces_marked",
        "person_created",
    ]
    assert await events(world, "p_nope") == []


async def test_watching_tells_what_was_and_what_comes(world: World) -> None:
    ann, _ = await create(world, 0, name="Ann")
    seen: list[int] = []

    async def watch(after: int, count: int) -> None:
        async with aclosing(world.history.watch_events(CALL, after)) as watched:
            async for view in watched:
                seen.append(view.event.sequence)
                if len(seen) == count:
                    return

    watching = asyncio.create_task(watch(0, 3))
    await world.people.update_person(CALL, ann, PersonFields("Bea"))
    await world.round()
    await asyncio.wait_for(watching, 10)
    everything = [view.event.sequence for view in await events(world)]
    assert seen == everything[::-1]
    middle, seen[:] = seen[1], []
    await watch(middle, 1)
    assert seen == everything[:1]


async def test_watching_sees_what_other_servers_write(world: World) -> None:
    await create(world, 0)
    library = await world.libraries.library(CALL)
    async with aclosing(world.history.watch_events(CALL, 1)) as watched:
        upcoming = asyncio.ensure_future(anext(watched))
        await asyncio.sleep(0.02)
        # Not through `Libraries`, which would wake the watcher.
        faces = await world.album(1, 1)
        await asyncio.to_thread(
            library.append,
            lambda state: Draft(
                EventKind.FACES_ASSIGNED,
                assignment(Reading(library, state), faces, "p_x", Person("p_x")),
            ),
            actor="another",
        )
        assert (await asyncio.wait_for(upcoming, 10)).event.actor == "another"


async def test_a_place_that_never_was_is_refused(world: World) -> None:
    await create(world, 0)
    for wrong in (2, -1, 10**12):
        with pytest.raises(InvalidRequestError, match="after_event_id"):
            await anext(world.history.watch_events(CALL, wrong))


async def test_same_assets_of_a_round_come_back_with_it(world: World) -> None:
    await world.album(0, 3)
    await world.submit("two.jpg", Seen(10, look(0)), Seen(200, look(0, off=0.3)))
    before = await stand(world)
    await world.round()
    await undo(world, await last(world))
    assert await stand(world) == before
    again = await world.round()
    assert (again.people_created, again.pruned) == (1, 1)
