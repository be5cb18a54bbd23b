"""Each method sends the right request and answers the right type, on both clients."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from facefolk import (
    AssetFilter,
    AsyncClient,
    BoundingBox,
    Client,
    Face,
    Person,
    PersonOrder,
    Point,
    RoundMode,
    RoundState,
    Submission,
    UsageError,
)
from facefolk.v1 import recognition_pb2, resources_pb2
from unit.client.fake_server import FakeServer, iterate
from unit.client.fake_world import JPEG


def last_request(server: FakeServer) -> Any:
    return server.world.requests[-1][1]


def test_detect(server: FakeServer, client: Client) -> None:
    detection = client.detect(JPEG, min_score=0.25)
    assert detection.faces[0].box == BoundingBox(1, 2, 30, 40)
    assert (detection.width, detection.height) == (64, 48)
    assert detection.timings == {"detect": 1.5}
    assert last_request(server).image.data == JPEG
    assert last_request(server).min_score == 0.25
    client.detect(JPEG)
    assert not last_request(server).HasField("min_score")


def test_embed(server: FakeServer, client: Client) -> None:
    face = Face(BoundingBox(0, 0, 4, 4), (Point(1, 2),) * 5)
    assert len(client.embed_faces(JPEG, [face, face]).embeddings) == 2
    assert last_request(server).faces[0].landmarks[0].y == 2
    assert client.embed_crops([b"crop"]).embeddings == ((1.0, 0.0),)
    assert last_request(server).crops[0].data == b"crop"


def test_recognize(server: FakeServer, client: Client) -> None:
    taken = datetime(2020, 1, 2, tzinfo=UTC)
    recognition = client.recognize(
        "a.mp4", JPEG, frame_offset=timedelta(seconds=2), capture_time=taken, dry_run=True
    )
    assert recognition.faces[0].face.face_id == "f-a.mp4"
    assert recognition.faces[0].match is None
    request = last_request(server)
    assert request.dry_run
    assert not request.include_embedding
    assert request.frame_offset.seconds == 2
    assert request.capture_time.ToDatetime(tzinfo=UTC) == taken
    assert not server.world.frames


@pytest.mark.parametrize(
    ("query", "field"), [(JPEG, "image"), ("f1", "face_id"), ((0.0, 1.0), "embedding")]
)
def test_compare_and_search_take_any_source(
    server: FakeServer, client: Client, query: Any, field: str
) -> None:
    assert client.compare(query, "f2").pairs[0].distance == 0.25
    assert last_request(server).left.WhichOneof("source") == field
    assert last_request(server).right.face_id == "f2"
    (result,) = client.search_faces(query, k=3, max_distance=0.4)
    assert result.hits[0].face.asset_id == "a.jpg"
    assert result.match is not None
    assert result.match.name == "Ada"
    assert last_request(server).WhichOneof("query") == field
    assert last_request(server).k == 3


def test_assets(server: FakeServer, client: Client) -> None:
    client.recognize("a.jpg", JPEG, content_digest="d")
    assert client.get_asset("a.jpg").frames[0].content_digest == "d"
    assert [asset.asset_id for asset in client.list_assets(which=AssetFilter.STALE)] == [
        "a.jpg"
    ]
    assert last_request(server).filter == recognition_pb2.ASSET_FILTER_STALE


def test_lists_are_paged(server: FakeServer, client: Client) -> None:
    for number in range(5):
        server.world.add_person(f"p{number}", 1, name="Ada")
    people = client.list_people(page_size=2, order_by=PersonOrder.NAME, name_query="a")
    assert [person.person_id for person in people] == ["p0", "p1", "p2", "p3", "p4"]
    assert [request.page_token for request in iterate(server, "ListPeople")] == ["", "2", "4"]
    assert last_request(server).name_query == "a"
    pages = list(people.pages())
    assert [len(page.items) for page in pages] == [2, 2, 1]
    assert pages[0].total_size == 5
    (rest,) = people.pages(pages[1].next_page_token)
    assert rest.items == pages[2].items


def test_a_list_fetches_no_more_than_is_looked_at(server: FakeServer, client: Client) -> None:
    for number in range(5):
        server.world.add_person(f"p{number}", 1)
    assert next(iter(client.list_people(page_size=2))).person_id == "p0"
    assert server.world.calls["ListPeople"] == 1


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({}, {"p1-0", "p1-1", "x"}),
        ({"person_id": "p1"}, {"p1-0", "p1-1"}),
        ({"asset_id": "x.jpg"}, {"x"}),
        ({"unassigned": True}, {"x"}),
    ],
)
def test_faces(
    server: FakeServer, client: Client, chosen: dict[str, Any], expected: set[str]
) -> None:
    server.world.add_person("p1", 2)
    server.world.add_face("x")
    assert {face.face_id for face in client.list_faces(**chosen)} == expected
    embedded = client.list_faces(include_embedding=True, **chosen)
    assert all(face.embedding == (1.0, 0.0) for face in embedded)


def test_contradicting_arguments_are_refused(server: FakeServer, client: Client) -> None:
    refused: list[Callable[[], object]] = [
        lambda: client.list_faces(person_id="p", asset_id="a"),
        lambda: client.get_thumbnail(),
        lambda: client.get_thumbnail(face_id="f", person_id="p"),
        lambda: client.assign_faces(["f"]),
        lambda: client.assign_faces(["f"], person_id="p", new_person=Person()),
        lambda: client.update_person("p"),
        lambda: client.update_settings(),
    ]
    for call in refused:
        with pytest.raises(UsageError):
            call()
    assert not server.world.requests


def test_people(server: FakeServer, client: Client) -> None:
    server.world.add_person("p1", 3, name="Ada")
    assert client.get_person("p1").name == "Ada"
    assert list(client.list_person_assets("p1", page_size=2)) == [
        "p1-0.jpg",
        "p1-1.jpg",
        "p1-2.jpg",
    ]
    assert client.get_thumbnail(person_id="p1").face_id == "p1-0"
    assert client.get_thumbnail(face_id="f9").image == server.world.thumbnail


def test_an_update_changes_what_is_given_alone(server: FakeServer, client: Client) -> None:
    server.world.add_person("p1", 3, name="Ada", favorite=True)
    person = client.update_person(
        "p1", birth_date=date(1815, 12, 10), favorite=False, etag="e1"
    )
    assert person.birth_date == date(1815, 12, 10)
    assert person.name == "Ada"
    assert not person.favorite
    assert list(last_request(server).update_mask.paths) == ["birth_date", "favorite"]
    assert last_request(server).person.etag == "e1"
    assert client.update_person("p1", birth_date=None).birth_date is None
    assert client.update_person("p1", name="").name == ""


def test_assigning(server: FakeServer, client: Client) -> None:
    server.world.add_person("p1", 1)
    assert client.assign_faces(["f1", "f2"], person_id="p1").faces_changed == 2
    assert last_request(server).person_id == "p1"
    assigned = client.assign_faces(["f1"], new_person=Person(name="Eve"))
    assert assigned.person.name == "Eve"
    client.assign_faces(["f1"], new_person=Person())
    assert last_request(server).HasField("new_person")
    assert client.unassign_faces(["f1", "f2", "f3"]) == 3


def test_rounds(server: FakeServer, client: Client) -> None:
    started = client.start_round(RoundMode.ALL, skip_waiting=True)
    assert started.state is RoundState.WAITING
    assert last_request(server).skip_waiting
    states = [step.state for step in client.watch_round(started.round_id)]
    assert states == [RoundState.RUNNING, RoundState.SUCCEEDED]
    assert client.get_round(started.round_id).faces_assigned == 3
    assert [one.round_id for one in client.list_rounds()] == ["r0"]
    assert client.cancel_round("r0").state is RoundState.CANCELLED


def test_run_round_waits_and_tells(server: FakeServer, client: Client) -> None:
    steps: list[int] = []
    ended = client.run_round(progress=lambda step: steps.append(step.faces_processed))
    assert ended.state is RoundState.SUCCEEDED
    assert ended.mode is RoundMode.MISSING
    assert steps == [2, 2]


def test_a_watch_that_breaks_is_taken_up_again(server: FakeServer, client: Client) -> None:
    server.world.round_steps = [resources_pb2.Round(state=resources_pb2.ROUND_STATE_RUNNING)]

    def finish(step: object) -> None:
        server.world.round_steps = [
            resources_pb2.Round(state=resources_pb2.ROUND_STATE_SUCCEEDED)
        ]

    assert client.run_round(progress=finish).state is RoundState.SUCCEEDED


def test_settings(server: FakeServer, client: Client) -> None:
    assert client.get_settings().max_recognition_distance == 0.5
    update = client.update_settings(one_face_per_asset=False, min_recognized_faces=5)
    assert update.settings.min_recognized_faces == 5
    assert not update.settings.one_face_per_asset
    assert update.advice == ("Think it over.",)


def test_packs_and_status(client: Client) -> None:
    assert [pack.name for pack in client.list_packs()] == ["open", "dlib"]
    steps = list(client.pull_pack("open"))
    assert [step.bytes_done for step in steps[:3]] == [0, 50, 100]
    assert steps[-1].pack is not None
    assert client.get_status().models[0].name == "yunet"


def test_a_stream_answers_each_submission(server: FakeServer, client: Client) -> None:
    submissions = [Submission(f"{n}.jpg", JPEG, correlation_id=str(n)) for n in range(3)]
    bad = Submission("bad", b"text", correlation_id="bad")
    outcomes = {one.correlation_id: one for one in client.recognize_stream([*submissions, bad])}
    assert set(outcomes) == {"0", "1", "2", "bad"}
    assert outcomes["1"].recognition is not None
    assert outcomes["bad"].error is not None
    assert outcomes["bad"].error.code == "INVALID_ARGUMENT"


def test_leaving_a_stream_early_ends_the_call(client: Client) -> None:
    steps = client.pull_pack("open")
    next(steps)
    steps.close()  # type: ignore[attr-defined]


def test_health(server: FakeServer, client: Client) -> None:
    assert client.check_health()
    server.world.health = 2
    assert not client.check_health()


async def test_the_async_client_does_the_same(
    server: FakeServer, async_client: AsyncClient
) -> None:
    server.world.add_person("p1", 3, name="Ada")
    server.world.add_person("p2", 3)
    assert (await async_client.detect(JPEG)).width == 64
    assert (await async_client.get_person("p1")).name == "Ada"
    people = [person.person_id async for person in async_client.list_people(page_size=1)]
    assert people == ["p1", "p2"]
    pages = [page async for page in async_client.list_people(page_size=1).pages()]
    assert [page.total_size for page in pages] == [2, 2]
    assert [step.done async for step in async_client.pull_pack()] == [False] * 3 + [True]
    ended = await async_client.run_round(RoundMode.ALL)
    assert ended.state is RoundState.SUCCEEDED
    assert await async_client.check_health()
    submissions = [Submission("a.jpg", JPEG, correlation_id="a")]
    outcomes = [outcome async for outcome in async_client.recognize_stream(submissions)]
    assert [outcome.correlation_id for outcome in outcomes] == ["a"]
