from __future__ import annotations

import random

import numpy as np
import pytest
from facefolk_server.clustering import run_round, stand_ins
from facefolk_server.errors import FaceNotFoundError, InvalidRequestError
from facefolk_server.service.admin import SettingsFields
from facefolk_server.service.people import PersonFields
from facefolk_server.service.resolver import Resolver
from facefolk_server.service.round_input import gather, parameters
from facefolk_server.service.views import Explanation
from facefolk_server.types import MarkKind, RoundMode
from unit.service.world import CALL, Seen, World, look


async def explain(world: World, face_id: str, **given: object) -> Explanation:
    return await world.explanations.explain_face(CALL, face_id, **given)  # type: ignore[arg-type]


async def person(world: World, faces: list[str], **fields: object) -> str:
    made = await world.hands.create_person(CALL, PersonFields(**fields), faces)  # type: ignore[arg-type]
    return made.person.person_id


async def test_an_assigned_face_has_its_neighbors_and_its_round(world: World) -> None:
    faces = await world.album(0, 4)
    record = await world.round()
    told = await explain(world, faces[0])
    owner = (await world.placed())[faces[0]]
    assert (told.core, told.neighbor_count, told.only_copies) == (True, 4, False)
    assert told.round == await world.rounds.get_round(CALL, record.round_id)
    assert told.vetoes == told.marks == ()
    assert told.face.placement.person_id == owner
    assert [near.face_id for near in told.neighbors] == faces[1:]
    distances = [near.distance for near in told.neighbors]
    assert distances == sorted(distances)
    assert all(n.core and n.lends and not n.copy for n in told.neighbors)
    assert {near.person_id for near in told.neighbors} == {owner}
    few = await explain(world, faces[0], max_neighbors=2)
    assert (len(few.neighbors), few.neighbor_count) == (2, 4)


async def test_a_face_by_hand_was_decided_by_no_round(world: World) -> None:
    (face,) = await world.album(0, 1)
    await person(world, [face])
    told = await explain(world, face)
    assert (told.round, told.core, told.neighbor_count) == (None, False, 1)


async def test_an_outlier_is_told_who_is_nearest(world: World) -> None:
    faces = await world.album(0, 3)
    ann = await person(world, faces)
    far = (await world.submit("far.jpg", Seen(10, look(0, off=1.2)))).faces[0]
    face = far.view.face.face_id
    before = await explain(world, face)
    assert "No round has decided" in before.vetoes[-1]
    await world.round()
    told = await explain(world, face)
    assert told.vetoes[0] == "No face that stands for a person is within 0.500."
    assert f"face {faces[2]} of person {ann}" in told.vetoes[1]
    assert "1 of the 3 faces needed" in told.vetoes[2]
    assert len(told.vetoes) == 3
    assert told.round is not None


async def test_marks_veto(world: World) -> None:
    faces = await world.album(0, 4)
    await world.round()
    owner = (await world.placed())[faces[0]]
    assert owner
    await world.hands.mark_faces(CALL, faces[:1], MarkKind.NOT_THIS_PERSON, person_id=owner)
    told = await explain(world, faces[0])
    assert told.vetoes[0].startswith(f"It is marked as not being person {owner}")
    assert [mark.kind for mark in told.marks] == [MarkKind.NOT_THIS_PERSON]
    await world.hands.mark_faces(CALL, faces[1:2], MarkKind.STRANGER)
    told = await explain(world, faces[1])
    assert told.vetoes == ("It is marked as a stranger, so no round assigns it.",)
    assert told.core
    await world.hands.mark_faces(CALL, faces[1:2], MarkKind.NOT_A_FACE)
    told = await explain(world, faces[1])
    assert "counts nowhere" in told.vetoes[0]
    assert (told.core, told.neighbor_count, told.neighbors) == (False, 0, ())
    assert (await explain(world, faces[2])).neighbor_count == 3


async def test_a_face_whose_person_is_in_the_picture_already(world: World) -> None:
    faces = await world.album(0, 3)
    reply = await world.submit("two.jpg", Seen(10, look(0)), Seen(200, look(0, off=0.3)))
    stays, goes = [face.view.face.face_id for face in reply.faces]
    await world.round()
    owner = (await world.placed())[faces[0]]
    told = await explain(world, goes)
    assert told.vetoes[0].startswith(f"It resembles person {owner}")
    assert stays in told.vetoes[0]


