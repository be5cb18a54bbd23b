from __future__ import annotations

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
from facefolk_server.service.people import PersonFields
from facefolk_server.types import Assignment, Mark, MarkKind
from unit.service.world import CALL, World


async def person(world: World, who: int, count: int = 2, **fields: object) -> str:
    faces = await world.album(who, count)
    made = await world.hands.create_person(
        CALL,
        PersonFields(**fields),  # type: ignore[arg-type]
        faces,
    )
    return made.person.person_id


async def faces_of(world: World, person_id: str) -> list[str]:
    return [view.face.face_id for view in await world.stored(person_id=person_id)]


async def marks(world: World) -> set[Mark]:
    marked = await world.libraries.read(CALL, lambda reading: dict(reading.state.marked))
    return {mark for said in marked.values() for mark in said}


async def test_a_person_is_created_of_faces(world: World) -> None:
    faces = await world.album(0, 3)
    view = await world.hands.create_person(
        CALL, PersonFields("Ann", favorite=True, feature_face_id=faces[0]), faces
    )
    assert (view.person.name, view.person.favorite, view.face_count) == ("Ann", True, 3)
    assert view.feature_face_id == faces[0]
    assert {v.placement.assignment for v in await world.stored()} == {Assignment.MANUAL}
    (event,) = await world.libraries.read(CALL, lambda r: r.library.events(0))
    assert (event.kind.value, event.actor) == ("person_created", "tester")
    call = replace(CALL, request_id="once")
    one = await world.hands.create_person(call, PersonFields("Bea"), faces[:1])
    assert await world.hands.create_person(call, PersonFields("Bea"), faces[:1]) == one


async def test_a_merge_loses_nothing(world: World) -> None:
    ann = await person(world, 0, hidden=True)
    bea = await person(world, 1, name="Bea", favorite=True)
    birthday = date(1990, 1, 2)
    cid = await person(world, 2, name="Cid", birth_date=birthday)
    await world.people.update_person(
        CALL, bea, PersonFields(feature_face_id=(await faces_of(world, bea))[0])
    )
    chosen = (await world.people.get_person(CALL, bea)).feature_face_id
    merged = await world.people.merge_people(CALL, ann, [bea, cid, bea])
    record = merged.person.person
    assert (record.name, record.birth_date) == ("Bea", birthday)
    assert (record.hidden, record.favorite) == (True, True)
    assert (merged.person.face_count, merged.person.feature_face_id) == (6, chosen)
    assert merged.conflicts == (f"The name 'Cid' of person {cid} gave way to 'Bea'.",)
    with pytest.raises(PersonNotFoundError) as caught:
        await world.people.get_person(CALL, cid)
    assert caught.value.metadata["merged_into"] == ann


async def test_a_merge_keeps_how_faces_came_to_their_people(world: World) -> None:
    one, other = await world.album(0, 3), await world.album(1, 3)
    await world.round()
    placed = await world.placed()
    target, source = placed[one[0]], placed[other[0]]
    assert target
    assert source
    await world.hands.assign_faces(CALL, other[:1], person_id=source)
    merged = await world.people.merge_people(CALL, target, [source])
    assert merged.person.face_count == 6
    assert merged.conflicts == ()
    by_id = {v.face.face_id: v.placement.assignment for v in await world.stored()}
    assert by_id[other[0]] is Assignment.MANUAL
    assert by_id[other[1]] is by_id[one[0]] is Assignment.AUTOMATIC
    await world.round()
    assert set((await world.placed()).values()) == {target}


async def test_marks_follow_a_merge_or_are_dropped_and_told(world: World) -> None:
    ann, bea, cid = [await person(world, who, name=f"N{who}") for who in range(3)]
    (stray,) = await world.album(3, 1)
    of_ann, of_bea = [(await faces_of(world, who))[0] for who in (ann, bea)]
    not_this = MarkKind.NOT_THIS_PERSON
    await world.hands.mark_faces(CALL, [stray, of_ann], not_this, person_id=bea)
    await world.hands.mark_faces(CALL, [stray], not_this, person_id=cid)
    await world.hands.mark_faces(CALL, [of_bea], not_this, person_id=ann)
    merged = await world.people.merge_people(CALL, ann, [bea, cid])
    assert await marks(world) == {Mark(stray, not_this, ann)}
    dropped = [sentence for sentence in merged.conflicts if "mark" in sentence]
    assert sorted(dropped) == sorted(
        f"Face {face} had been marked as not being person {who}: it is now a face of person "
        f"{ann}, so that mark is gone."
        for face, who in ((of_ann, bea), (of_bea, ann))
    )


