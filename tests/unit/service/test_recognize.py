from __future__ import annotations

import asyncio
import threading
from dataclasses import replace

import numpy as np
import pytest
from facefolk_server.errors import (
    DeadlineError,
    InvalidImageError,
    InvalidRequestError,
    OverloadedError,
)
from facefolk_server.service.admin import SettingsFields
from facefolk_server.service.assets import AssetFilter
from facefolk_server.service.paging import PageRequest
from facefolk_server.service.people import PersonFields
from facefolk_server.service.recognition import FrameSubmission
from facefolk_server.service.views import ImageFaces
from facefolk_server.types import AssetState, Assignment, Looks, RoundMode
from facefolk_server.vision.calibration import calibration_of
from unit.service.world import CALL, Seen, World, look, picture


def ids(reply: ImageFaces) -> list[str]:
    return [face.view.face.face_id for face in reply.faces]


async def test_stores_what_it_finds_highest_score_first(world: World) -> None:
    reply = await world.submit(
        "a.jpg", Seen(10, look(0), score=0.8), Seen(100, look(1), score=0.95)
    )
    assert [round(f.view.face.score, 2) for f in reply.faces] == [0.95, 0.8]
    assert (reply.width, reply.height, reply.pack) == (400, 100, "open")
    assert {"queue", "decode", "detect", "store"} <= set(reply.timings)
    stored = await world.stored(asset_id="a.jpg")
    assert [view.face.face_id for view in stored] == ids(reply)[::-1]
    assert all(view.placement.person_id is None for view in stored)
    assert await world.sequence() == 0


async def test_the_same_again_gives_the_same_ids_and_people(world: World) -> None:
    first = await world.album(0, 4)
    await world.round()
    people = await world.placed()
    assert len(set(people.values())) == 1
    sequence = await world.sequence()
    assert await world.album(0, 4) == first
    assert await world.placed() == people
    assert await world.sequence() == sequence


async def test_a_dry_run_stores_nothing(world: World) -> None:
    reply = await world.submit("a.jpg", Seen(10, look(0)), dry_run=True, include_embedding=True)
    view = reply.faces[0].view
    assert (view.face.face_id, view.face.asset_id) == ("", "")
    assert view.embedding is not None
    assert view.embedding.tolist() == pytest.approx(look(0))
    assert await world.stored() == []
    assert (await world.assets.list_assets(CALL, PageRequest())).total_size == 0


async def test_a_moved_face_keeps_its_id_also_at_another_size(world: World) -> None:
    before = await world.submit("a.jpg", Seen(10, look(0)))
    after = await world.submit("a.jpg", Seen(22, look(0), y=22, side=40), width=800)
    assert ids(after) == ids(before)
    (view,) = await world.stored(asset_id="a.jpg")
    assert view.face.image_width == 800
    assert view.face.create_time == before.faces[0].view.face.create_time


async def test_a_manual_face_stays_undetected_and_takes_the_next_detection(
    world: World,
) -> None:
    (face_id,) = ids(await world.submit("a.jpg", Seen(10, look(0))))
    ann = await world.hands.assign_faces(CALL, [face_id], new_person=PersonFields(name="Ann"))
    assert ids(await world.submit("a.jpg")) == []
    (view,) = await world.stored(asset_id="a.jpg")
    assert view.face.face_id == face_id
    assert view.placement.assignment is Assignment.MANUAL
    asset = await world.assets.get_asset(CALL, "a.jpg")
    assert asset.face_count == 1
    reply = await world.submit("a.jpg", Seen(12, look(0)))
    assert ids(reply) == [face_id]
    assert reply.faces[0].view.placement.person_id == ann.person.person.person_id


async def test_a_face_that_goes_leaves_its_automatic_person(world: World) -> None:
    face_ids = await world.album(0, 3)
    await world.round()
    (person_id,) = set((await world.placed()).values())
    assert person_id is not None
    await world.submit("0-0.jpg")
    assert set(await world.placed()) == set(face_ids[1:])
    assert (await world.people.get_person(CALL, person_id)).face_count == 2
    for asset in ("0-1.jpg", "0-2.jpg"):
        await world.submit(asset)
    # Nobody ever said anything about this person, and nobody is left of it.
    everybody = await world.people.list_people(CALL, PageRequest(), include_hidden=True)
    assert everybody.total_size == 0
    state = await world.libraries.read(CALL, lambda reading: dict(reading.state.people))
    assert state == {}


