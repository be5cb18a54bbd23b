"""What can be done with people, their history and the questions about them."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any

import pytest
from facefolk import (
    AsyncClient,
    Client,
    MarkKind,
    NotFoundError,
    Person,
    RoundMode,
    RoundSettings,
    RoundState,
    SuggestionAnswer,
    SuggestionKind,
    UnavailableError,
)
from facefolk.cli.app import app
from facefolk.v1 import people_pb2, resources_pb2
from typer.main import get_command
from unit.client.fake_server import FakeServer, iterate


def last_request(server: FakeServer) -> Any:
    return server.world.requests[-1][1]


def test_creating_a_person(server: FakeServer, client: Client) -> None:
    born = Person(name="Ada", birth_date=date(1815, 12, 10), favorite=True)
    assert client.create_person(["f1", "f2"], born).name == "Ada"
    request = last_request(server)
    assert list(request.face_ids) == ["f1", "f2"]
    assert request.person.birth_date.year == 1815
    assert request.person.favorite
    assert request.request_id
    client.create_person(["f1"])
    assert last_request(server).person == resources_pb2.Person()


def test_merging(server: FakeServer, client: Client) -> None:
    server.world.add_person("p1", 3, name="Ada")
    server.world.add_person("p2", 2)
    merged = client.merge_people("p1", ["p2"], request_id="once")
    assert merged.person.face_count == 5
    assert merged.conflicts == ("The birth date of p2 was not kept.",)
    assert last_request(server).request_id == "once"


def test_deleting_and_erasing(server: FakeServer, client: Client) -> None:
    server.world.add_person("p1", 3)
    server.world.add_person("p2", 2)
    deleted = client.delete_person("p1", etag="e1")
    assert (deleted.faces_changed, deleted.erasure_id) == (3, "")
    assert last_request(server).etag == "e1"
    assert client.delete_person("p2", erase=True).erasure_id == "e1"
    assert last_request(server).erase


def test_marking(server: FakeServer, client: Client) -> None:
    marked = client.mark_faces(["f1"], MarkKind.NOT_THIS_PERSON, person_id="p1")
    assert marked.marks[0].kind is MarkKind.NOT_THIS_PERSON
    assert marked.marks[0].person_id == "p1"
    assert marked.contradictions
    assert client.mark_faces(["f1"], MarkKind.NONE).marks == ()
    assert last_request(server).kind == resources_pb2.MARK_KIND_NONE


def test_suggestions_are_listed_and_answered(server: FakeServer, client: Client) -> None:
    server.world.ask("s1", people_pb2.SUGGESTION_KIND_MERGE, "p1 p2")
    server.world.ask("s2", people_pb2.SUGGESTION_KIND_OUTLIER, "p1", "f1")
    assert [one.suggestion_id for one in client.list_suggestions(page_size=1)] == ["s1", "s2"]
    (asked,) = client.list_suggestions(kind=SuggestionKind.OUTLIER)
    assert (asked.person_ids, asked.face_ids, asked.faces_settled) == (("p1",), ("f1",), 3)
    event = client.answer_suggestion("s1", SuggestionAnswer.YES)
    assert event is not None
    assert event.person_ids == ("p1", "p2")
    assert client.answer_suggestion("s2", SuggestionAnswer.LATER) is None
    assert last_request(server).answer == people_pb2.SUGGESTION_ANSWER_LATER
    with pytest.raises(NotFoundError, match="no suggestion s1"):
        client.answer_suggestion("s1", SuggestionAnswer.NO)


def test_a_face_is_explained(server: FakeServer, client: Client) -> None:
    server.world.add_face("f1")
    told = client.explain_face("f1", max_neighbors=5, include_hidden=True)
    assert told.face.face_id == "f1"
    assert told.neighbors[0].lends
    assert told.round is not None
    assert told.marks[0].kind is MarkKind.NOT_THIS_PERSON
    assert (last_request(server).max_neighbors, last_request(server).include_hidden) == (
        5,
        True,
    )


def test_history_is_listed_and_undone(server: FakeServer, client: Client) -> None:
    server.world.add_event("person_updated", "p1")
    server.world.add_event("people_merged", "p1", "p2", faces_changed=4)
    assert [event.event_id for event in client.list_events(page_size=1)] == [2, 1]
    (event,) = client.list_events(person_id="p2")
    assert (event.kind, event.actor, event.faces_changed) == ("people_merged", "ada", 4)
    assert event.undoable
    assert client.undo_event(2).undone_event_id == 2
    with pytest.raises(NotFoundError):
        client.undo_event(99)


def test_events_are_watched(server: FakeServer, client: Client) -> None:
    for number in range(4):
        server.world.add_event("person_updated", f"p{number}")
    assert [event.event_id for event in client.watch_events()] == [1, 2, 3, 4]
    assert [event.event_id for event in client.watch_events(after_event_id=2)] == [3, 4]


def test_a_watch_goes_on_after_the_last_event_told(server: FakeServer, client: Client) -> None:
    for number in range(5):
        server.world.add_event("person_updated", f"p{number}")
    server.world.watch_ends.extend([2, 1])
    assert [event.event_id for event in client.watch_events()] == [1, 2, 3, 4, 5]
    asked = [request.after_event_id for request in server.world.watches]
    assert asked == [0, 2, 3]


def test_a_watch_is_not_patient_for_ever(server: FakeServer, client: Client) -> None:
    server.world.add_event("person_updated", "p1")
    server.world.watch_ends.extend([1] * 9)
    events = client.watch_events(patience_seconds=0)
    assert next(events).event_id == 1
    with pytest.raises(UnavailableError):
        next(events)


def test_a_round_is_previewed_and_committed(server: FakeServer, client: Client) -> None:
    server.world.round_steps = [resources_pb2.Round(state=resources_pb2.ROUND_STATE_PREVIEWED)]
    settings = RoundSettings(max_recognition_distance=0.45, chain_guard=False)
    shown = client.run_round(RoundMode.ALL, preview=True, settings=settings)
    assert shown.state is RoundState.PREVIEWED
    (request,) = iterate(server, "StartRound")
    assert request.preview
    assert list(request.settings_mask.paths) == ["chain_guard", "max_recognition_distance"]
    assert request.settings.max_recognition_distance == pytest.approx(0.45)
    assert client.commit_round(shown.round_id).state is RoundState.SUCCEEDED
    assert last_request(server).request_id


def test_a_preview_takes_every_setting_that_acts_on_rounds() -> None:
    acting = {field.name for field in dataclasses.fields(RoundSettings)}
    others = {"min_detection_score", "nightly_time", "time_zone", "etag"}
    others |= {"find_close_faces", "find_turned_faces", "find_tiny_faces"}
    known = set(resources_pb2.Settings.DESCRIPTOR.fields_by_name)
    assert acting == known - others
    options = get_command(app).commands["round"].params  # type: ignore[attr-defined]
    assert acting <= {option.name for option in options}


def test_a_round_without_settings_sends_none(server: FakeServer, client: Client) -> None:
    client.start_round()
    assert not last_request(server).HasField("settings")
    assert not last_request(server).HasField("settings_mask")


async def test_the_async_client_does_the_same(
    server: FakeServer, async_client: AsyncClient
) -> None:
    server.world.add_person("p1", 3, name="Ada")
    for number in range(3):
        server.world.add_event("person_updated", f"p{number}")
    server.world.watch_ends.append(1)
    assert [event.event_id async for event in async_client.watch_events()] == [1, 2, 3]
    assert [event.event_id async for event in async_client.list_events()] == [3, 2, 1]
    assert (await async_client.delete_person("p1")).faces_changed == 3
    server.world.round_steps = [resources_pb2.Round(state=resources_pb2.ROUND_STATE_PREVIEWED)]
    shown = await async_client.run_round(preview=True, settings=RoundSettings(chain_guard=True))
    assert (await async_client.commit_round(shown.round_id)).state is RoundState.SUCCEEDED
