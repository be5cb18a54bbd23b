"""What can be said of people, and how they and faces are named."""

from __future__ import annotations

import pytest
from facefolk.v1 import resources_pb2
from unit.client.commands import Command
from unit.client.fake_server import FakeServer, iterate


@pytest.fixture
def server(server: FakeServer) -> FakeServer:
    server.world.add_person("p_ada", 3, name="Ada Lovelace")
    server.world.add_person("p_zoe", 2, name="Zoë", hidden=True)
    server.world.add_person("p_adele", 1, name="Adele")
    server.world.add_person("p_none", 4)
    server.world.add_face("lonely")
    server.world.add_face("lonesome")
    return server


@pytest.mark.parametrize(
    ("word", "person_id"),
    [
        ("p_ada", "p_ada"),
        ("Ada Lovelace", "p_ada"),
        ("ADA  lovelace", "p_ada"),
        ("lov", "p_ada"),
        ("zoe", "p_zoe"),
        ("adele", "p_adele"),
        ("p_n", "p_none"),
    ],
)
def test_a_person_is_named_by_id_name_or_beginning(
    facefolk: Command, word: str, person_id: str
) -> None:
    assert facefolk("person", "show", word, "--json").json["person_id"] == person_id


def test_a_word_for_several_people_is_refused_and_names_them(
    facefolk: Command, server: FakeServer
) -> None:
    done = facefolk("person", "rename", "ad", "Eve", status=2)
    assert "'ad' may be any of these" in done.err
    assert "Ada Lovelace (p_ada, 3 faces); Adele (p_adele, 1 face)." in done.err
    assert "without a name (p_none" in facefolk("person", "show", "p_", status=2).err
    assert not list(iterate(server, "UpdatePerson"))


def test_two_people_of_one_name_are_not_confused(facefolk: Command, server: FakeServer) -> None:
    server.world.add_person("p_other", 1, name="ada lovelace")
    assert "p_other" in facefolk("person", "show", "Ada LOVELACE", status=2).err
    assert "p_ada" in facefolk("person", "show", "Ada Lovelace").out
    assert "p_other" in facefolk("person", "show", "ada lovelace").out
    server.world.add_person("p_third", 1, name="Ada Lovelace")
    assert "p_third" in facefolk("person", "show", "Ada Lovelace", status=2).err


def test_there_may_be_nobody(facefolk: Command, server: FakeServer) -> None:
    done = facefolk("people", "--name", "Zoe")
    assert done.err == "Nobody's name has a word that begins with 'Zoe'."
    server.world.people.clear()
    assert "There is nobody yet: 'facefolk ingest FOLDER'" in facefolk("people").err
    assert facefolk("people", "--json").json == []


def test_a_word_for_nobody_is_refused(facefolk: Command) -> None:
    done = facefolk("person", "show", "Grace", status=1)
    assert "'Grace' is neither a name nor an id of anybody" in done.err
    assert "facefolk people" in done.err
    told = facefolk("person", "show", "Grace", "--json", status=1).json
    assert told["error"]["reason"] == "PERSON_NOT_FOUND"
    facefolk("person", "show", " ", status=2)


def test_faces_are_named_by_how_they_begin(facefolk: Command, server: FakeServer) -> None:
    facefolk("person", "unassign", "lonel", "p_none-3")
    (request,) = iterate(server, "UnassignFaces")
    assert list(request.face_ids) == ["lonely", "p_none-3"]
    several = facefolk("person", "unassign", "lone", status=2)
    assert (
        "'lone' may be any of these; say which one by its id: lonely; lonesome." in several.err
    )
    assert "No face has the id 'x'" in facefolk("person", "unassign", "x", status=1).err


def test_a_whole_face_id_is_not_looked_up(facefolk: Command, server: FakeServer) -> None:
    facefolk("person", "unassign", "a" * 26)
    assert server.world.calls["ListFaces"] == 0


def test_the_record_is_changed_by_name(facefolk: Command) -> None:
    assert not facefolk("person", "unhide", "zoë", "--json").json["hidden"]
    shown = facefolk("person", "feature", "Ada", "p_ada-2", "--json").json
    assert shown["feature_face_id"] == "p_ada-2"
    assert facefolk("person", "feature", "Ada", "", "--json").json["feature_face_id"] == ""