async def test_a_named_person_stays_without_faces(world: World) -> None:
    await world.album(0, 3)
    await world.round()
    (person_id,) = set((await world.placed()).values())
    assert person_id is not None
    await world.people.update_person(CALL, person_id, PersonFields(name="Ann"))
    for asset in ("0-0.jpg", "0-1.jpg", "0-2.jpg"):
        await world.submit(asset)
    view = await world.people.get_person(CALL, person_id)
    assert (view.face_count, view.asset_count, view.feature_face_id) == (0, 0, "")


async def test_another_pack_takes_over_ids_and_people_by_overlap(world: World) -> None:
    old = await world.album(0, 3)
    await world.round()
    people = await world.placed()
    await world.admin.update_settings(CALL, SettingsFields(pack="dlib"))
    stale = await world.assets.list_assets(CALL, PageRequest(), which=AssetFilter.STALE)
    assert stale.total_size == 3
    assert await world.album(0, 3) == old
    assert await world.placed() == people
    assert {view.face.pack for view in await world.stored()} == {"dlib"}
    stale = await world.assets.list_assets(CALL, PageRequest(), which=AssetFilter.STALE)
    assert stale.total_size == 0


async def test_tells_the_nearest_person_that_a_core_face_stands_for(world: World) -> None:
    await world.album(0, 3)
    await world.round()
    reply = await world.submit("new.jpg", Seen(10, look(0, off=0.05)), Seen(100, look(1)))
    near, far = reply.faces
    assert near.match is not None
    assert 0 <= near.match.distance < 0.01
    assert near.match.person_id in set((await world.placed()).values())
    assert far.match is None


async def test_a_match_is_told_how_likely_it_is(world: World) -> None:
    await world.album(0, 3)
    await world.round()
    close, off = (
        await world.submit("new.jpg", Seen(10, look(0)), Seen(100, look(0, off=1.0)))
    ).faces
    assert close.match is not None
    assert off.match is not None
    assert close.match.distance < 0.01 < 0.3 < off.match.distance
    curve = calibration_of("open", recommended_distance=0.5)
    for match in (close.match, off.match):
        assert match.probability == curve.probability(match.distance, candidates=1)
    assert off.match.probability < close.match.probability


async def test_with_the_gate_poor_faces_stand_for_nobody(world: World) -> None:
    for number in range(3):
        await world.submit(f"{number}.jpg", Seen(10, look(0), quality=0.3))
    await world.round()
    seen = Seen(10, look(0))
    assert (await world.submit("n.jpg", seen, dry_run=True)).faces[0].match is not None
    await world.admin.update_settings(CALL, SettingsFields(quality_gate=True))
    assert (await world.submit("n.jpg", seen, dry_run=True)).faces[0].match is None
    await world.round(RoundMode.ALL)
    assert set((await world.placed()).values()) == {None}
    for number in range(3):
        await world.submit(f"good {number}.jpg", Seen(10, look(0), quality=0.5))
    await world.round()
    assert len(set((await world.placed()).values())) == 1
    assert (await world.submit("n.jpg", seen, dry_run=True)).faces[0].match is not None


async def test_hidden_people_are_no_matches_unless_asked_for(world: World) -> None:
    await world.album(0, 3)
    await world.round()
    (person_id,) = set((await world.placed()).values())
    assert person_id is not None
    await world.people.update_person(CALL, person_id, PersonFields(hidden=True))
    seen = Seen(10, look(0))
    assert (await world.submit("n.jpg", seen, dry_run=True)).faces[0].match is None
    told = await world.submit("n.jpg", seen, dry_run=True, include_hidden=True)
    assert told.faces[0].match is not None
    assert told.faces[0].match.person_id == person_id


async def test_a_lone_face_stands_for_its_person_only_by_hand(world: World) -> None:
    (face_id,) = ids(await world.submit("a.jpg", Seen(10, look(0))))
    again = await world.submit("b.jpg", Seen(10, look(0)))
    assert again.faces[0].match is None
    await world.hands.assign_faces(CALL, [face_id], new_person=PersonFields())
    again = await world.submit("b.jpg", Seen(10, look(0)))
    assert again.faces[0].match is not None
    assert again.faces[0].match.face_id == face_id
    own = await world.submit("a.jpg", Seen(10, look(0)))
    assert own.faces[0].match is None  # it is not its own match


