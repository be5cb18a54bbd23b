"""Every refused call leaves the store as it was: no table has a new version."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from facefolk.v1 import admin_pb2, clustering_pb2, people_pb2, recognition_pb2
from facefolk.v1.resources_pb2 import ROUND_STATE_WAITING
from grpc import StatusCode
from integration.people.album import ROUND_MODE_ALL, ROUND_MODE_MISSING, Album, ids
from integration.people.refused_calls import REFUSED, Ground

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def ground(new_album: Callable[[], Album]) -> Ground:
    album = new_album()
    amy, raj, stuart = (album.who(name) for name in ("amy", "raj", "stuart"))
    (face,), (other,) = (ids(album.portraits(name))[:1] for name in ("amy", "raj"))
    done = album.round()
    cancelled = album.round(preview=True)
    album.ask("CancelRound", round_id=cancelled.round_id)
    outdated = album.round(ROUND_MODE_ALL, preview=True, settings={"min_recognized_faces": 6})
    album.named(amy, name="Amy")
    undone = album.events()[0].event_id
    album.undo(undone)
    album.named(raj, name="Raj")
    blocked = album.events()[0].event_id
    album.named(raj, name="Rajesh")
    album.ask("MergePeople", target_person_id=amy, source_person_ids=[stuart])
    album.ask("UnassignFaces", face_ids=[other], request_id="used")
    settled, asked, *_ = album.ask("ListSuggestions").suggestions
    album.ask(
        "AnswerSuggestion", suggestion_id=settled.suggestion_id, answer="SUGGESTION_ANSWER_YES"
    )
    bundle = b"".join(reply.chunk for reply in album.ask("ExportPeople"))
    return Ground(
        album, amy, raj, stuart, face, other, done.round_id, cancelled.round_id,
        outdated.round_id, undone, blocked, asked.suggestion_id, settled.suggestion_id, bundle,
    )  # fmt: skip


def test_every_method_that_changes_something_is_refused_somewhere() -> None:
    changing = {
        method.name
        for module in (admin_pb2, clustering_pb2, people_pb2, recognition_pb2)
        for service in module.DESCRIPTOR.services_by_name.values()
        for method in service.methods
        if "request_id" in method.input_type.fields_by_name
    }
    assert {method for method, *_ in REFUSED.values()} == changing | {
        "CancelRound",
        "ImportPeople",
        "UpdateSettings",
    }


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_refused_leaves_every_table_as_it_was(ground: Ground, what: str) -> None:
    method, code, fields = REFUSED[what]
    album = ground.album
    versions, placed = album.table_versions(), album.placed()
    told = album.refused(method, **fields(ground))
    assert told.code == code, told
    assert told.message
    assert told.reason
    assert album.table_versions() == versions
    assert album.placed() == placed
    assert len(versions) >= 4


def test_a_second_round_is_refused_while_one_waits(ground: Ground, photos: Path) -> None:
    album = ground.album
    with album.streaming((photos / "bbt/amy/amy2.png").read_bytes()):
        started = album.ask("StartRound", mode=ROUND_MODE_MISSING)
        assert started.state == ROUND_STATE_WAITING
        versions = album.table_versions()
        for method, fields in {
            "StartRound": {"mode": ROUND_MODE_ALL},
            "CommitRound": {"round_id": ground.outdated},
        }.items():
            told = album.refused(method, **fields)
            assert (told.code, told.reason) == (StatusCode.FAILED_PRECONDITION, "ROUND_RUNNING")
        assert album.table_versions() == versions
        album.ask("CancelRound", round_id=started.round_id)
