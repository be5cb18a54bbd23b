"""What is done to people: creating, changing, merging, deleting them."""

from __future__ import annotations

import datetime

import pytest
from facefolk.v1.resources_pb2 import (
    ASSIGNMENT_AUTOMATIC,
    ASSIGNMENT_MANUAL,
    ASSIGNMENT_UNASSIGNED,
    MARK_KIND_NOT_THIS_PERSON,
)
from grpc import StatusCode
from integration.people.album import ROUND_MODE_ALL, Album, ids

pytestmark = pytest.mark.models
INVALID = StatusCode.INVALID_ARGUMENT
BORN = {"year": 1980, "month": 2, "day": 28}


def test_a_person_is_created_of_faces(album: Album) -> None:
    faces = ids(album.portraits("amy"))[:2]
    amy = album.who("amy")
    before = album.person(amy).face_count
    made = album.ask(
        "CreatePerson",
        person={"name": " Amy F. ", "birth_date": BORN, "favorite": True},
        face_ids=faces,
        request_id="once",
    )
    assert (made.name, made.favorite, made.face_count, made.asset_count) == (
        "Amy F.",
        True,
        2,
        2,
    )
    assert made.birth_date.day == 28
    assert album.face_ids(made.person_id) == set(faces)
    assert album.person(amy).face_count == before - 2
    assert {album.placed()[face] for face in faces} == {(made.person_id, ASSIGNMENT_MANUAL)}
    again = album.ask(
        "CreatePerson", person={"name": "Else"}, face_ids=faces, request_id="once"
    )
    assert again == made
    album.round(ROUND_MODE_ALL)
    assert album.face_ids(made.person_id) >= set(faces)
    told = album.refused("CreatePerson", person={"name": "Nobody"})
    assert (told.code, told.metadata["field"]) == (INVALID, "face_ids")


def test_an_update_changes_what_the_mask_names(album: Album) -> None:
    amy = album.who("amy")
    first = album.person(amy)
    named = album.named(amy, name="Amy", birth_date=BORN, etag=first.etag)
    assert (named.name, named.birth_date.year, named.hidden) == ("Amy", 1980, False)
    assert named.etag != first.etag
    assert named.update_time.ToDatetime() > first.update_time.ToDatetime()
    masked = album.ask(
        "UpdatePerson",
        person={"person_id": amy, "name": "Not this", "favorite": True},
        update_mask={"paths": ["favorite", "birth_date"]},
    )
    assert (masked.name, masked.favorite, masked.HasField("birth_date")) == ("Amy", True, False)
    told = album.refused("UpdatePerson", person={"person_id": amy, "etag": first.etag})
    assert (told.code, told.reason) == (StatusCode.ABORTED, "ETAG_MISMATCH")
    assert told.metadata["etag"] == masked.etag
    emptied = album.ask("UpdatePerson", person={"person_id": amy}, update_mask={"paths": ["*"]})
    assert (emptied.name, emptied.favorite) == ("", False)


def test_an_update_that_cannot_be_is_refused_by_field(album: Album) -> None:
    amy = album.who("amy")
    before = album.person(amy)
    tomorrow = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=2)
    future = {"year": tomorrow.year, "month": tomorrow.month, "day": tomorrow.day}
    refused = {
        "birth_date": [
            {"birth_date": {"year": 2023, "month": 2, "day": 29}},
            {"birth_date": {"year": 1990}},
            {"birth_date": future},
        ],
        "feature_face_id": [
            {"feature_face_id": ids(album.portraits("raj"))[0]},
            {"feature_face_id": "f_nope"},
        ],
        "name": [{"name": "x" * 257}, {"name": "a\x00b"}],
    }
    for field, cases in refused.items():
        for values in cases:
            told = album.refused("UpdatePerson", person={"person_id": amy, **values})
            assert (told.code, told.metadata["field"]) == (INVALID, field), values
            assert field in told.message
    assert album.person(amy) == before
    own = ids(album.portraits("amy"))[0]
    assert album.named(amy, feature_face_id=own).feature_face_id == own


def test_a_merge_loses_nothing_and_tells_what_it_could_not_keep(album: Album) -> None:
    amy, raj, stuart = (album.who(name) for name in ("amy", "raj", "stuart"))
    album.named(amy, name="Amy")
    album.named(raj, name="Raj", birth_date=BORN, favorite=True)
    album.named(stuart, birth_date={**BORN, "year": 1981}, hidden=True)
    theirs = {who: album.face_ids(who) for who in (amy, raj, stuart)}
    marked = ids(album.portraits("amy"))[:1]
    album.ask("MarkFaces", face_ids=marked, kind=MARK_KIND_NOT_THIS_PERSON, person_id=raj)
    merged = album.ask("MergePeople", target_person_id=amy, source_person_ids=[raj, stuart])
    stayed = merged.person
    assert (stayed.person_id, stayed.name, stayed.birth_date.year) == (amy, "Amy", 1980)
    assert (stayed.favorite, stayed.hidden) == (True, True)
    assert album.face_ids(amy) == set().union(*theirs.values())
    assert stayed.face_count == sum(map(len, theirs.values()))
    assert len(merged.conflicts) == 3
    for part in ("'Raj'", "1981", marked[0]):
        assert sum(part in conflict for conflict in merged.conflicts) == 1, merged.conflicts
    for gone in (raj, stuart):
        told = album.refused("GetPerson", person_id=gone)
        assert (told.code, told.metadata["merged_into"]) == (StatusCode.NOT_FOUND, amy)
        assert amy in told.message
    howard = album.who("howard")
    album.ask("MergePeople", target_person_id=howard, source_person_ids=[amy])
    assert album.refused("GetPerson", person_id=raj).metadata["merged_into"] == howard


def test_names_and_dates_come_from_those_who_go_where_the_target_has_none(
    album: Album,
) -> None:
    amy, raj, stuart = (album.who(name) for name in ("amy", "raj", "stuart"))
    album.named(raj, birth_date=BORN)
    album.named(stuart, name="Stu", birth_date=BORN)
    merged = album.ask("MergePeople", target_person_id=amy, source_person_ids=[raj, stuart])
    assert (merged.person.name, merged.person.birth_date.year) == ("Stu", 1980)
    assert list(merged.conflicts) == []
    told = album.refused("MergePeople", target_person_id=amy, source_person_ids=[amy])
    assert (told.code, told.metadata["field"]) == (INVALID, "source_person_ids")


def test_a_deleted_person_leaves_its_faces(album: Album) -> None:
    amy = album.who("amy")
    album.named(amy, name="Amy")
    faces, stray = album.face_ids(amy), ids(album.portraits("raj"))[:1]
    album.ask("MarkFaces", face_ids=stray, kind=MARK_KIND_NOT_THIS_PERSON, person_id=amy)
    told = album.refused("DeletePerson", person_id=amy, etag='"0"')
    assert told.code == StatusCode.ABORTED
    deleted = album.ask("DeletePerson", person_id=amy, etag=album.person(amy).etag)
    assert (deleted.faces_changed, deleted.erasure_id) == (len(faces), "")
    assert {album.placed()[face] for face in faces} == {("", ASSIGNMENT_UNASSIGNED)}
    assert album.refused("GetPerson", person_id=amy).code == StatusCode.NOT_FOUND
    assert list(album.ask("ExplainFace", face_id=stray[0]).marks) == []
    album.round()
    again = album.who("amy")
    assert again != amy
    assert album.placed()[min(faces)] == (again, ASSIGNMENT_AUTOMATIC)
    assert album.person(again).name == ""