async def test_a_frame_that_cannot_be_read_is_noted_and_keeps_its_faces(world: World) -> None:
    before = await world.submit("a.jpg", Seen(10, look(0)), content_digest="one")
    for data in (picture(note="broken"), b"text"):
        with pytest.raises(InvalidImageError):
            await world.submit("a.jpg", data=data, content_digest="two")
    failed = await world.assets.list_assets(CALL, PageRequest(), which=AssetFilter.FAILED)
    (asset,) = failed.items
    frame = asset.frames[0].frame
    assert (frame.state, frame.content_digest, frame.face_count) == (
        AssetState.FAILED,
        "two",
        1,
    )
    assert frame.error
    assert [view.face.face_id for view in await world.stored()] == ids(before)
    await world.submit("a.jpg", Seen(10, look(0)), content_digest="two")
    failed = await world.assets.list_assets(CALL, PageRequest(), which=AssetFilter.FAILED)
    assert failed.total_size == 0


async def test_a_failed_dry_run_notes_nothing(world: World) -> None:
    with pytest.raises(InvalidImageError):
        await world.submit("a.jpg", data=b"text", dry_run=True)
    assert (await world.assets.list_assets(CALL, PageRequest())).total_size == 0


@pytest.mark.parametrize(
    "given",
    [
        {"asset_id": ""},
        {"asset_id": "x" * 10_000},
        {"asset_id": "a\x00b"},
        {"asset_id": "a", "frame_offset_us": -1},
        {"asset_id": "a", "frame_offset_us": 2**60},
        {"asset_id": "a", "content_digest": "x" * 129},
    ],
)
async def test_refuses_bad_fields(world: World, given: dict[str, object]) -> None:
    asset_id = str(given.pop("asset_id"))
    with pytest.raises(InvalidRequestError):
        await world.submit(asset_id, Seen(10, look(0)), **given)
    assert (await world.assets.list_assets(CALL, PageRequest())).total_size == 0


async def test_refuses_a_bad_library(world: World) -> None:
    call = replace(CALL, library_id="../up")
    with pytest.raises(InvalidRequestError):
        await world.recognition.recognize(call, FrameSubmission("a", picture()))


async def test_libraries_do_not_know_each_other(world: World) -> None:
    other = replace(CALL, library_id="other")
    await world.submit("a.jpg", Seen(10, look(0)))
    reply = await world.recognition.recognize(
        other, FrameSubmission("a.jpg", picture(Seen(10, look(0))))
    )
    (view,) = await world.stored()
    assert view.face.face_id != reply.faces[0].view.face.face_id


async def test_frames_of_a_film_are_apart(world: World) -> None:
    await world.submit("f.mp4", Seen(10, look(0)), frame_offset_us=2_000_000)
    await world.submit("f.mp4", Seen(10, look(0)), Seen(90, look(1)))
    asset = await world.assets.get_asset(CALL, "f.mp4")
    assert [f.frame.frame_offset_us for f in asset.frames] == [0, 2_000_000]
    assert asset.face_count == 3
    stored = await world.stored(asset_id="f.mp4")
    assert [v.face.frame_offset_us for v in stored] == [0, 0, 2_000_000]


async def test_submissions_of_one_frame_at_once_agree(world: World) -> None:
    pictures = [(Seen(10 + i % 3, look(0)), Seen(100, look(1))) for i in range(12)]
    replies = await asyncio.gather(*(world.submit("a.jpg", *seen) for seen in pictures))
    assert len({frozenset(ids(reply)) for reply in replies}) == 1
    assert len(await world.stored()) == 2


async def test_two_servers_that_race_agree(world: World) -> None:
    twin = World.__new__(World)
    twin.__dict__ = dict(world.__dict__)
    # A recognition of its own has locks of its own, as another process would.
    from facefolk_server.service.frames.writer import FrameWriter

    twin.recognition = type(world.recognition)(
        libraries=world.libraries,
        resolver=world.recognition._resolver,
        desk=world.recognition._desk,
        writer=FrameWriter(world.libraries, clock=world.clock),
        gate=world.gate,
    )
    seen = (Seen(10, look(0)), Seen(100, look(1)))
    replies = await asyncio.gather(
        *(who.submit("a.jpg", *seen) for who in (world, twin) for _ in range(4))
    )
    assert len({frozenset(ids(reply)) for reply in replies}) == 1
    assert len(await world.stored()) == 2


