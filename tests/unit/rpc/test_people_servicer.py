"""PeopleService over real use cases and a real store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from facefolk.v1 import people_pb2 as pb
from facefolk.v1 import resources_pb2
from facefolk_server.errors import (
    ConflictError,
    InvalidRequestError,
    PersonNotFoundError,
    UnavailableError,
)
from facefolk_server.rpc.people import PeopleServicer
from facefolk_server.rpc.readiness import Readiness
from rpc_fakes import FakeContext, fake_services
from unit.service.world import CALL, World


@dataclass
class Api:
    world: World
    readiness: Readiness
    servicer: PeopleServicer

    async def __call__(self, method: str, request: Any) -> Any:
        return await getattr(self.servicer, method)(request, FakeContext())


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    world = World(tmp_path / "data")
    readiness = Readiness()
    services = {
        name: getattr(world, name)
        for name in (
            "people",
            "faces",
            "hands",
            "history",
            "explanations",
            "erasure",
            "suggestions",
        )
    }
    readiness.begin(fake_services(**services))
    yield Api(world, readiness, PeopleServicer(readiness))
    await world.close()


async def created(api: Api, who: int, name: str = "") -> resources_pb2.Person:
    faces = await api.world.album(who, 2)
    person = resources_pb2.Person(name=name, person_id="not looked at", face_count=99)
    made = await api("CreatePerson", pb.CreatePersonRequest(person=person, face_ids=faces))
    assert isinstance(made, resources_pb2.Person)
    return made


async def test_people_are_created_merged_and_deleted(api: Api) -> None:
    ann, bea = await created(api, 0, "Ann"), await created(api, 1, "Bea")
    assert (ann.face_count, ann.name) == (2, "Ann")
    merged = await api(
        "MergePeople",
        pb.MergePeopleRequest(
            target_person_id=ann.person_id, source_person_ids=[bea.person_id]
        ),
    )
    assert merged.person.face_count == 4
    assert len(merged.conflicts) == 1
    with pytest.raises(PersonNotFoundError):
        await api("GetPerson", pb.GetPersonRequest(person_id=bea.person_id))
    with pytest.raises(InvalidRequestError):
        await api("MergePeople", pb.MergePeopleRequest(source_person_ids=["p"]))
    reply = await api("DeletePerson", pb.DeletePersonRequest(person_id=ann.person_id))
    assert (reply.faces_changed, reply.erasure_id) == (4, "")
    with pytest.raises(PersonNotFoundError):
        await api("GetPerson", pb.GetPersonRequest(person_id=ann.person_id))


async def test_a_person_is_erased(api: Api) -> None:
    ann = await created(api, 0, "Ann")
    erase = pb.DeletePersonRequest(person_id=ann.person_id, erase=True, etag='"0"')
    with pytest.raises(ConflictError):
        await api("DeletePerson", erase)
    erase.etag = ann.etag
    reply = await api("DeletePerson", erase)
    assert reply.faces_changed == 2
    receipt = await api.world.erasure.get_erasure(CALL, reply.erasure_id)
    assert (receipt.record.faces, receipt.record.people) == (2, 1)
    assert await api.world.stored() == []


async def test_faces_are_marked(api: Api) -> None:
    ann = await created(api, 0)
    request = pb.MarkFacesRequest(
        face_ids=[ann.feature_face_id],
        kind=resources_pb2.MARK_KIND_NOT_THIS_PERSON,
        person_id=ann.person_id,
    )
    reply = await api("MarkFaces", request)
    (mark,) = reply.marks
    assert (mark.face_id, mark.kind, mark.person_id) == (
        ann.feature_face_id,
        resources_pb2.MARK_KIND_NOT_THIS_PERSON,
        ann.person_id,
    )
    assert "by hand" in reply.contradictions[0]
    request.kind = resources_pb2.MARK_KIND_NONE
    request.ClearField("person_id")
    assert not (await api("MarkFaces", request)).marks


async def test_history_is_listed_watched_and_undone(api: Api) -> None:
    ann, bea = await created(api, 0, "Ann"), await created(api, 1, "Bea")
    await api(
        "MergePeople",
        pb.MergePeopleRequest(
            target_person_id=ann.person_id, source_person_ids=[bea.person_id]
        ),
    )
    listed = await api("ListEvents", pb.ListEventsRequest(page_size=1))
    (merge,) = listed.events
    assert listed.next_page_token
    assert (merge.kind, merge.event_id, merge.actor) == ("people_merged", 3, "anonymous")
    assert set(merge.person_ids) == {ann.person_id, bea.person_id}
    assert (merge.faces_changed, len(merge.face_changes), merge.undoable) == (2, 2, True)
    assert merge.face_changes[0].person_id_before == bea.person_id
    assert merge.face_changes[0].person_id_after == ann.person_id
    gone = next(c for c in merge.person_changes if not c.HasField("after"))
    assert (gone.before.name, gone.before.person_id) == ("Bea", bea.person_id)
    undone = await api("UndoEvent", pb.UndoEventRequest(event_id=merge.event_id))
    assert (undone.kind, undone.undone_event_id) == ("undone", merge.event_id)
    watched = api.servicer.WatchEvents(pb.WatchEventsRequest(after_event_id=2), FakeContext())
    told = [(await anext(watched)).event.event_id for _ in range(2)]
    assert told == [3, 4]
    api.readiness.drain()
    with pytest.raises(UnavailableError):
        await anext(watched)


async def test_a_face_is_explained(api: Api) -> None:
    ann = await created(api, 0)
    request = pb.ExplainFaceRequest(face_id=ann.feature_face_id, max_neighbors=1)
    told = await api("ExplainFace", request)
    assert (told.neighbor_count, len(told.neighbors), told.core) == (2, 1, False)
    assert told.neighbors[0].lends
    assert not told.HasField("round")
    with pytest.raises(InvalidRequestError, match="face_id"):
        await api("ExplainFace", pb.ExplainFaceRequest())
