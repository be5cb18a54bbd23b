"""PeopleService over real use cases and a real store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from facefolk.v1 import people_pb2 as pb
from facefolk.v1 import resources_pb2
from facefolk_server.errors import InvalidRequestError, NotBuiltError, PersonNotFoundError
from facefolk_server.rpc.people import PeopleServicer
from facefolk_server.rpc.readiness import Readiness
from rpc_fakes import FakeContext, fake_services
from unit.service.world import World


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
    readiness.begin(fake_services(people=world.people, faces=world.faces, hands=world.hands))
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
    erase = pb.DeletePersonRequest(person_id=ann.person_id, erase=True)
    with pytest.raises(NotBuiltError):
        await api("DeletePerson", erase)
    await api("DeletePerson", pb.DeletePersonRequest(person_id=ann.person_id))
    with pytest.raises(PersonNotFoundError):
        await api("GetPerson", pb.GetPersonRequest(person_id=ann.person_id))


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