async def test_copies_are_told_from_neighbors(world: World) -> None:
    same = [
        (await world.submit(f"{n}.jpg", Seen(10, look(0)))).faces[0].view.face.face_id
        for n in range(3)
    ]
    told = await explain(world, same[0])
    assert told.only_copies
    assert all(near.copy and near.distance == 0 for near in told.neighbors)
    await world.submit("other.jpg", Seen(10, look(0, off=0.1)))
    assert not (await explain(world, same[0])).only_copies


async def test_hidden_people_are_not_told_of(world: World) -> None:
    faces = await world.album(0, 4)
    zoe = await person(world, faces[:3], hidden=True)
    with pytest.raises(FaceNotFoundError):
        await explain(world, faces[0])
    assert (await explain(world, faces[0], include_hidden=True)).core
    told = await explain(world, faces[3])
    assert (told.neighbors, told.neighbor_count) == ((), 4)
    assert not any(zoe in sentence for sentence in told.vetoes)
    told = await explain(world, faces[3], include_hidden=True)
    assert len(told.neighbors) == 3
    assert zoe in told.vetoes[0]


async def test_a_face_of_another_pack_is_passed_over(world: World) -> None:
    faces = await world.album(0, 3)
    await world.admin.update_settings(CALL, SettingsFields(pack="dlib"))
    told = await explain(world, faces[0])
    assert "sent again" in told.vetoes[0]
    assert told.neighbor_count == 3


async def test_what_is_not_there_is_refused(world: World) -> None:
    with pytest.raises(FaceNotFoundError):
        await explain(world, "nope")
    (face,) = await world.album(0, 1)
    for wrong in (-1, 1001):
        with pytest.raises(InvalidRequestError, match="max_neighbors"):
            await explain(world, face, max_neighbors=wrong)


@pytest.mark.parametrize("gate", [False, True])
async def test_faces_are_core_as_in_a_round_films_and_marks_included(
    world: World, *, gate: bool
) -> None:
    die = random.Random(5)
    for number in range(30):
        seen = [
            Seen(
                10 + 60 * place,
                look(die.randrange(3), off=die.random(), way=way),
                quality=0.5 if (number + place) % 4 else 0.3,
            )
            for place, way in enumerate(die.sample(range(3, 8), die.randint(1, 3)))
        ]
        await world.submit(
            f"{number % 8}.mp4",
            *seen,
            frame_offset_us=number // 8 * 1_000_000 if number % 8 < 4 else number,
        )
    await world.admin.update_settings(CALL, SettingsFields(quality_gate=gate))
    faces = sorted(await world.placed())
    await world.round()
    for face in die.sample(faces, 8):
        kind = die.choice([MarkKind.NOT_A_FACE, MarkKind.STRANGER])
        await world.hands.mark_faces(CALL, [face], kind)
    owned = {f: p for f, p in (await world.placed()).items() if p}
    for face in die.sample(sorted(owned), 4):
        await world.hands.assign_faces(CALL, [face], person_id=owned[face])
    for face in die.sample(sorted(owned), 4):
        await world.hands.mark_faces(
            CALL, [face], MarkKind.NOT_THIS_PERSON, person_id=owned[face]
        )
    settings = await Resolver(world.libraries, world.packs).resolved(CALL)
    ground = await world.libraries.read(CALL, lambda reading: gather(reading, settings))
    result = run_round(ground.given, parameters(RoundMode.MISSING, settings))
    counts = dict(zip(ground.given.face_ids, result.neighbor_counts.tolist(), strict=True))
    core = dict(zip(ground.given.face_ids, result.core.tolist(), strict=True))
    assert len(set(counts.values())) > 3
    in_tracks = stand_ins(ground.given, max_distance=0.5) != np.arange(len(faces))
    assert in_tracks.sum() > 6
    for face in faces:
        told = await explain(world, face, include_hidden=True)
        assert (told.neighbor_count, told.core) == (counts[face], core[face]), face
        assert {near.face_id: near.core for near in told.neighbors}.items() <= core.items()
