"""What users say of faces, and what rounds make of it."""

from __future__ import annotations

import pytest
from facefolk.v1.resources_pb2 import (
    ASSIGNMENT_AUTOMATIC,
    ASSIGNMENT_MANUAL,
    ASSIGNMENT_UNASSIGNED,
    MARK_KIND_NONE,
    MARK_KIND_NOT_A_FACE,
    MARK_KIND_NOT_THIS_PERSON,
    MARK_KIND_STRANGER,
)
from grpc import StatusCode
from integration.people.album import ROUND_MODE_ALL, ROUND_MODE_MISSING, Album, ids

pytestmark = pytest.mark.models
FREE = ("", ASSIGNMENT_UNASSIGNED)


def mark(album: Album, faces: list[str], kind: int, person_id: str = "") -> object:
    return album.ask("MarkFaces", face_ids=faces, kind=kind, person_id=person_id)


@pytest.mark.parametrize("mode", [ROUND_MODE_MISSING, ROUND_MODE_ALL])
def test_what_is_assigned_by_hand_stays(album: Album, mode: int) -> None:
    raj = album.who("raj")
    moved = ids(album.portraits("howard"))[:1]
    before = album.placed()
    assigned = album.ask("AssignFaces", face_ids=moved, person_id=raj)
    assert (assigned.faces_changed, assigned.person.person_id) == (1, raj)
    assert assigned.person.face_count == len(album.face_ids(raj))
    assert album.ask("AssignFaces", face_ids=moved, person_id=raj).faces_changed == 0
    album.round(mode)
    placed = album.placed()
    assert placed[moved[0]] == (raj, ASSIGNMENT_MANUAL)
    if mode == ROUND_MODE_MISSING:
        assert placed == {**before, moved[0]: (raj, ASSIGNMENT_MANUAL)}
    else:
        # Where all is decided anew, what looks like a face follows it to its person.
        assert album.who("howard") == raj


def test_an_outlier_assigned_by_hand_brings_its_look_alikes(album: Album) -> None:
    faces = ids(album.portraits("stuart"))
    stuart = album.who("stuart")
    album.ask("DeletePerson", person_id=stuart)
    album.ask("UpdateSettings", settings={"min_recognized_faces": 8})
    album.round()
    assert {album.placed()[face] for face in faces} == {FREE}
    new = album.ask("AssignFaces", face_ids=faces[:1], new_person={"name": "Stuart"})
    album.round()
    placed = album.placed()
    assert placed[faces[0]] == (new.person.person_id, ASSIGNMENT_MANUAL)
    near = {near.face_id for near in album.ask("ExplainFace", face_id=faces[0]).neighbors}
    assert len(near & set(faces)) >= 2
    assert album.face_ids(new.person.person_id) == {faces[0], *near}
    assert {placed[face] for face in near} == {(new.person.person_id, ASSIGNMENT_AUTOMATIC)}


def test_assigning_takes_marks_back_and_ends_whoever_has_nothing_left(album: Album) -> None:
    raj, stuart = album.who("raj"), album.who("stuart")
    faces = sorted(album.face_ids(stuart))
    mark(album, faces[:1], MARK_KIND_NOT_THIS_PERSON, raj)
    mark(album, faces[1:2], MARK_KIND_STRANGER)
    album.ask("AssignFaces", face_ids=faces, person_id=raj)
    assert [list(album.ask("ExplainFace", face_id=face).marks) for face in faces[:2]] == [
        [],
        [],
    ]
    assert album.face_ids(raj) >= set(faces)
    assert album.refused("GetPerson", person_id=stuart).code == StatusCode.NOT_FOUND
    for fields in (
        {"face_ids": faces},
        {"face_ids": [], "person_id": raj},
        {"face_ids": [*faces, "f_nope"], "person_id": raj},
        {"face_ids": faces, "person_id": stuart},
    ):
        assert album.refused("AssignFaces", **fields).code in {
            StatusCode.INVALID_ARGUMENT,
            StatusCode.NOT_FOUND,
        }


