from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date

import pytest
from facefolk_server.errors import (
    ConflictError,
    FacefolkError,
    FaceNotFoundError,
    InvalidRequestError,
    PersonNotFoundError,
)
from facefolk_server.service.admin import SettingsFields
from facefolk_server.service.faces import FaceFilter
from facefolk_server.service.paging import PageRequest
from facefolk_server.service.people import PersonFields, PersonOrder
from facefolk_server.service.views import PersonView
from facefolk_server.types import Assignment
from unit.service.world import CALL, Seen, World, look


async def person_of(world: World, count: int, who: int, **fields: object) -> PersonView:
    faces = await world.album(who, count)
    assigned = await world.hands.assign_faces(
        CALL,
        faces,
        new_person=PersonFields(**fields),  # type: ignore[arg-type]
    )
    return assigned.person


async def names(world: World, **given: object) -> list[str]:
    page = await world.people.list_people(CALL, PageRequest(), **given)  # type: ignore[arg-type]
    assert page.total_size == len(page.items)
    return [view.person.name or str(view.face_count) for view in page.items]


async def test_lists_named_favorite_and_large_people(world: World) -> None:
    await person_of(world, 1, 0, name="Ann")
    await person_of(world, 2, 1)
    await person_of(world, 3, 2)
    await person_of(world, 4, 3, hidden=True, name="Zoe")
    await person_of(world, 1, 4, favorite=True)
    assert await names(world) == ["1", "3", "Ann"]
    assert await names(world, include_hidden=True) == ["1", "Zoe", "3", "Ann"]
    by_name = await names(world, order=PersonOrder.NAME, include_hidden=True)
    assert by_name[:2] == ["Ann", "Zoe"]
    assert await names(world, name_query="ZO") == []
    assert await names(world, name_query="ZO", include_hidden=True) == ["Zoe"]


async def test_the_fewest_faces_act_at_once(world: World) -> None:
    await person_of(world, 3, 0)
    await person_of(world, 4, 1)
    assert await names(world) == ["4", "3"]
    await world.admin.update_settings(CALL, SettingsFields(min_recognized_faces=4))
    assert await names(world) == ["4"]
    await world.admin.update_settings(CALL, SettingsFields(min_recognized_faces=3))
    assert await names(world) == ["4", "3"]


async def test_pages_stay_true_while_people_come_and_go(world: World) -> None:
    faces = [await world.album(who, 1) for who in range(6)]
    people = [
        await world.hands.assign_faces(CALL, one, new_person=PersonFields(name=f"P{i}"))
        for i, one in enumerate(faces)
    ]
    order = PersonOrder.NAME
    first = await world.people.list_people(CALL, PageRequest(2), order=order)
    assert [view.person.name for view in first.items] == ["P0", "P1"]
    await world.people.update_person(CALL, people[1].person.person.person_id, PersonFields("Q"))
    extra = await world.album(6, 1)
    await world.hands.assign_faces(CALL, extra, new_person=PersonFields(name="A"))
    second = await world.people.list_people(
        CALL, PageRequest(2, first.next_page_token), order=order
    )
    assert [view.person.name for view in second.items] == ["P2", "P3"]
    rest = await world.people.list_people(
        CALL, PageRequest(10, second.next_page_token), order=order
    )
    assert [view.person.name for view in rest.items] == ["P4", "P5", "Q"]
    assert rest.next_page_token == ""
    with pytest.raises(InvalidRequestError):
        await world.people.list_people(CALL, PageRequest(2, first.next_page_token))


async def test_updates_what_the_mask_names(world: World) -> None:
    view = await person_of(world, 2, 0, name="Ann", favorite=True)
    person_id = view.person.person_id
    birthday = date(1990, 2, 3)
    changed = await world.people.update_person(
        CALL, person_id, PersonFields(birth_date=birthday), etag=view.etag
    )
    assert (changed.person.name, changed.person.birth_date) == ("Ann", birthday)
    assert changed.etag != view.etag
    assert changed.person.update_time != view.person.update_time
    changed = await world.people.update_person(
        CALL, person_id, PersonFields(name=" Bea "), mask=["name", "favorite"]
    )
    assert (changed.person.name, changed.person.favorite) == ("Bea", False)
    assert changed.person.birth_date == birthday
    changed = await world.people.update_person(CALL, person_id, PersonFields(), mask=["*"])
    assert changed.person.name == ""
    assert changed.person.birth_date is None
    with pytest.raises(ConflictError):
        await world.people.update_person(
            CALL, person_id, PersonFields(name="C"), etag=view.etag
        )


async def test_an_update_that_changes_nothing_is_no_event(world: World) -> None:
    view = await person_of(world, 1, 0, name="Ann")
    sequence = await world.sequence()
    again = await world.people.update_person(
        CALL, view.person.person_id, PersonFields(name="Ann")
    )
    assert await world.sequence() == sequence
    assert again == view


