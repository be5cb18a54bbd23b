"""Erasing assets and people through the use cases."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from facefolk_server.errors import (
    AssetNotFoundError,
    ConflictError,
    ErasureNotFoundError,
    FaceNotFoundError,
    InvalidRequestError,
    PersonNotFoundError,
    PreviewOutdatedError,
    UndoError,
)
from facefolk_server.service.erasure import Receipt
from facefolk_server.service.paging import PageRequest
from facefolk_server.service.people import PersonFields
from facefolk_server.types import EventKind, MarkKind, RoundMode, RoundState
from unit.service.test_previews import preview
from unit.service.world import CALL, Seen, World, look
from unit.store.scanning import found, vector_bytes


async def finish(world: World, erasure_id: str) -> Receipt:
    for _ in range(50):
        await world.erasure.tick()
        receipt = await world.erasure.get_erasure(CALL, erasure_id)
        if receipt.done:
            return receipt
        await asyncio.sleep(0.01)
    raise AssertionError(receipt)


def needles(face_id: str, who: int, number: int, asset: str) -> dict[str, bytes]:
    vector = np.array(look(who, off=0.02 * number), np.float32)
    return {"vector": vector_bytes(vector), "face": face_id.encode(), "asset": asset.encode()}


async def test_assets_go_with_all_that_was_said_of_their_faces(
    world: World, tmp_path: Path
) -> None:
    ids = await world.album(0, 4)
    others = await world.album(1, 4)
    await world.round()
    placed = await world.placed()
    person_id = placed[ids[0]]
    assert person_id is not None
    await world.people.update_person(CALL, person_id, PersonFields("Annegret"))
    await world.hands.mark_faces(CALL, ids[:1], MarkKind.STRANGER)
    told = needles(ids[2], 0, 2, "0-2.jpg")
    assert found(tmp_path, told).keys() == told.keys()
    receipt = await world.erasure.delete_assets(CALL, ["0-2.jpg", "0-0.jpg", "0-2.jpg"])
    record = receipt.record
    assert not receipt.done
    assert (record.assets, record.faces, record.people) == (2, 2, 0)
    assert set(record.scope.face_ids) == {ids[0], ids[2]}
    after = await world.placed()
    assert after == {i: p for i, p in placed.items() if i not in (ids[0], ids[2])}
    with pytest.raises(AssetNotFoundError):
        await world.assets.get_asset(CALL, "0-2.jpg")
    with pytest.raises(FaceNotFoundError):
        await world.faces.thumbnail(CALL, face_id=ids[2])
    view = await world.people.get_person(CALL, person_id)
    assert (view.face_count, view.asset_count) == (2, 2)
    done = await finish(world, record.erasure_id)
    assert done.record.done_time is not None
    assert found(tmp_path, told) == {}
    assert set(await world.placed()) == set(after)
    assert {placed[i] for i in others} == {after[i] for i in others}
    await world.round(RoundMode.ALL)


async def test_a_person_goes_with_its_faces_and_its_assets_stay(
    world: World, tmp_path: Path
) -> None:
    ids = await world.album(0, 4)
    both = await world.submit("both.jpg", Seen(10, look(0, off=0.5, way=6)), Seen(100, look(1)))
    mine, other = (one.view.face.face_id for one in both.faces)
    await world.round()
    old = await world.hands.assign_faces(CALL, [mine], new_person=PersonFields("Ännchen"))
    merged = old.person.person.person_id
    person_id = (await world.placed())[ids[0]]
    assert person_id is not None
    await world.people.merge_people(CALL, person_id, [merged])
    etag = (await world.people.get_person(CALL, person_id)).etag
    told = {
        **needles(ids[2], 0, 2, person_id),
        "name": "Ännchen".encode(),
        "merged": merged.encode(),
    }
    assert found(tmp_path, told).keys() == told.keys()
    with pytest.raises(ConflictError):
        await world.erasure.erase_person(CALL, person_id, etag='"1"')
    receipt = await world.erasure.erase_person(CALL, person_id, etag=etag)
    assert set(receipt.record.scope.face_ids) == {*ids, mine}
    assert set(receipt.record.scope.person_ids) == {person_id, merged}
    assert receipt.record.scope.asset_ids == ()
    assert set(await world.placed()) == {other}
    asset = await world.assets.get_asset(CALL, "both.jpg")
    assert (asset.face_count, len(asset.frames)) == (1, 1)
    for gone in (person_id, merged):
        with pytest.raises(PersonNotFoundError):
            await world.people.get_person(CALL, gone)
    await finish(world, receipt.record.erasure_id)
    assert found(tmp_path, told) == {}
    # The pictures are still known and not stale; the face comes back only if sent again.
    assert (await world.assets.get_asset(CALL, "both.jpg")).face_count == 1
    await world.submit("0-2.jpg", Seen(10, look(0, off=0.04)))
    assert ids[2] in await world.placed()


async def test_people_without_a_name_go_with_their_last_face(world: World) -> None:
    await world.album(0, 3)
    await world.album(1, 3)
    await world.round()
    people = {p for p in (await world.placed()).values() if p}
    receipt = await world.erasure.delete_assets(CALL, [f"0-{n}.jpg" for n in range(3)])
    (gone,) = receipt.record.scope.person_ids
    assert people - {gone} == set((await world.placed()).values())


async def test_an_erasure_cannot_be_undone_and_is_in_the_history_without_ids(
    world: World,
) -> None:
    ids = await world.album(0, 3)
    ann = await world.hands.assign_faces(CALL, ids[1:], new_person=PersonFields("Ann"))
    await world.hands.assign_faces(CALL, ids[:1], person_id=ann.person.person.person_id)
    assigned = await world.sequence()
    receipt = await world.erasure.delete_assets(CALL, ["0-0.jpg"])
    page = await world.history.list_events(CALL, PageRequest(10))
    event = page.items[0].event
    assert event.kind is EventKind.ASSETS_DELETED
    assert event.detail["erasure_id"] == receipt.record.erasure_id
    assert ids[0] not in repr(page.items)
    sequence = await world.sequence()
    with pytest.raises(UndoError, match="erased for good"):
        await world.history.undo_event(CALL, event.sequence)
    with pytest.raises(UndoError, match="erased by now"):
        await world.history.undo_event(CALL, assigned)
    assert await world.sequence() == sequence


async def test_a_repeated_request_answers_the_first_receipt(world: World) -> None:
    await world.album(0, 3)
    call = replace(CALL, request_id="delete 1")
    one = await world.erasure.delete_assets(call, ["0-0.jpg"])
    again = await world.erasure.delete_assets(call, ["0-0.jpg"])
    assert again.record.erasure_id == one.record.erasure_id
    ann = await world.hands.create_person(
        CALL, PersonFields("Ann"), [(await world.stored())[0].face.face_id]
    )
    person_id = ann.person.person_id
    with pytest.raises(InvalidRequestError):
        await world.erasure.erase_person(call, person_id)
    world.clock.now += timedelta(hours=25)
    later = await world.erasure.delete_assets(call, ["0-1.jpg"])
    assert later.record.erasure_id != one.record.erasure_id


async def test_refusals_change_nothing(world: World) -> None:
    await world.album(0, 3)
    sequence = await world.sequence()
    with pytest.raises(AssetNotFoundError):
        await world.erasure.delete_assets(CALL, ["0-0.jpg", "nope.jpg"])
    for wrong in ([], [""], ["a"] * 1001):
        with pytest.raises(InvalidRequestError):
            await world.erasure.delete_assets(CALL, wrong)
    with pytest.raises(PersonNotFoundError):
        await world.erasure.erase_person(CALL, "p_nope")
    with pytest.raises(ErasureNotFoundError):
        await world.erasure.get_erasure(CALL, "e_nope")
    assert await world.sequence() == sequence
    assert len(await world.stored()) == 3


async def test_a_frame_that_is_being_submitted_is_erased_with_the_rest(world: World) -> None:
    await world.album(0, 1)
    vectors = [look(0, off=0.01 * n) for n in range(8)]
    results = await asyncio.gather(
        *(world.submit("0-0.jpg", Seen(10, vector)) for vector in vectors[:4]),
        world.erasure.delete_assets(CALL, ["0-0.jpg"]),
        *(world.submit("0-0.jpg", Seen(10, vector)) for vector in vectors[4:]),
    )
    record = results[4].record  # type: ignore[union-attr]
    await finish(world, record.erasure_id)
    stored = await world.stored()
    assert len(stored) <= 1
    frames = await world.libraries.read(CALL, lambda r: r.library.frames("0-0.jpg"))
    assert [frame.face_count for frame in frames] == [1] * len(stored)


async def test_a_round_that_runs_drops_what_is_erased_and_a_preview_is_outdated(
    world: World,
) -> None:
    await world.album(0, 4)
    view = await preview(world, RoundMode.MISSING)
    with world.gate.open(""):
        record = await world.rounds.start_round(CALL, RoundMode.MISSING)
        await world.erasure.delete_assets(CALL, ["0-0.jpg"])
    seen = [one async for one in world.rounds.watch_round(CALL, record.round_id)]
    assert seen[-1].state is RoundState.SUCCEEDED
    assert len({p for p in (await world.placed()).values() if p}) == 1
    with pytest.raises(PreviewOutdatedError):
        await world.rounds.commit_round(CALL, view.record.round_id)


async def test_backups_that_hold_it_are_named(world: World) -> None:
    await world.album(0, 2)
    await asyncio.to_thread(world.store.note_backup, "/backups/monday")
    receipt = await world.erasure.delete_assets(CALL, ["0-0.jpg"])
    await asyncio.to_thread(world.store.note_backup, "/backups/tuesday")
    assert receipt.backups == ("/backups/monday",)
    done = await finish(world, receipt.record.erasure_id)
    assert done.backups == ("/backups/monday",)