def test_faces_that_are_unassigned_are_free_for_the_next_round(album: Album) -> None:
    raj = album.who("raj")
    faces = sorted(album.face_ids(raj))
    before = album.placed()
    assert album.ask("UnassignFaces", face_ids=faces[:2]).faces_changed == 2
    assert album.ask("UnassignFaces", face_ids=faces[:2]).faces_changed == 0
    assert {album.placed()[face] for face in faces[:2]} == {FREE}
    assert album.person(raj).face_count == len(faces) - 2
    assert {f.face_id for f in album.faces(unassigned=True)} >= set(faces[:2])
    album.round()
    assert album.placed() == before
    album.ask("UnassignFaces", face_ids=faces)
    assert album.refused("GetPerson", person_id=raj).code == StatusCode.NOT_FOUND


@pytest.mark.parametrize("mode", [ROUND_MODE_MISSING, ROUND_MODE_ALL])
def test_a_person_refused_for_a_face_does_not_get_it_back(album: Album, mode: int) -> None:
    raj = album.who("raj")
    refused, kept, *_ = ids(album.portraits("raj"))
    album.ask("AssignFaces", face_ids=[refused], person_id=raj)
    told = mark(album, [refused], MARK_KIND_NOT_THIS_PERSON, raj)
    assert [(one.face_id, one.kind, one.person_id) for one in told.marks] == [
        (refused, MARK_KIND_NOT_THIS_PERSON, raj)
    ]
    assert len(told.contradictions) == 1
    assert "by hand" in told.contradictions[0]
    assert album.placed()[refused] == FREE
    album.round(mode)
    placed = album.placed()
    assert placed[refused][0] != raj
    assert placed[kept] == (raj, ASSIGNMENT_AUTOMATIC)
    mark(album, [refused], MARK_KIND_NONE, raj)
    album.round(mode)
    assert album.placed()[refused] == (raj, ASSIGNMENT_AUTOMATIC)


@pytest.mark.parametrize("kind", [MARK_KIND_STRANGER, MARK_KIND_NOT_A_FACE])
def test_strangers_and_what_is_no_face_stay_without_a_person(album: Album, kind: int) -> None:
    raj = album.who("raj")
    one = ids(album.portraits("raj"))[0]
    count = album.ask("ExplainFace", face_id=ids(album.portraits("raj"))[1]).neighbor_count
    assert list(mark(album, [one], kind).contradictions) == []
    for mode in (ROUND_MODE_MISSING, ROUND_MODE_ALL):
        album.round(mode)
        assert album.placed()[one] == FREE
    now = album.ask("ExplainFace", face_id=ids(album.portraits("raj"))[1]).neighbor_count
    # A stranger counts as a neighbor, what is no face counts nowhere.
    assert now == count - (kind == MARK_KIND_NOT_A_FACE)
    other = {MARK_KIND_STRANGER, MARK_KIND_NOT_A_FACE} - {kind}
    contradicted = mark(album, [one], other.pop())
    assert len(contradicted.marks) == len(contradicted.contradictions) == 1
    assert list(mark(album, [one], MARK_KIND_NONE).marks) == []
    album.round()
    assert album.placed()[one] == (raj, ASSIGNMENT_AUTOMATIC)


def test_a_group_whose_face_is_refused_goes_elsewhere_as_a_whole(album: Album) -> None:
    faces = ids(album.portraits("penny"))
    penny = album.who("penny")
    theirs = album.face_ids(penny)
    mark(album, [faces[0]], MARK_KIND_NOT_THIS_PERSON, penny)
    album.ask("UnassignFaces", face_ids=sorted(theirs - {faces[0]})[1:])
    album.round()
    placed = album.placed()
    assert placed[faces[0]][0] != penny
    assert sum(placed[face][0] == penny for face in theirs) >= 1