async def test_past_its_deadline_nothing_is_begun(world: World) -> None:
    call = replace(CALL, deadline=0.0)
    with pytest.raises(DeadlineError):
        await world.recognition.recognize(call, FrameSubmission("a", picture()))
    assert (await world.assets.list_assets(CALL, PageRequest())).total_size == 0


async def test_a_cancelled_submission_that_is_being_written_is_whole(world: World) -> None:
    running, release = threading.Event(), threading.Event()

    def wait() -> None:
        running.set()
        release.wait()

    await world.submit("warm.jpg")
    world.source.pipelines["open"].before = wait
    task = asyncio.create_task(world.submit("a.jpg", Seen(10, look(0))))
    await asyncio.to_thread(running.wait)
    assert world.budget.load.requests == 1
    task.cancel()
    release.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert world.budget.load.requests == 0
    assert world.gate.in_flight("") == 0


async def test_the_budget_refuses_at_once(world: World) -> None:
    huge = picture(width=10**4, height=10**4)
    async with world.budget.admit(image_bytes=1, pixels=1):
        with pytest.raises(OverloadedError):
            await world.submit("a.jpg", data=huge)
    failed = await world.assets.list_assets(CALL, PageRequest(), which=AssetFilter.FAILED)
    assert failed.total_size == 0


async def test_detects_and_embeds_without_storing(world: World) -> None:
    found = await world.recognition.detect(CALL, picture(Seen(10, look(0), score=0.6)))
    assert found.faces == ()
    found = await world.recognition.detect(
        CALL, picture(Seen(10, look(0), score=0.6)), min_score=0.5
    )
    assert len(found.faces) == 1
    for bad in (float("nan"), -0.1, 1.1):
        with pytest.raises(InvalidRequestError):
            await world.recognition.detect(CALL, picture(), min_score=bad)
    made = await world.recognition.embed_faces(CALL, picture(), np.zeros((2, 5, 2), np.float32))
    assert made.vectors.shape == (2, 8)
    assert (made.pack, made.pack_digest) == ("open", "digest of open")
    made = await world.recognition.embed_crops(CALL, [picture(), picture(), picture()])
    assert made.vectors.shape == (3, 8)
    assert await world.stored() == []


async def test_a_pack_is_loaded_once_for_all_who_ask(world: World) -> None:
    await asyncio.gather(*(world.submit(f"{i}.jpg") for i in range(5)))
    assert world.source.loads == ["open"]
    assert world.pin.name == "open"


async def test_a_raised_minimum_score_makes_assets_stale(world: World) -> None:
    await world.submit("a.jpg", Seen(10, look(0), score=0.75))
    await world.admin.update_settings(CALL, SettingsFields(min_detection_score=0.8))
    asset = await world.assets.get_asset(CALL, "a.jpg")
    assert asset.frames[0].stale
    assert ids(await world.submit("a.jpg", Seen(10, look(0), score=0.75))) == []
    asset = await world.assets.get_asset(CALL, "a.jpg")
    assert not asset.frames[0].stale


async def test_further_looks_are_taken_and_make_assets_stale(world: World) -> None:
    await world.submit("a.jpg", Seen(10, look(0)))
    pipeline = world.source.pipelines["open"]
    assert pipeline.looks == Looks()
    await world.admin.update_settings(
        CALL, SettingsFields(find_close_faces=True, find_tiny_faces=True)
    )
    (frame,) = (await world.assets.get_asset(CALL, "a.jpg")).frames
    assert (frame.stale, frame.frame.looks) == (True, "")
    for call in (world.recognition.detect(CALL, picture()), world.submit("a.jpg")):
        pipeline.looks = None
        await call
        assert pipeline.looks == Looks(close=True, tiny=True)
    (frame,) = (await world.assets.get_asset(CALL, "a.jpg")).frames
    assert (frame.stale, frame.frame.looks) == (False, "close tiny")
    await world.admin.update_settings(CALL, SettingsFields(), mask=["find_tiny_faces"])
    (frame,) = (await world.assets.get_asset(CALL, "a.jpg")).frames
    assert frame.stale