async def test_the_feature_face_is_the_chosen_one_or_the_best(world: World) -> None:
    faces = await world.album(0, 3)
    assigned = await world.hands.assign_faces(CALL, faces, new_person=PersonFields())
    person_id = assigned.person.person.person_id
    assert assigned.person.feature_face_id == faces[2]
    chosen = await world.people.update_person(
        CALL, person_id, PersonFields(feature_face_id=faces[0])
    )
    assert chosen.feature_face_id == faces[0]
    shown = await world.faces.thumbnail(CALL, person_id=person_id)
    assert shown.face_id == faces[0]
    assert shown.data.startswith(b"jpeg of")
    await world.hands.unassign_faces(CALL, [faces[0]])
    assert (await world.people.get_person(CALL, person_id)).feature_face_id == faces[2]


async def test_assigns_to_somebody_known_and_takes_from_others(world: World) -> None:
    ann = await person_of(world, 2, 0, name="Ann")
    other = await person_of(world, 2, 1)
    (face, _) = [v.face.face_id for v in await world.stored(person_id=other.person.person_id)]
    moved = await world.hands.assign_faces(CALL, [face, face], person_id=ann.person.person_id)
    assert (moved.faces_changed, moved.person.face_count) == (1, 3)
    assert (await world.people.get_person(CALL, other.person.person_id)).face_count == 1
    again = await world.hands.assign_faces(CALL, [face], person_id=ann.person.person_id)
    assert again.faces_changed == 0


async def test_who_loses_the_last_face_goes_unless_something_was_said(world: World) -> None:
    ann = await person_of(world, 1, 0, name="Ann")
    nobody = await person_of(world, 1, 1)
    everything = [view.face.face_id for view in await world.stored()]
    assert await world.hands.unassign_faces(CALL, everything) == 2
    assert (await world.people.get_person(CALL, ann.person.person_id)).face_count == 0
    with pytest.raises(PersonNotFoundError):
        await world.people.get_person(CALL, nobody.person.person_id)
    assert await world.hands.unassign_faces(CALL, everything) == 0


async def test_an_automatic_face_can_be_confirmed_by_hand(world: World) -> None:
    faces = await world.album(0, 3)
    await world.round()
    person_id = (await world.placed())[faces[0]]
    assert person_id is not None
    confirmed = await world.hands.assign_faces(CALL, faces[:1], person_id=person_id)
    assert confirmed.faces_changed == 1
    by_id = {v.face.face_id: v.placement.assignment for v in await world.stored()}
    assert by_id[faces[0]] is Assignment.MANUAL
    assert by_id[faces[1]] is Assignment.AUTOMATIC


async def test_a_repeated_request_id_changes_nothing_more(world: World) -> None:
    faces = await world.album(0, 2)
    call = replace(CALL, request_id="once")
    one = await world.hands.assign_faces(call, faces, new_person=PersonFields(name="Ann"))
    two = await world.hands.assign_faces(call, faces, new_person=PersonFields(name="Ann"))
    assert one == two
    assert await world.sequence() == 1
    with pytest.raises(InvalidRequestError, match="request_id"):
        await world.hands.unassign_faces(call, faces)
    together = replace(CALL, request_id="at once")
    many = await asyncio.gather(
        *(world.hands.unassign_faces(together, faces) for _ in range(4))
    )
    assert many == [2, 2, 2, 2]
    assert await world.sequence() == 2


async def test_lists_faces_by_what_is_asked(world: World) -> None:
    ann = await person_of(world, 3, 0, name="Ann")
    await world.submit("x.jpg", Seen(200, look(2)), Seen(10, look(1)), Seen(10, look(3), y=50))
    asset = await world.stored(asset_id="x.jpg")
    assert [(v.face.box.y_min, v.face.box.x_min) for v in asset] == [
        (10, 10),
        (10, 200),
        (50, 10),
    ]
    assert len(await world.stored(person_id=ann.person.person_id)) == 3
    assert len(await world.stored(unassigned=True)) == 3
    everything = await world.stored()
    assert [v.face.face_id for v in everything] == sorted(v.face.face_id for v in everything)
    assert await world.stored(asset_id="unknown") == []
    page = await world.faces.list_faces(CALL, PageRequest(2), include_embedding=True)
    assert page.total_size == 6
    assert all(v.embedding is not None and v.embedding.shape == (8,) for v in page.items)
    more = await world.faces.list_faces(CALL, PageRequest(10, page.next_page_token))
    assert len(more.items) == 4
    with pytest.raises(InvalidRequestError):
        await world.faces.list_faces(
            CALL, PageRequest(), which=FaceFilter(asset_id="x", unassigned=True)
        )


