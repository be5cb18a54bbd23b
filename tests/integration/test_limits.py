"""Overload and deadlines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from facefolk.v1 import recognition_pb2, resources_pb2
from grpc_status import rpc_status
from integration.servers import ServerFactory, ServerProcess
from integration.wire import Api, error_info

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def narrow(
    tmp_path_factory: pytest.TempPathFactory, server_environment: dict[str, str]
) -> Iterator[ServerProcess]:
    """A server that works on one picture at a time and lets none wait."""
    factory = ServerFactory(tmp_path_factory.mktemp("narrow"), server_environment)
    yield factory(worker_threads="1", budget_requests="1").start()
    factory.close()


@pytest.fixture(scope="module")
def picture(photos: Path) -> bytes:
    return (photos / "preview" / "preview2.jpg").read_bytes()


def detection(picture: bytes) -> recognition_pb2.DetectRequest:
    return recognition_pb2.DetectRequest(image=resources_pb2.Image(data=picture))


def test_what_is_too_much_is_refused_at_once_and_says_when(
    narrow: ServerProcess, picture: bytes
) -> None:
    with narrow.channel() as channel:
        recognition = Api(channel).recognition
        calls = [recognition.Detect.future(detection(picture)) for _ in range(8)]
        codes = [call.code() for call in calls]
        assert set(codes) == {grpc.StatusCode.OK, grpc.StatusCode.RESOURCE_EXHAUSTED}
        refused = calls[codes.index(grpc.StatusCode.RESOURCE_EXHAUSTED)]
        status = rpc_status.from_call(refused)
        assert status is not None
        assert error_info(status).reason == "OVERLOADED"
        trailers = dict(refused.trailing_metadata())
        assert int(trailers["grpc-retry-pushback-ms"]) > 0
        assert recognition.Detect(detection(picture)).faces


def test_streams_wait_where_calls_are_refused(narrow: ServerProcess, picture: bytes) -> None:
    image = resources_pb2.Image(data=picture)
    frames = [
        recognition_pb2.RecognizeStreamRequest(
            correlation_id=str(i),
            request=recognition_pb2.RecognizeRequest(asset_id=f"s{i}", image=image),
        )
        for i in range(8)
    ]
    with narrow.channel() as channel:
        replies = list(Api(channel).recognition.RecognizeStream(iter(frames)))
    assert sorted(reply.correlation_id for reply in replies) == [str(i) for i in range(8)]
    assert {reply.status.code for reply in replies} == {0}


def test_work_past_its_deadline_is_not_started(servers: ServerFactory, picture: bytes) -> None:
    server = servers(worker_threads="1").start()
    with server.channel() as channel:
        recognition = Api(channel).recognition
        patient = [recognition.Detect.future(detection(picture)) for _ in range(12)]
        hurried = [
            recognition.Recognize.future(
                recognition_pb2.RecognizeRequest(
                    asset_id=f"late{i}", image=resources_pb2.Image(data=picture)
                ),
                timeout=0.02,
            )
            for i in range(4)
        ]
        assert {call.code() for call in hurried} == {grpc.StatusCode.DEADLINE_EXCEEDED}
        assert {call.code() for call in patient} == {grpc.StatusCode.OK}
        assets = recognition.ListAssets(recognition_pb2.ListAssetsRequest()).assets
    assert not assets
    assert server.stop() == 0