async def test_a_repeated_merge_answers_the_first(world: World) -> None:
    ann, bea = await person(world, 0, name="A"), await person(world, 1, name="B")
    call = replace(CALL, request_id="once")
    merged = await world.people.merge_people(call, ann, [bea])
    assert await world.people.merge_people(call, ann, [bea]) == merged
    assert merged.conflicts


async def test_a_deleted_person_leaves_its_faces(world: World) -> None:
    ann = await person(world, 0, 3, name="Ann")
    (other,) = await world.album(1, 1)
    await world.hands.mark_faces(CALL, [other], MarkKind.NOT_THIS_PERSON, person_id=ann)
    etag = (await world.people.get_person(CALL, ann)).etag
    with pytest.raises(ConflictError):
        await world.people.delete_person(CALL, ann, etag='"0"')
    await world.people.delete_person(CALL, ann, etag=etag)
    assert set((await world.placed()).values()) == {None}
    assert await marks(world) == set()
    with pytest.raises(PersonNotFoundError):
        await world.people.get_person(CALL, ann)
    await world.round()
    assert len(set((await world.placed()).values()) - {None}) == 1


async def test_a_refused_person_loses_the_face_and_does_not_get_it_back(world: World) -> None:
    faces = await world.album(0, 4)
    await world.round()
    owner = (await world.placed())[faces[0]]
    assert owner
    marked = await world.hands.mark_faces(
        CALL, faces[:1], MarkKind.NOT_THIS_PERSON, person_id=owner
    )
    mark = Mark(faces[0], MarkKind.NOT_THIS_PERSON, owner)
    assert (marked.marks, marked.contradictions) == ((mark,), ())
    await world.round()
    assert (await world.placed())[faces[0]] is None
    cleared = await world.hands.mark_faces(CALL, faces[:1], None, person_id=owner)
    assert cleared.marks == ()
    await world.round()
    assert (await world.placed())[faces[0]] == owner


async def test_the_last_word_counts_and_contradictions_are_told(world: World) -> None:
    ann = await person(world, 0, 2, name="Ann")
    (face, _) = await faces_of(world, ann)
    refused = await world.hands.mark_faces(
        CALL, [face], MarkKind.NOT_THIS_PERSON, person_id=ann
    )
    assert refused.contradictions == (
        f"Face {face} had been assigned by hand to person {ann}: it is not any more.",
    )
    assert (await world.people.get_person(CALL, ann)).face_count == 1
    await world.hands.assign_faces(CALL, [face], person_id=ann)
    assert await marks(world) == set()
    await world.hands.mark_faces(CALL, [face], MarkKind.STRANGER)
    marked = await world.hands.mark_faces(CALL, [face], MarkKind.NOT_A_FACE)
    assert [mark.kind for mark in marked.marks] == [MarkKind.NOT_A_FACE]
    assert marked.contradictions == (
        f"Face {face} had been marked as a stranger: it is not any more.",
    )
    assert (await world.placed())[face] is None
    await world.hands.assign_faces(CALL, [face], person_id=ann)
    assert await marks(world) == set()


async def test_no_kind_takes_all_marks_away(world: World) -> None:
    ann, bea = await person(world, 0, name="Ann"), await person(world, 1)
    (face,) = await world.album(2, 1)
    for who in (ann, bea):
        await world.hands.mark_faces(CALL, [face], MarkKind.NOT_THIS_PERSON, person_id=who)
    await world.hands.mark_faces(CALL, [face], MarkKind.STRANGER)
    one_left = await world.hands.mark_faces(CALL, [face], None, person_id=ann)
    assert len(one_left.marks) == 2
    cleared = await world.hands.mark_faces(CALL, [face], None)
    assert (cleared.marks, cleared.contradictions) == ((), ())
    sequence = await world.sequence()
    await world.hands.mark_faces(CALL, [face], None)
    assert await world.sequence() == sequence