async def test_hidden_people_appear_nowhere_unless_asked_for(world: World) -> None:
    view = await person_of(world, 2, 0, hidden=True)
    person_id = view.person.person_id
    shown = await world.faces.list_faces(CALL, PageRequest())
    assert (shown.items, shown.total_size) == ((), 0)
    asset = FaceFilter(asset_id="0-0.jpg")
    assert (await world.faces.list_faces(CALL, PageRequest(), which=asset)).items == ()
    calls: list[Callable[[bool], Awaitable[object]]] = [
        lambda told: world.faces.list_faces(
            CALL, PageRequest(), which=FaceFilter(person_id=person_id), include_hidden=told
        ),
        lambda told: world.faces.list_person_assets(
            CALL, person_id, PageRequest(), include_hidden=told
        ),
        lambda told: world.faces.thumbnail(CALL, person_id=person_id, include_hidden=told),
        lambda told: world.faces.thumbnail(
            CALL, face_id=view.feature_face_id, include_hidden=told
        ),
    ]
    for call in calls:
        with pytest.raises((PersonNotFoundError, FaceNotFoundError)):
            await call(False)
        assert await call(True)
    assert (await world.people.get_person(CALL, person_id)).person.hidden


async def test_lists_the_assets_of_a_person(world: World) -> None:
    ann = await person_of(world, 3, 0)
    page = await world.faces.list_person_assets(CALL, ann.person.person_id, PageRequest(2))
    assert page.items == ("0-0.jpg", "0-1.jpg")
    assert page.total_size == ann.asset_count == 3


Action = Callable[[World, str, str], Awaitable[object]]
REFUSED: dict[str, tuple[type[FacefolkError], Action]] = {
    "assign no face": (
        InvalidRequestError,
        lambda w, p, f: w.hands.assign_faces(CALL, [], person_id=p),
    ),
    "assign too many faces": (
        InvalidRequestError,
        lambda w, p, f: w.hands.assign_faces(CALL, [f] * 10_001, person_id=p),
    ),
    "assign to nobody": (InvalidRequestError, lambda w, p, f: w.hands.assign_faces(CALL, [f])),
    "assign to two": (
        InvalidRequestError,
        lambda w, p, f: w.hands.assign_faces(CALL, [f], person_id=p, new_person=PersonFields()),
    ),
    "assign one face that is not there": (
        FaceNotFoundError,
        lambda w, p, f: w.hands.assign_faces(CALL, [f, "nope"], person_id=p),
    ),
    "assign to somebody unknown": (
        PersonNotFoundError,
        lambda w, p, f: w.hands.assign_faces(CALL, [f], person_id="p_nope"),
    ),
    "a new person with a strange face": (
        InvalidRequestError,
        lambda w, p, f: w.hands.assign_faces(
            CALL, [f], new_person=PersonFields(feature_face_id="nope")
        ),
    ),
    "unassign a face that is not there": (
        FaceNotFoundError,
        lambda w, p, f: w.hands.unassign_faces(CALL, [f, "nope"]),
    ),
    "update somebody unknown": (
        PersonNotFoundError,
        lambda w, p, f: w.people.update_person(CALL, "p_nope", PersonFields("A")),
    ),
    "born tomorrow": (
        InvalidRequestError,
        lambda w, p, f: w.people.update_person(
            CALL, p, PersonFields(birth_date=date(2024, 5, 2))
        ),
    ),
    "a name too long": (
        InvalidRequestError,
        lambda w, p, f: w.people.update_person(CALL, p, PersonFields("x" * 257)),
    ),
    "a name with a line break": (
        InvalidRequestError,
        lambda w, p, f: w.people.update_person(CALL, p, PersonFields("a\nb")),
    ),
    "somebody else's face as feature": (
        InvalidRequestError,
        lambda w, p, f: w.people.update_person(CALL, p, PersonFields(feature_face_id=f)),
    ),
    "a mask of nonsense": (
        InvalidRequestError,
        lambda w, p, f: w.people.update_person(CALL, p, PersonFields("A"), mask=["face_count"]),
    ),
    "an old etag": (
        ConflictError,
        lambda w, p, f: w.people.update_person(CALL, p, PersonFields("A"), etag='"0"'),
    ),
    "a request id too long": (
        InvalidRequestError,
        lambda w, p, f: w.hands.unassign_faces(replace(CALL, request_id="x" * 129), [f]),
    ),
    "settings out of range": (
        InvalidRequestError,
        lambda w, p, f: w.admin.update_settings(CALL, SettingsFields(min_detection_score=1.5)),
    ),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_what_is_refused_leaves_everything_as_it_was(world: World, what: str) -> None:
    ann = await person_of(world, 2, 0, name="Ann")
    (free,) = await world.album(1, 1)
    placed, sequence = await world.placed(), await world.sequence()
    error, action = REFUSED[what]
    with pytest.raises(error):
        await action(world, ann.person.person_id, free)
    assert await world.sequence() == sequence
    assert await world.placed() == placed
    assert await world.people.get_person(CALL, ann.person.person_id) == ann
