from __future__ import annotations

import numpy as np
import pytest
from facefolk_server.errors import FaceNotFoundError, InvalidRequestError, PackMismatchError
from facefolk_server.service.admin import SettingsFields
from facefolk_server.service.people import PersonFields
from facefolk_server.service.search import Probe
from unit.service.world import CALL, Seen, World, look, picture


def vector(who: int, off: float = 0.0) -> np.ndarray:
    return np.array(look(who, off=off), np.float32)


async def test_compares_every_pair_nearest_first(world: World) -> None:
    (stored,) = await world.album(0, 1)
    image = picture(Seen(10, look(1)), Seen(100, look(0, off=0.1)))
    found = await world.search.compare(CALL, Probe(face_id=stored), Probe(image=image))
    assert [(pair.left, pair.right) for pair in found.pairs] == [(0, 1), (0, 0)]
    assert found.pairs[0].distance == pytest.approx(1 - np.cos(0.1), abs=1e-6)
    assert found.max_recognition_distance == 0.5
    assert (len(found.left_faces), len(found.right_faces)) == (1, 2)
    same = await world.search.compare(
        CALL, Probe(embedding=vector(0)), Probe(embedding=vector(0))
    )
    assert [pair.distance for pair in same.pairs] == [0.0]
    assert len(same.left_faces) == 1


async def test_finds_the_nearest_faces(world: World) -> None:
    faces = await world.album(0, 4)
    await world.album(1, 2)
    (result,) = await world.search.search(CALL, Probe(face_id=faces[0]), k=2)
    assert [hit.view.face.face_id for hit in result.hits] == faces[1:3]
    assert result.query is not None
    assert result.query.face.face_id == ""
    (result,) = await world.search.search(CALL, Probe(face_id=faces[0]), max_distance=2.0)
    assert len(result.hits) == 5
    (result,) = await world.search.search(
        CALL, Probe(embedding=vector(0)), max_distance=0.0, include_embedding=True
    )
    assert [hit.distance for hit in result.hits] == [0.0]
    assert result.hits[0].view.embedding is not None


async def test_each_face_of_a_picture_is_looked_for(world: World) -> None:
    await world.album(0, 3)
    await world.round()
    image = picture(Seen(10, look(0)), Seen(100, look(5)))
    known, unknown = await world.search.search(CALL, Probe(image=image))
    assert known.match is not None
    assert len(known.hits) == 3
    assert (unknown.match, unknown.hits) == (None, ())


async def test_hidden_people_are_not_found_unless_asked_for(world: World) -> None:
    faces = await world.album(0, 3)
    await world.hands.assign_faces(CALL, faces[1:2], new_person=PersonFields(hidden=True))
    probe = Probe(face_id=faces[0])
    (result,) = await world.search.search(CALL, probe)
    assert [hit.view.face.face_id for hit in result.hits] == faces[2:]
    assert result.match is None
    (result,) = await world.search.search(CALL, probe, include_hidden=True)
    assert [hit.view.face.face_id for hit in result.hits] == faces[1:]
    assert result.match is not None


async def test_finds_nothing_that_is_gone(world: World) -> None:
    await world.album(0, 2)
    await world.submit("0-1.jpg")
    (result,) = await world.search.search(CALL, Probe(embedding=vector(0)))
    assert len(result.hits) == 1


async def test_an_embedding_nearly_of_unit_length_is_taken(world: World) -> None:
    await world.album(0, 1)
    (result,) = await world.search.search(CALL, Probe(embedding=vector(0) * 1.005))
    assert result.hits[0].distance == 0.0


@pytest.mark.parametrize(
    ("probe", "error"),
    [
        (Probe(), InvalidRequestError),
        (Probe(face_id="x", embedding=vector(0)), InvalidRequestError),
        (Probe(face_id="nope"), FaceNotFoundError),
        (Probe(embedding=np.ones(5, np.float32)), PackMismatchError),
        (Probe(embedding=vector(0) * 2), InvalidRequestError),
        (Probe(embedding=np.zeros(8, np.float32)), InvalidRequestError),
        (Probe(embedding=np.full(8, np.nan, np.float32)), InvalidRequestError),
    ],
)
async def test_refuses_probes(world: World, probe: Probe, error: type[Exception]) -> None:
    with pytest.raises(error):
        await world.search.search(CALL, probe)


@pytest.mark.parametrize(
    "given", [{"k": -1}, {"k": 1001}, {"max_distance": -0.1}, {"max_distance": float("nan")}]
)
async def test_refuses_numbers_out_of_range(world: World, given: dict[str, float]) -> None:
    with pytest.raises(InvalidRequestError):
        await world.search.search(
            CALL,
            Probe(embedding=vector(0)),
            **given,  # type: ignore[arg-type]
        )


async def test_faces_of_another_pack_cannot_be_compared(world: World) -> None:
    (face_id,) = await world.album(0, 1)
    await world.admin.update_settings(CALL, SettingsFields(pack="dlib"))
    with pytest.raises(PackMismatchError):
        await world.search.search(CALL, Probe(face_id=face_id))
