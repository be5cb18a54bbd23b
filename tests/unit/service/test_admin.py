from __future__ import annotations

from dataclasses import replace

import pytest
from facefolk_server.errors import (
    ConflictError,
    InvalidRequestError,
    LicenseError,
    PackNotFoundError,
    StorageError,
)
from facefolk_server.service.admin import SettingsFields
from facefolk_server.service.paging import PageRequest
from facefolk_server.store.frames import FrameStore
from unit.service.world import CALL, World


async def test_settings_begin_with_the_packs_own(world: World) -> None:
    view = await world.admin.get_settings(CALL)
    settings = view.settings
    assert (settings.pack, settings.min_recognized_faces) == ("open", 3)
    assert settings.min_detection_score is None
    assert settings.max_recognition_distance is None
    assert settings.one_face_per_asset
    assert view.advice == ()


async def test_updates_what_is_given_or_named(world: World) -> None:
    begin = await world.admin.get_settings(CALL)
    one = await world.admin.update_settings(
        CALL,
        SettingsFields(max_recognition_distance=0.449999988, nightly_time="03:00"),
        etag=begin.etag,
    )
    assert one.settings.max_recognition_distance == 0.45
    assert one.settings.nightly_time == "03:00"
    assert one.settings.one_face_per_asset
    assert one.etag != begin.etag
    two = await world.admin.update_settings(
        CALL, SettingsFields(), mask=["one_face_per_asset", "max_recognition_distance"]
    )
    assert not two.settings.one_face_per_asset
    assert two.settings.max_recognition_distance is None
    assert two.settings.nightly_time == "03:00"
    with pytest.raises(ConflictError):
        await world.admin.update_settings(CALL, SettingsFields(chain_guard=True), etag=one.etag)


async def test_says_what_to_think_over(world: World) -> None:
    view = await world.admin.update_settings(
        CALL, SettingsFields(max_recognition_distance=0.75, min_detection_score=0.4)
    )
    assert len(view.advice) == 4


async def test_a_repeated_request_id_changes_nothing_more(world: World) -> None:
    call = replace(CALL, request_id="one")
    await world.admin.update_settings(call, SettingsFields(min_recognized_faces=5))
    await world.admin.update_settings(CALL, SettingsFields(min_recognized_faces=4))
    view = await world.admin.update_settings(call, SettingsFields(min_recognized_faces=5))
    assert view.settings.min_recognized_faces == 4


@pytest.mark.parametrize(
    ("fields", "mask"),
    [
        ({"min_detection_score": -0.1}, None),
        ({"min_detection_score": 1.1}, None),
        ({"min_detection_score": float("nan")}, None),
        ({"max_recognition_distance": 2.1}, None),
        ({"max_recognition_distance": float("inf")}, None),
        ({"min_recognized_faces": -1}, None),
        ({"min_recognized_faces": 0}, ["min_recognized_faces"]),
        ({"nightly_time": "25:00"}, None),
        ({"time_zone": "Mars/Olympus"}, None),
        ({}, ["etag"]),
    ],
)
async def test_refuses_values_and_masks(
    world: World, fields: dict[str, object], mask: list[str] | None
) -> None:
    with pytest.raises(InvalidRequestError):
        await world.admin.update_settings(
            CALL,
            SettingsFields(**fields),  # type: ignore[arg-type]
            mask=mask,
        )
    assert await world.sequence() == 0


async def test_a_pack_has_to_be_known_and_allowed(world: World) -> None:
    with pytest.raises(PackNotFoundError):
        await world.admin.update_settings(CALL, SettingsFields(pack="nope"))
    with pytest.raises(LicenseError):
        await world.admin.update_settings(CALL, SettingsFields(pack="bound"))
    assert await world.sequence() == 0
    view = await world.admin.update_settings(CALL, SettingsFields(pack="dlib"))
    assert view.settings.pack == "dlib"
    view = await world.admin.update_settings(CALL, SettingsFields(pack="auto"))
    assert view.settings.pack == "open"


async def test_lists_packs_and_which_is_in_use(world: World) -> None:
    page = await world.admin.list_packs(CALL, PageRequest(2))
    assert [(v.description.name, v.active) for v in page.items] == [
        ("bound", False),
        ("dlib", False),
    ]
    rest = await world.admin.list_packs(CALL, PageRequest(2, page.next_page_token))
    assert [(v.description.name, v.active) for v in rest.items] == [("open", True)]


async def test_tells_that_frames_cannot_be_written(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.album(0, 1)

    def full(*_: object) -> None:
        raise StorageError("the disk is full")

    monkeypatch.setattr(FrameStore, "write", full)
    with pytest.raises(StorageError):
        world.store.library(CALL.library_id)._intake.settle()
    (told,) = (w for w in (await world.admin.status(CALL)).warnings if "disk is full" in w)
    assert told.startswith("Library '' takes no frames")
    with pytest.raises(StorageError):
        await world.album(1, 1)
    monkeypatch.undo()
    await world.album(1, 1)
    assert not any("full" in warning for warning in (await world.admin.status(CALL)).warnings)


async def test_tells_how_far_the_pulling_is(world: World) -> None:
    steps = [step async for step in world.admin.pull_pack(CALL, "auto")]
    assert [step.progress and step.progress.bytes_done for step in steps] == [0, 50, 100, None]
    assert steps[-1].pack is not None
    assert steps[-1].pack.description.name == "open"
    with pytest.raises(PackNotFoundError):
        await anext(world.admin.pull_pack(CALL, "nope"))


async def test_tells_the_state_of_the_server(world: World) -> None:
    await world.album(0, 3)
    await world.round()
    await world.album(1, 2)
    status = await world.admin.status(CALL)
    assert (status.face_count, status.person_count, status.unassigned_face_count) == (5, 1, 2)
    assert status.version == "1.2.3"
    assert status.pack.description.name == "open"
    assert status.round is None
    assert status.requests_in_flight == 0
    assert "it answered NaN" in status.warnings[0]
    assert status.tables