def test_a_person_is_created(facefolk: Command, server: FakeServer) -> None:
    done = facefolk(
        "person", "create", "lonely", "--name", "Eve", "--birthday", "1990-01-02", "--json"
    )
    assert done.json["name"] == "Eve"
    (request,) = iterate(server, "CreatePerson")
    assert list(request.face_ids) == ["lonely"]
    assert request.person.birth_date.day == 2
    assert (
        "give YYYY-MM-DD"
        in facefolk("person", "create", "lonely", "--birthday", "soon", status=2).err
    )


def test_people_are_merged(facefolk: Command, server: FakeServer) -> None:
    done = facefolk("person", "merge", "lovelace", "p_none", "adele")
    assert "faces 8" in done.out
    assert "The birth date of p2 was not kept." in done.err
    (request,) = iterate(server, "MergePeople")
    assert request.target_person_id == "p_ada"
    assert list(request.source_person_ids) == ["p_none", "p_adele"]
    assert "named twice" in facefolk("person", "merge", "p_ada", "lovelace", status=2).err


def test_a_person_is_deleted(facefolk: Command, server: FakeServer) -> None:
    done = facefolk("person", "delete", "lovelace")
    assert done.out == "Ada Lovelace is deleted; 3 faces have nobody now."
    (request,) = iterate(server, "DeletePerson")
    assert (request.erase, request.etag) == (False, "e1")
    assert (
        "--wait goes with --erase"
        in facefolk("person", "delete", "adele", "--wait", status=2).err
    )


def test_erasing_is_asked_about_first(facefolk: Command, server: FakeServer) -> None:
    done = facefolk("person", "delete", "p_none", "--erase", status=2)
    assert "p_none and 4 faces are erased for good" in done.err
    assert "Say --yes" in done.err
    assert not list(iterate(server, "DeletePerson"))
    server.world.pending = 1
    done = facefolk("person", "delete", "p_none", "--erase", "--yes")
    assert "In no list any more: 0 assets, 2 faces, 1 person." in done.out
    assert "facefolk erasure e1 --wait" in done.out
    waited = facefolk("person", "delete", "adele", "--erase", "--yes", "--wait", "--json").json
    assert waited["erasure_id"] == "e1"
    assert waited["erasure"]["state"] == "done"


@pytest.mark.parametrize(
    ("options", "kind", "person_id"),
    [
        (("--not", "lovelace"), resources_pb2.MARK_KIND_NOT_THIS_PERSON, "p_ada"),
        (("--not-a-face",), resources_pb2.MARK_KIND_NOT_A_FACE, ""),
        (("--stranger",), resources_pb2.MARK_KIND_STRANGER, ""),
        (("--clear",), resources_pb2.MARK_KIND_NONE, ""),
        (("--clear", "--not", "adele"), resources_pb2.MARK_KIND_NONE, "p_adele"),
    ],
)
def test_faces_are_marked(
    facefolk: Command, server: FakeServer, options: tuple[str, ...], kind: int, person_id: str
) -> None:
    done = facefolk("person", "mark", "lonely", *options)
    (request,) = iterate(server, "MarkFaces")
    assert (request.kind, request.person_id) == (kind, person_id)
    assert "was assigned to p1 by hand" in done.err


def test_one_thing_is_said_at_a_time(facefolk: Command, server: FakeServer) -> None:
    facefolk("person", "mark", "lonely", status=2)
    facefolk("person", "mark", "lonely", "--stranger", "--not-a-face", status=2)
    done = facefolk("person", "mark", "lonely", "--stranger", "--not", "p_ada", status=2)
    assert "Say one thing" in done.err
    assert not list(iterate(server, "MarkFaces"))


def test_a_face_is_explained(facefolk: Command) -> None:
    done = facefolk("faces", "explain", "lonel")
    assert "now core: 3 faces within the distance, itself included" in done.out
    assert "because It is marked as not being person Ada Lovelace." in done.out
    assert "p1-0 p1 0.250 core, lends" in done.out
    assert facefolk("faces", "explain", "lonely", "--json").json["neighbor_count"] == 3
