"""The commands that read and change a library."""

from __future__ import annotations

from pathlib import Path

import pytest
from unit.client.commands import Command
from unit.client.fake_server import FakeServer, iterate
from unit.client.pictures import save


@pytest.fixture
def server(server: FakeServer) -> FakeServer:
    server.world.add_person("p1", 3, name="Ada [bold]")
    server.world.add_person("p2", 1)
    server.world.add_face("lonely")
    return server


def test_people_are_listed(facefolk: Command) -> None:
    lines = facefolk("people").stdout.splitlines()
    assert lines[0].split() == ["name", "faces", "assets", "person"]
    assert lines[1].split() == ["Ada", "[bold]", "3", "3", "p1"]
    assert lines[2].split() == ["-", "1", "1", "p2"]


def test_people_are_asked_for_by_name(facefolk: Command, server: FakeServer) -> None:
    listed = facefolk("people", "--name", "ad", "--by", "name", "--hidden", "--json").json
    assert listed[0]["name"] == "Ada [bold]"
    assert "distances" not in listed[0]
    (request,) = iterate(server, "ListPeople")
    assert (request.name_query, request.order_by, request.include_hidden) == ("ad", 2, True)


def test_people_with_how_far_their_faces_are_apart(
    facefolk: Command, server: FakeServer
) -> None:
    server.world.add_face("p1-0", "p1", embedding=(0.6, 0.8))
    one, other = facefolk("people", "--distances", "--json").json
    assert one["distances"]["faces"] == 3
    assert one["distances"]["median"] == pytest.approx(0.4)
    assert one["distances"]["largest"] == pytest.approx(0.4)
    assert other["distances"] is None
    assert "Ada [bold] 3 3 0.400 0.400 p1" in facefolk("people", "--distances").out


def test_a_list_that_is_cut_says_so(facefolk: Command) -> None:
    done = facefolk("faces", "--limit", 2, "--json")
    assert len(done.json) == 2
    assert "2 of 5 faces; --limit 0 lists them all." in done.err
    assert len(facefolk("faces", "--limit", 0, "--json").json) == 5


def test_faces_are_listed(facefolk: Command) -> None:
    assert "lonely lonely.jpg" in facefolk("faces", "--unassigned").out
    found = facefolk("faces", "--person", "p2", "--embeddings", "--json").json
    assert [face["face_id"] for face in found] == ["p2-0"]
    assert found[0]["embedding"] == [1.0, 0.0]
    assert found[0]["assignment"] == "automatic"
    assert facefolk("faces", "--asset", "lonely.jpg", "--json").json[0]["embedding"] == []


def test_filters_that_contradict_each_other_are_refused(facefolk: Command) -> None:
    done = facefolk("faces", "--asset", "a", "--unassigned", status=2)
    assert done.err == "Give at most one of asset_id, person_id, unassigned."


def test_a_person_is_shown_and_changed(facefolk: Command, server: FakeServer) -> None:
    assert "name Ada [bold]" in facefolk("person", "show", "p1").out
    assert facefolk("person", "rename", "p1", "Ada L.", "--json").json["name"] == "Ada L."
    born = facefolk("person", "birthday", "p1", "1815-12-10", "--json").json
    assert born["birth_date"] == "1815-12-10"
    assert "birthday -" in facefolk("person", "birthday", "p1", "none").out
    assert facefolk("person", "hide", "p1", "--json").json["hidden"]
    assert not facefolk("person", "hide", "p1", "--undo", "--json").json["hidden"]
    assert facefolk("person", "favorite", "p1", "--json").json["favorite"]


def test_a_day_that_is_none_is_refused(facefolk: Command) -> None:
    done = facefolk("person", "birthday", "p1", "10.12.1815", status=2)
    assert "give YYYY-MM-DD" in done.err


def test_faces_are_assigned_and_taken_away(facefolk: Command, server: FakeServer) -> None:
    facefolk("person", "assign", "lonely", "p2-0", "--to", "p1")
    done = facefolk("person", "assign", "lonely", "--new", "Grace", "--json")
    assert done.json["person"]["name"] == "Grace"
    assert done.json["faces_changed"] == 1
    first, second = iterate(server, "AssignFaces")
    assert (list(first.face_ids), first.person_id) == (["lonely", "p2-0"], "p1")
    assert second.new_person.name == "Grace"
    assert facefolk("person", "unassign", "lonely", "--json").json == {"faces_changed": 1}


def test_faces_are_assigned_to_exactly_one_person(facefolk: Command) -> None:
    assert "by --to" in facefolk("person", "assign", "lonely", status=2).err
    facefolk("person", "assign", "lonely", "--to", "p1", "--new", "Grace", status=2)


def test_an_image_is_looked_into(facefolk: Command, tmp_path: Path) -> None:
    image = save(tmp_path / "a.jpg")
    assert "1 1,2 30,40 0.99" in facefolk("detect", image).out
    assert facefolk("detect", image, "--json").json["width"] == 64
    assert "Ada f1 a.jpg p1 0.125" in facefolk("search", image).out
    assert facefolk("search", "--face", "f1", "--json").json[0]["match"]["name"] == "Ada"


def test_a_search_is_for_an_image_or_a_face(facefolk: Command, tmp_path: Path) -> None:
    facefolk("search", status=2)
    done = facefolk("detect", tmp_path / "none.jpg", status=1)
    assert "none.jpg cannot be read: No such file or directory." in done.stderr


def test_the_server_tells_how_it_is(facefolk: Command) -> None:
    done = facefolk("status")
    assert "faces without a person 1" in done.out
    assert "warning: The disk is nearly full." in done.err
    assert facefolk("status", "--json").json["face_count"] == 5


def test_settings_are_shown_and_set(facefolk: Command) -> None:
    assert "min_detection_score the pack's own" in facefolk("settings").out
    assert facefolk("settings", "show", "--json").json == facefolk("settings", "--json").json
    done = facefolk(
        "settings", "set", "--min-recognized-faces", 2, "--no-one-face-per-asset", "--json"
    )
    assert done.json["settings"]["min_recognized_faces"] == 2
    assert not done.json["settings"]["one_face_per_asset"]
    assert done.json["settings"]["pack"] == "open"
    assert "advice: Think it over." in facefolk("settings", "set", "--pack", "dlib").err
    assert "Nothing to change" in facefolk("settings", "set", status=2).err


def test_packs_are_listed_and_pulled(facefolk: Command) -> None:
    assert "open in use" in facefolk("models", "list").out
    assert facefolk("packs", "list", "--json").json[1]["name"] == "dlib"
    done = facefolk("models", "pull", "open")
    assert done.out == "Pack open is ready."
    assert "a.onnx" in done.err
    assert facefolk("models", "pull", "open", "--json").json["name"] == "open"
