"""The history: listed, followed, taken back."""

from __future__ import annotations

import json

import pytest
from facefolk.v1 import people_pb2, resources_pb2
from unit.client.commands import Command
from unit.client.fake_server import FakeServer, iterate


@pytest.fixture
def server(server: FakeServer) -> FakeServer:
    world = server.world
    world.add_person("p1", 3, name="Ada")
    world.add_person("p2", 1)
    renamed = people_pb2.PersonChange(
        before=resources_pb2.Person(person_id="p1"),
        after=resources_pb2.Person(person_id="p1", name="Ada"),
    )
    world.add_event("person_updated", "p1", person_changes=[renamed])
    gone = people_pb2.PersonChange(before=resources_pb2.Person(person_id="p3", name="Eve"))
    world.add_event("people_merged", "p1", "p3", person_changes=[gone], faces_changed=1200)
    marks = [resources_pb2.Mark(face_id="f1", kind=4)]
    world.add_event("faces_marked", "p2", marks_added=marks)
    return server


def test_the_history_is_listed(facefolk: Command) -> None:
    lines = [" ".join(line.split()) for line in facefolk("history").stdout.splitlines()]
    assert lines[0].startswith("event when by what")
    assert lines[1].endswith("ada faces marked: p2, 1 mark can be undone")
    assert lines[2].startswith("2 2023-11-15 03:43 IST ada people merged: Eve gone, Ada 1,200")
    assert "person updated: Ada (name - -> Ada)" in lines[3]
    told = facefolk("history", "--json").json
    assert {event["time"] for event in told} == {"2023-11-14T22:13:20+00:00"}


def test_part_of_the_history(facefolk: Command) -> None:
    def ids(*options: object) -> list[int]:
        return [one["event_id"] for one in facefolk("history", *options, "--json").json]

    assert ids() == [3, 2, 1]
    assert ids("--limit", 1) == [3]
    assert ids("--after", 1) == [3, 2]
    assert ids("--person", "Ada") == [2, 1]
    assert facefolk("person", "history", "p2", "--json").json[0]["kind"] == "faces_marked"


def test_the_history_is_followed(facefolk: Command, server: FakeServer) -> None:
    server.world.watch_ends.extend([0, 0])
    lines = facefolk("history", "--follow", "--limit", 2).stdout.splitlines()
    assert lines[0] == (
        "2  2023-11-15 03:43 IST by ada: people merged: Eve gone, Ada, 1,200 faces."
    )
    assert lines[1].startswith("3  ")
    assert [request.after_event_id for request in server.world.watches] == [3, 3, 3]


def test_events_are_followed_as_json_lines(facefolk: Command) -> None:
    done = facefolk("history", "--follow", "--after", 0, "--person", "p1", "--json")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["event_id"] for one in told] == [1, 2]


def test_an_event_is_undone(facefolk: Command, server: FakeServer) -> None:
    assert "event 2 undone" in facefolk("person", "undo", 2).out
    assert facefolk("undo", 1, "--json").json["undone_event_id"] == 1
    assert "no event 99" in facefolk("undo", 99, status=1).err


def test_the_last_change_is_undone_and_then_the_one_before(
    facefolk: Command, server: FakeServer
) -> None:
    server.world.add_event("round_committed", "p1").undoable = False
    refused = facefolk("undo", status=2)
    assert "The last change: 3 2023" in refused.err
    assert "Say --yes" in refused.err
    for _ in range(3):
        facefolk("undo", "--yes")
    assert [request.event_id for request in iterate(server, "UndoEvent")] == [3, 2, 1]
    assert "no change that can be taken back" in facefolk("undo", "--yes", status=1).err
