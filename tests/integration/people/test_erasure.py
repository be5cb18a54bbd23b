"""What is erased over the API is in no file of the server once its receipt says so."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from facefolk.v1.admin_pb2 import ERASURE_STATE_DONE, ERASURE_STATE_PENDING, Erasure
from facefolk.v1.resources_pb2 import MARK_KIND_NOT_THIS_PERSON, Face
from grpc import StatusCode
from integration.people.album import ROUND_MODE_ALL, Album, ids, ingest
from integration.servers import ServerFactory, ServerProcess
from integration.wire import Api
from unit.store.scanning import found, vector_bytes

pytestmark = [pytest.mark.models, pytest.mark.slow]
ASSET = "penny/penny2.png"
NAME = "Rajesh Ramayan"
PATIENCE_SECONDS = 120.0


@pytest.fixture
def server(servers: ServerFactory) -> ServerProcess:
    return servers(erasure_wait_seconds="0.2").start()


@pytest.fixture
def album(server: ServerProcess, photos: Path) -> Iterator[Album]:
    """The album in a library of a server that erases at once."""
    with server.channel() as channel:
        made = Album(server, Api(channel), "family")
        ingest(made.api, photos / "bbt", made.library_id)
        yield made


def needles_of(album: Album, faces: list[Face]) -> dict[str, bytes]:
    """What is to be looked for of some faces: their ids, embeddings and thumbnails."""
    wanted = {face.face_id for face in faces}
    told = album.faces(include_embedding=True, include_hidden=True)
    needles: dict[str, bytes] = {}
    for number, face in enumerate(face for face in told if face.face_id in wanted):
        vector = np.array(face.embedding.values, np.float32)
        picture = album.ask("GetThumbnail", face_id=face.face_id).image.data
        needles[f"id {number}"] = face.face_id.encode()
        needles[f"embedding {number}"] = vector_bytes(vector)
        needles[f"thumbnail {number}"] = picture
    assert len(needles) == 3 * len(faces)
    return needles


def done(album: Album, erasure_id: str) -> Erasure:
    """Wait for the end of an erasure and return its receipt."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while True:
        receipt = album.ask("GetErasure", erasure_id=erasure_id)
        if receipt.state == ERASURE_STATE_DONE:
            return receipt
        assert receipt.state == ERASURE_STATE_PENDING
        assert time.monotonic() < give_up, "the erasure does not come to its end"
        time.sleep(0.1)


def test_nothing_of_what_is_erased_is_left(album: Album, server: ServerProcess) -> None:
    album.round(ROUND_MODE_ALL)
    penny, raj, howard = (album.who(name) for name in ("penny", "raj", "howard"))
    album.named(raj, name="Somebody Else")
    album.named(raj, name=NAME)
    album.named(penny, name="Penny")
    pennys = album.person(penny).face_count
    assets = album.faces(asset_id=ASSET)
    rajs = album.faces(person_id=raj)
    album.ask("AssignFaces", face_ids=ids(assets), person_id=penny)
    album.ask(
        "MarkFaces",
        face_ids=ids(album.portraits("howard"))[:1],
        kind=MARK_KIND_NOT_THIS_PERSON,
        person_id=raj,
    )
    album.ask("UnassignFaces", face_ids=ids(rajs)[:2])
    album.undo(album.events()[0].event_id)
    needles = {
        "asset": ASSET.encode(),
        "person": raj.encode(),
        "name": NAME.encode(),
        "name before": b"Somebody Else",
        **{f"asset's {k}": needle for k, needle in needles_of(album, assets).items()},
        **{f"person's {k}": needle for k, needle in needles_of(album, rajs).items()},
    }
    # All of it is there to be found, so what is not found later is gone.
    assert set(found(server.data, needles)) == set(needles)
    kept = {face.face_id for face in album.faces()} - set(ids(assets)) - set(ids(rajs))

    deleted = album.ask("DeleteAssets", asset_ids=[ASSET])
    assert deleted.faces_deleted == len(assets)
    erased = album.ask("DeletePerson", person_id=raj, erase=True)
    assert erased.faces_changed == len(rajs)
    assert {face.face_id for face in album.faces()} == kept

    receipts = [done(album, one.erasure_id) for one in (deleted, erased)]
    assert found(server.data, needles) == {}
    assert [(r.assets_removed, r.faces_removed, r.people_removed) for r in receipts] == [
        (1, len(assets), 0),
        (0, len(rajs), 1),
    ]

    events = {event.kind: event.event_id for event in album.events()}
    for kind in ("assets_deleted", "person_erased"):
        refused = album.refused("UndoEvent", event_id=events[kind])
        assert refused.code is StatusCode.FAILED_PRECONDITION
        assert "erased for good" in refused.message
    assert album.refused("GetPerson", person_id=raj).code is StatusCode.NOT_FOUND
    assert album.person(penny).face_count == pennys - 1
    assert album.who("howard") == howard

    # Nor does a round, a change or a restart bring any of it back.
    album.round(ROUND_MODE_ALL)
    album.named(howard, name="Howard")
    assert found(server.data, needles) == {}
    assert server.stop() == 0
    assert found(server.data, needles) == {}
    again = ServerProcess(server.data, server.environment).start()
    try:
        with again.channel() as channel:
            restarted = Album(again, Api(channel), album.library_id)
            assert {face.face_id for face in restarted.faces()} == kept
            assert restarted.person(howard).name == "Howard"
        assert found(server.data, needles) == {}
    finally:
        again.stop()
