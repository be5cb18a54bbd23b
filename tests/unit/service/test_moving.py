"""People survive moving to another server, and come in from elsewhere."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from facefolk_server.errors import InvalidRequestError
from facefolk_server.service.assets import AssetFilter
from facefolk_server.service.moving.plan import ImportReport
from facefolk_server.service.paging import PageRequest
from facefolk_server.service.people import PersonFields
from facefolk_server.service.search import Probe
from facefolk_server.service.settings_update import SettingsFields
from facefolk_server.service.suggestions.questions import Answer, merge_of
from facefolk_server.store import BundledFace, read_bundle, write_bundle
from facefolk_server.types import (
    Assignment,
    BoundingBox,
    EventKind,
    MarkKind,
    Person,
    RoundMode,
)
from unit.service.world import CALL, Seen, World, look


@pytest.fixture
async def other(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path / "other")
    yield made
    await made.close()


async def stream(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), 1000):
        yield data[start : start + 1000]


async def exported(world: World, *, embeddings: bool = False) -> bytes:
    pieces = world.moving.export_people(CALL, include_embedding=embeddings)
    return b"".join([piece async for piece in pieces])


async def imported(world: World, data: bytes) -> ImportReport:
    return await world.moving.import_bundle(CALL, stream(data))


async def lines(world: World, *told: dict[str, Any]) -> ImportReport:
    data = b"\n".join(json.dumps(one).encode() for one in told)
    return await world.moving.import_json_lines(CALL, stream(data))


async def said(world: World) -> dict[str, Any]:
    """All that moves."""

    def look_at(reading):  # type: ignore[no-untyped-def]
        state = reading.state
        people = {
            p.person_id: (p.name, p.birth_date, p.hidden, p.favorite, p.feature_face_id)
            for p in state.people.values()
        }
        placed = {i: (p.person_id, p.assignment) for i, p in state.placements.items()}
        return {
            "people": people,
            "placed": {i: p for i, p in placed.items() if p[0]},
            "marks": dict(state.marked),
            "apart": reading.apart,
        }

    return await world.libraries.read(CALL, look_at)


async def album_with_people(world: World) -> list[list[str]]:
    ids = [await world.album(who, 4) for who in range(3)]
    await world.round()
    placed = await world.placed()
    ann, bob = placed[ids[0][0]], placed[ids[1][0]]
    assert ann is not None
    assert bob is not None
    fields = PersonFields("Ann", date(1990, 1, 31), favorite=True, feature_face_id=ids[0][1])
    await world.people.update_person(CALL, ann, fields)
    await world.people.update_person(CALL, bob, PersonFields("Bob", hidden=True))
    await world.hands.assign_faces(CALL, ids[0][:1], person_id=ann)
    await world.hands.mark_faces(CALL, ids[2][:1], MarkKind.NOT_THIS_PERSON, person_id=ann)
    await world.hands.mark_faces(CALL, ids[2][3:], MarkKind.STRANGER)
    two = merge_of(ann, bob).suggestion_id
    await world.suggestions.answer_suggestion(CALL, two, Answer.NO)
    return ids


async def test_people_survive_a_move_to_a_server_with_the_same_pictures(
    world: World, other: World
) -> None:
    await album_with_people(world)
    before = await said(world)
    data = await exported(world)
    for who in range(3):
        await other.album(who, 4)
    report = await imported(other, data)
    assert await said(other) == before
    assert report == ImportReport(3, 0, 11, 2, 0, ())
    # Once more changes nothing, not even the history.
    sequence = await other.sequence()
    assert await imported(other, data) == ImportReport()
    assert await other.sequence() == sequence
    page = await other.history.list_events(CALL, PageRequest(1))
    assert page.items[0].event.kind is EventKind.PEOPLE_IMPORTED
    await other.history.undo_event(CALL, page.items[0].event.sequence)
    assert (await said(other))["people"] == {}
    assert (await said(other))["apart"] == frozenset()


async def test_people_move_where_a_round_has_gathered_the_same_faces(
    world: World, other: World
) -> None:
    ids = await album_with_people(world)
    before = await said(world)
    for who in range(3):
        await other.album(who, 5)
    await other.round()
    report = await imported(other, await exported(world))
    after = await said(other)
    assert after["people"] == before["people"]  # with their ids; nobody is there twice
    assert report.people_created == 3
    # Faces that only the new server has stay with those whom most of theirs are.
    assert len(after["placed"]) == 14
    assert {p for p, _ in after["placed"].values()} == set(before["people"])
    assert after["placed"][ids[0][0]][1] is Assignment.MANUAL
    await other.round(RoundMode.ALL)
    assert {p[0] for p in (await said(other))["people"].values()} >= {"Ann", "Bob"}


async def test_people_move_before_the_pictures_do_if_embeddings_go_with_them(
    world: World, other: World
) -> None:
    ids = await album_with_people(world)
    before = await said(world)
    bare = await imported(other, await exported(world))
    assert (bare.people_created, bare.faces_assigned, bare.faces_added) == (2, 0, 0)
    assert len(bare.unmatched) == 12
    assert "never submitted here" in bare.unmatched[0]
    whole = await imported(other, await exported(world, embeddings=True))
    assert (whole.people_created, whole.faces_assigned, whole.faces_added) == (1, 11, 12)
    after = await said(other)
    assert after["placed"] == before["placed"]
    assert after["marks"] == before["marks"]
    stale = await other.assets.list_assets(CALL, PageRequest(), which=AssetFilter.STALE)
    assert len(stale.items) == 12
    found = await other.search.search(CALL, Probe(face_id=ids[0][0]), k=3)
    assert len(found[0].hits) == 3
    # The pictures come, are seen a little differently, and the faces are still theirs.
    await other.submit("0-0.jpg", Seen(11, look(0)))
    assert (await said(other))["placed"] == before["placed"]
    assert await other.faces.thumbnail(CALL, face_id=ids[0][0])


async def test_embeddings_of_another_pack_are_not_taken(world: World, other: World) -> None:
    await album_with_people(world)
    data = await exported(world, embeddings=True)
    await other.admin.update_settings(CALL, SettingsFields(pack="dlib"))
    report = await imported(other, data)
    assert (report.faces_added, report.people_created) == (0, 2)
    # Faces that the other pack found in the same places are the same.
    for number in range(4):
        await other.submit(f"0-{number}.jpg", Seen(12, look(3)))
    assert (await imported(other, data)).faces_assigned == 4


async def test_what_users_said_here_stays(world: World, other: World) -> None:
    ids = await album_with_people(world)
    data = await exported(world)
    ann = (await said(world))["placed"][ids[0][0]][0]
    for who in range(3):
        await other.album(who, 4)
    await other.hands.assign_faces(CALL, ids[0][:2], new_person=PersonFields("Zoe"))
    await other.hands.mark_faces(CALL, ids[1][:1], MarkKind.NOT_A_FACE)
    await other.hands.assign_faces(CALL, ids[2][3:], new_person=PersonFields("Yves"))
    before = await said(other)
    report = await imported(other, data)
    after = await said(other)
    for face_id in (*ids[0][:2], ids[2][3]):
        assert after["placed"][face_id] == before["placed"][face_id]
    assert ids[1][0] not in after["placed"]
    assert after["placed"][ids[0][2]][0] == ann
    assert after["people"][ann][4] == ""  # its feature face is somebody else's here
    told = "\n".join(report.unmatched)
    assert "assigned by hand" in told
    assert "NOT_A_FACE" in told
    assert "STRANGER" in told


async def test_somebody_whose_last_faces_are_marked_away_stays_for_the_marks(
    world: World, other: World
) -> None:
    ids = await world.album(0, 4)
    await other.album(0, 4)
    await world.round()
    await imported(other, await exported(world))
    person = (await other.placed())[ids[0]]
    assert person is not None
    await world.hands.mark_faces(CALL, ids, MarkKind.NOT_THIS_PERSON, person_id=person)
    await imported(other, await exported(world))
    after = await said(other)
    assert after["marks"] == (await said(world))["marks"]
    assert (set(after["people"]), after["placed"]) == ({person}, {})


async def test_somebody_new_comes_for_the_marks_where_the_faces_cannot(
    world: World, other: World
) -> None:
    ids = await world.album(0, 4)
    (stranger,) = await world.album(1, 1)
    await world.round()
    person = (await world.placed())[ids[0]]
    assert person is not None
    await world.hands.mark_faces(CALL, [stranger], MarkKind.NOT_THIS_PERSON, person_id=person)
    await other.album(0, 4)
    await other.album(1, 1)
    await other.hands.mark_faces(CALL, ids, MarkKind.NOT_A_FACE)
    await imported(other, await exported(world))
    after = await said(other)
    assert (set(after["people"]), after["placed"]) == ({person}, {})
    assert {mark.person_id for mark in after["marks"][stranger]} == {person}


async def test_names_and_dates_of_the_same_person_are_not_overwritten(
    world: World, other: World
) -> None:
    ids = await album_with_people(world)
    data = await exported(world)
    for who in range(3):
        await other.album(who, 4)
    await imported(other, data)
    ann = (await said(world))["placed"][ids[0][0]][0]
    await other.people.update_person(CALL, ann, PersonFields("Anna"), mask=["name"])
    report = await imported(other, data)
    assert (await said(other))["people"][ann][0] == "Anna"
    assert any("'Ann' there and 'Anna' here" in one for one in report.unmatched)


async def test_a_person_of_the_same_name_with_the_same_faces_is_that_person(
    world: World, other: World
) -> None:
    ids = await album_with_people(world)
    data = await exported(world)
    for who in range(3):
        await other.album(who, 4)
    await other.round()
    here = (await other.placed())[ids[0][0]]
    assert here is not None
    await other.people.update_person(CALL, here, PersonFields("ANN"))
    report = await imported(other, data)
    people = (await said(other))["people"]
    assert people[here][:2] == ("ANN", date(1990, 1, 31))
    assert sorted(p[0] for p in people.values()) == ["", "ANN", "Bob"]
    assert (report.people_created, report.people_updated) == (2, 1)


def box_line(asset: str, name: str, **more: Any) -> dict[str, Any]:
    """A box a little beside the face at (10, 10) to (30, 30) of 400 x 100 pixels."""
    box = [22.0, 18.0, 62.0, 58.0]  # at twice the size
    return {
        "asset_id": asset, "name": name, "box": box, "image_width": 800,
        "image_height": 200,
    } | more  # fmt: skip


async def test_names_come_with_boxes_from_elsewhere(world: World) -> None:
    ids = [await world.album(who, 4) for who in range(2)]
    await world.round()
    placed = await world.placed()
    report = await lines(
        world,
        box_line("0-0.jpg", "Ann", birth_date="1990-01-31", favorite=True),
        box_line("0-1.jpg", "Ann", feature=True),
        box_line("0-2.jpg", "Ann", manual=False),
        box_line("1-0.jpg", "Bob", person="b", hidden=True),
        box_line("1-1.jpg", "", person="b"),
        box_line("nope.jpg", "Ann"),
        box_line("1-2.jpg", "Eve", box=[300, 20, 340, 60]),
    )
    # Those whom a round gathered get the name, with all their faces.
    after = await said(world)
    ann = placed[ids[0][0]]
    assert after["people"][ann] == ("Ann", date(1990, 1, 31), False, True, ids[0][1])
    assert {p[0] for p in after["people"].values()} == {"Ann", "Bob"}
    assert await world.placed() == placed
    assert after["placed"][ids[0][0]][1] is Assignment.MANUAL
    assert after["placed"][ids[0][2]][1] is Assignment.AUTOMATIC
    assert (report.people_created, report.people_updated, report.faces_assigned) == (0, 2, 4)
    assert len(report.unmatched) == 2
    assert "'nope.jpg'" in report.unmatched[0]
    assert "'1-2.jpg': no face found here" in report.unmatched[1]
    again = await lines(world, box_line("0-0.jpg", "ann"), box_line("0-3.jpg", "Ann"))
    assert again == ImportReport(faces_assigned=1)


async def test_two_of_one_name_are_told_apart_by_their_key(world: World) -> None:
    ids = [*(await world.album(0, 1)), *(await world.album(1, 1))]
    await lines(
        world,
        box_line("0-0.jpg", "Ann", person="uuid 1"),
        box_line("1-0.jpg", "Ann", person="uuid 2"),
    )
    placed = await world.placed()
    assert None not in placed.values()
    assert placed[ids[0]] != placed[ids[1]]


WRONG: dict[str, bytes] = {
    "not JSON": b"{",
    "no JSON object": b"[]",
    "name is missing": b'{"asset_id": "a", "box": [], "image_width": 1, "image_height": 1}',
    "not known here": json.dumps(box_line("a", "b", nmae="c")).encode(),
    "box is empty": json.dumps(box_line("a", "b", box=[5, 5, 5, 9])).encode(),
    "box is not": json.dumps(box_line("a", "b", box=[5, 5, 9])).encode(),
    "box is no number": json.dumps(box_line("a", "b", box=[5, 5, 9, "x"])).encode(),
    "image_width is no number": json.dumps(box_line("a", "b", image_width=0)).encode(),
    "image_height is no number": b'{"asset_id": "a", "name": "b", "box": [0, 0, 1, 1], '
    b'"image_width": 9, "image_height": NaN}',
    "hidden is neither": json.dumps(box_line("a", "b", hidden=1)).encode(),
    "name is no text": json.dumps({**box_line("a", "b"), "name": 1}).encode(),
    "no person is given": json.dumps(box_line("a", "")).encode(),
    "asset_id is empty": json.dumps(box_line("", "b")).encode(),
    "no YYYY-MM-DD": json.dumps(box_line("a", "b", birth_date="31.1.1990")).encode(),
    "in the future": json.dumps(box_line("a", "b", birth_date="2999-01-01")).encode(),
    "longer than": b'{"asset_id": "' + b"a" * 70_000 + b'"}',
    "UTF-8": b'{"asset_id": "\xff"}',
}


@pytest.mark.parametrize("why", WRONG)
async def test_a_wrong_line_is_named_and_nothing_is_imported(world: World, why: str) -> None:
    await world.album(0, 1)
    sequence = await world.sequence()
    data = json.dumps(box_line("0-0.jpg", "Ann")).encode() + b"\n\n" + WRONG[why]
    with pytest.raises(InvalidRequestError, match=f"Line 3: .*{why}"):
        await world.moving.import_json_lines(CALL, stream(data))
    assert await world.sequence() == sequence


async def test_a_bundle_with_ids_or_values_that_cannot_be_is_refused(world: World) -> None:
    await album_with_people(world)
    bundle = read_bundle(io.BytesIO(await exported(world, embeddings=True)))
    face = bundle.faces[0]

    def with_face(**changed: Any) -> bytes:
        some = BundledFace(replace(face.face, **changed), face.placement, face.embedding)
        return b"".join(write_bundle(bundle.header, bundle.people, [some], bundle.marks))

    wrong = [
        with_face(face_id="x') OR ('1'='1"),
        with_face(asset_id="a\x00b"),
        with_face(image_width=0),
        with_face(frame_offset_us=-1),
        with_face(box=BoundingBox(0, 0, float("nan"), 1)),
        with_face(score=float("inf")),
        b"".join(write_bundle(bundle.header, [Person("p_1'")], [], [])),
        b"".join(
            write_bundle(
                bundle.header,
                bundle.people,
                [BundledFace(face.face, face.placement, np.ones(8, np.float32))],
                [],
            )
        ),
    ]
    sequence = await world.sequence()
    for data in wrong:
        with pytest.raises(InvalidRequestError):
            await imported(world, data)
    assert await world.sequence() == sequence
