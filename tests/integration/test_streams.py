"""RecognizeStream over real models and a real store; what kills do to it."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import grpc
import pytest
from facefolk.v1 import people_pb2, recognition_pb2, resources_pb2
from integration.servers import ServerFactory, ServerProcess
from integration.wire import Api, error_info

pytestmark = pytest.mark.models
OK = grpc.StatusCode.OK.value[0]
INVALID = grpc.StatusCode.INVALID_ARGUMENT.value[0]


@pytest.fixture(scope="module")
def portraits(photos: Path) -> dict[str, bytes]:
    """80 portraits of 8 people."""
    paths = sorted((photos / "orl").glob("s0[1-8]/*.png"))
    assert len(paths) == 80
    return {f"{path.parent.name}/{path.name}": path.read_bytes() for path in paths}


def frame(
    name: str, data: bytes, *, library_id: str = ""
) -> recognition_pb2.RecognizeStreamRequest:
    request = recognition_pb2.RecognizeRequest(
        library_id=library_id, asset_id=name, image=resources_pb2.Image(data=data)
    )
    return recognition_pb2.RecognizeStreamRequest(correlation_id=name, request=request)


def test_bad_frames_are_answered_and_the_rest_goes_on(
    channel: grpc.Channel, portraits: dict[str, bytes]
) -> None:
    api = Api(channel)
    good = dict(list(portraits.items())[:12])
    frames = [frame(name, data, library_id="stream") for name, data in good.items()]
    frames.insert(3, frame("text", b"no picture", library_id="stream"))
    frames.insert(7, frame("", b"no name", library_id="stream"))
    replies = {r.correlation_id: r for r in api.recognition.RecognizeStream(iter(frames))}
    assert set(replies) == {*good, "text", ""}
    for name, reply in replies.items():
        assert reply.status.code == (OK if name in good else INVALID), reply
    assert error_info(replies["text"].status).reason == "INVALID_IMAGE"
    assert error_info(replies[""].status).reason == "INVALID_REQUEST"
    stored = api.people.ListFaces(people_pb2.ListFacesRequest(library_id="stream"))
    found = {face.face.face_id for r in replies.values() for face in r.response.faces}
    assert {face.face_id for face in stored.faces} == found
    assert stored.total_size == len(good)


def test_cancelling_stops_what_was_queued(
    channel: grpc.Channel, portraits: dict[str, bytes]
) -> None:
    api = Api(channel)
    data = next(iter(portraits.values()))
    frames = (frame(f"c{i}", data, library_id="cancelled") for i in range(100_000))
    replies = api.recognition.RecognizeStream(frames)
    next(replies)
    replies.cancel()
    with pytest.raises(grpc.RpcError) as caught:
        list(replies)
    assert caught.value.code() == grpc.StatusCode.CANCELLED
    again = api.recognition.RecognizeStream(
        iter([frame("after", data, library_id="cancelled")])
    )
    assert [reply.status.code for reply in again] == [OK]


def until_cut(
    replies: Iterator[recognition_pb2.RecognizeStreamResponse],
) -> Iterator[recognition_pb2.RecognizeStreamResponse]:
    """What comes before the connection breaks."""
    with suppress(grpc.RpcError):
        yield from replies


def acknowledged(
    server: ServerProcess, portraits: dict[str, bytes], *, count: int
) -> dict[str, list[str]]:
    """Send portraits until so many are acknowledged, kill the server, return their faces."""
    sent: queue.Queue[recognition_pb2.RecognizeStreamRequest | None] = queue.Queue()
    for name, data in portraits.items():
        sent.put(frame(name, data))

    def endless() -> Iterator[recognition_pb2.RecognizeStreamRequest]:
        while (message := sent.get()) is not None:
            yield message

    told: dict[str, list[str]] = {}
    with server.channel() as channel:
        replies = Api(channel).recognition.RecognizeStream(endless())
        for reply in until_cut(replies):
            assert reply.status.code == OK
            told[reply.correlation_id] = [f.face.face_id for f in reply.response.faces]
            if len(told) == count:
                server.kill()
        sent.put(None)
    assert len(told) >= count
    return told


@pytest.mark.parametrize(
    "counts", [(9,), pytest.param((9, 23), marks=pytest.mark.slow)], ids=["once", "twice"]
)
def test_kill_in_the_middle_loses_nothing_acknowledged(
    servers: ServerFactory, portraits: dict[str, bytes], counts: tuple[int, ...]
) -> None:
    server = servers()
    told: dict[str, list[str]] = {}
    remaining = dict(portraits)
    for count in counts:
        server.start()
        told |= acknowledged(server, remaining, count=count)
        remaining = {name: remaining[name] for name in remaining if name not in told}
    server.start()
    with server.channel() as channel:
        api = Api(channel)
        for name, face_ids in told.items():
            asset = api.recognition.GetAsset(recognition_pb2.GetAssetRequest(asset_id=name))
            assert asset.face_count == len(face_ids)
            listed = api.people.ListFaces(people_pb2.ListFacesRequest(asset_id=name))
            assert {face.face_id for face in listed.faces} == set(face_ids)
        again = api.recognition.RecognizeStream(
            frame(name, data) for name, data in portraits.items()
        )
        for reply in again:
            assert reply.status.code == OK
            if reply.correlation_id in told:
                ids = [face.face.face_id for face in reply.response.faces]
                assert ids == told[reply.correlation_id]
    assert server.stop() == 0