async def test_who_is_only_kept_by_a_mark_goes_with_it(world: World) -> None:
    ann = await person(world, 0, 1)
    faces = await faces_of(world, ann)
    await world.hands.mark_faces(CALL, faces, MarkKind.NOT_THIS_PERSON, person_id=ann)
    assert (await world.people.get_person(CALL, ann)).face_count == 0
    await world.hands.mark_faces(CALL, faces, None)
    with pytest.raises(PersonNotFoundError):
        await world.people.get_person(CALL, ann)


async def test_strangers_and_what_is_no_face_stay_without_a_person(world: World) -> None:
    faces = await world.album(0, 5)
    await world.hands.mark_faces(CALL, faces[:1], MarkKind.STRANGER)
    await world.hands.mark_faces(CALL, faces[1:2], MarkKind.NOT_A_FACE)
    await world.round()
    placed = await world.placed()
    assert placed[faces[0]] is placed[faces[1]] is None
    assert placed[faces[2]] is not None


Action = Callable[[World, str, str], Awaitable[object]]
NOT_THIS = MarkKind.NOT_THIS_PERSON
REFUSED: dict[str, tuple[type[FacefolkError], Action]] = {
    "create of nothing": (
        InvalidRequestError,
        lambda w, p, f: w.hands.create_person(CALL, PersonFields(), []),
    ),
    "create of a face that is not there": (
        FaceNotFoundError,
        lambda w, p, f: w.hands.create_person(CALL, PersonFields(), [f, "nope"]),
    ),
    "merge of nobody": (
        InvalidRequestError,
        lambda w, p, f: w.people.merge_people(CALL, p, []),
    ),
    "merge of too many": (
        InvalidRequestError,
        lambda w, p, f: w.people.merge_people(CALL, p, ["p_x"] * 1001),
    ),
    "merge into itself": (
        InvalidRequestError,
        lambda w, p, f: w.people.merge_people(CALL, p, [p]),
    ),
    "merge of somebody unknown": (
        PersonNotFoundError,
        lambda w, p, f: w.people.merge_people(CALL, p, ["p_nope"]),
    ),
    "merge into somebody unknown": (
        PersonNotFoundError,
        lambda w, p, f: w.people.merge_people(CALL, "p_nope", [p]),
    ),
    "delete somebody unknown": (
        PersonNotFoundError,
        lambda w, p, f: w.people.delete_person(CALL, "p_nope"),
    ),
    "mark nothing": (
        InvalidRequestError,
        lambda w, p, f: w.hands.mark_faces(CALL, [], MarkKind.STRANGER),
    ),
    "mark a face that is not there": (
        FaceNotFoundError,
        lambda w, p, f: w.hands.mark_faces(CALL, [f, "nope"], MarkKind.STRANGER),
    ),
    "refuse nobody": (
        InvalidRequestError,
        lambda w, p, f: w.hands.mark_faces(CALL, [f], NOT_THIS),
    ),
    "refuse somebody unknown": (
        PersonNotFoundError,
        lambda w, p, f: w.hands.mark_faces(CALL, [f], NOT_THIS, person_id="p_nope"),
    ),
    "a stranger to somebody": (
        InvalidRequestError,
        lambda w, p, f: w.hands.mark_faces(CALL, [f], MarkKind.STRANGER, person_id=p),
    ),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_what_is_refused_leaves_everything_as_it_was(world: World, what: str) -> None:
    ann = await person(world, 0, name="Ann")
    (free,) = await world.album(1, 1)
    placed, sequence = await world.placed(), await world.sequence()
    error, action = REFUSED[what]
    with pytest.raises(error):
        await action(world, ann, free)
    assert await world.sequence() == sequence
    assert await world.placed() == placed
