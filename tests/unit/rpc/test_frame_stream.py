"""RecognizeStream: bounded, answered as done, not ended by what is bad."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import aclosing

import grpc
import pytest
from facefolk.v1 import recognition_pb2 as pb
from facefolk.v1 import resources_pb2
from facefolk_server.errors import InvalidImageError, UnavailableError
from facefolk_server.rpc.frame_stream import FrameStream
from facefolk_server.rpc.readiness import Readiness
from facefolk_server.service.call import Call
from facefolk_server.service.recognition import FrameSubmission
from facefolk_server.service.views import ImageFaces
from google.rpc import error_details_pb2
from rpc_fakes import NO_FACES, FakeContext, FakeRecognition, fake_services, no_faces


def message(
    name: str, *, data: bytes = b"jpeg", library_id: str = ""
) -> pb.RecognizeStreamRequest:
    image = resources_pb2.Image(data=data)
    request = pb.RecognizeRequest(library_id=library_id, asset_id=name, image=image)
    return pb.RecognizeStreamRequest(correlation_id=f"c-{name}", request=request)


async def sent(*names: str) -> AsyncIterator[pb.RecognizeStreamRequest]:
    for name in names:
        yield message(name)


def stream_over(
    recognition: FakeRecognition, *, max_in_flight: int = 4, readiness: Readiness | None = None
) -> FrameStream:
    readiness = readiness or Readiness()
    readiness.begin(fake_services(recognition=recognition))
    return FrameStream(readiness, FakeContext(), max_in_flight=max_in_flight)


class Gated:
    """Frames that wait until they are let go."""

    def __init__(self) -> None:
        self.running: dict[str, asyncio.Event] = {}
        self.most = 0
        self.changed = asyncio.Event()

    async def __call__(self, _call: Call, submission: FrameSubmission) -> ImageFaces:
        released = self.running.setdefault(submission.asset_id, asyncio.Event())
        self.most = max(self.most, len(self.running))
        self.changed.set()
        try:
            await released.wait()
        finally:
            del self.running[submission.asset_id]
        return NO_FACES

    async def until_running(self, *names: str) -> None:
        while set(self.running) != set(names):
            self.changed.clear()
            await self.changed.wait()


async def test_replies_come_in_the_order_of_completion() -> None:
    gated = Gated()
    stream = stream_over(FakeRecognition(gated))
    async with aclosing(stream.replies(sent("a", "b", "c"))) as replies:
        upcoming = asyncio.create_task(anext(replies))
        await gated.until_running("a", "b", "c")
        for name in ("b", "c", "a"):
            gated.running[name].set()
            reply = await upcoming
            assert reply.correlation_id == f"c-{name}"
            assert reply.status.code == 0
            assert (reply.response.width, reply.response.height) == (4, 3)
            upcoming = asyncio.create_task(anext(replies, None))
        assert await upcoming is None


async def test_no_more_is_read_than_may_be_in_flight() -> None:
    gated, read = Gated(), []

    async def counted() -> AsyncIterator[pb.RecognizeStreamRequest]:
        for name in "abcde":
            read.append(name)
            yield message(name)

    stream = stream_over(FakeRecognition(gated), max_in_flight=2)
    async with aclosing(stream.replies(counted())) as replies:
        upcoming = asyncio.create_task(anext(replies))
        await gated.until_running("a", "b")
        for _ in range(20):
            await asyncio.sleep(0)
        assert read == ["a", "b"]
        gated.running["a"].set()
        await upcoming
        upcoming = asyncio.create_task(anext(replies))
        await gated.until_running("b", "c")
        assert gated.most == 2
        upcoming.cancel()
        await asyncio.wait([upcoming])


async def test_what_is_bad_is_answered_and_the_stream_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def recognize(_call: Call, submission: FrameSubmission) -> ImageFaces:
        if submission.asset_id == "bad":
            raise InvalidImageError("no image", field="image")
        if submission.asset_id == "bug":
            raise ZeroDivisionError("/secret/path")
        return NO_FACES

    async def requests() -> AsyncIterator[pb.RecognizeStreamRequest]:
        yield message("bad")
        yield message("bug")
        yield message("empty", data=b"")
        yield message("library", library_id="../x")
        yield message("good")

    stream = stream_over(FakeRecognition(recognize))
    replies = {r.correlation_id: r async for r in stream.replies(requests())}
    codes = {name: reply.status.code for name, reply in replies.items()}
    invalid = grpc.StatusCode.INVALID_ARGUMENT.value[0]
    assert codes == {
        "c-bad": invalid,
        "c-bug": grpc.StatusCode.INTERNAL.value[0],
        "c-empty": invalid,
        "c-library": invalid,
        "c-good": 0,
    }
    info = error_details_pb2.ErrorInfo()
    assert replies["c-bad"].status.details[0].Unpack(info)
    assert (info.reason, info.metadata["field"]) == ("INVALID_IMAGE", "image")
    assert not replies["c-bad"].HasField("response")
    bug = replies["c-bug"].status.message
    assert "secret" not in bug
    [record] = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert record.args[0] in bug
    assert "secret" in str(record.exc_info[1])


async def test_the_caller_goes_and_queued_work_stops() -> None:
    gated = Gated()
    recognition = FakeRecognition(gated)
    stream = stream_over(recognition)

    async def endless() -> AsyncIterator[pb.RecognizeStreamRequest]:
        yield message("a")
        yield message("b")
        await asyncio.Event().wait()

    async with aclosing(stream.replies(endless())) as replies:
        upcoming = asyncio.create_task(anext(replies))
        await gated.until_running("a", "b")
        upcoming.cancel()
        await asyncio.wait([upcoming])
    assert recognition.cancelled == 2
    assert not gated.running


async def test_draining_answers_what_was_read_and_ends_the_stream() -> None:
    gated, readiness = Gated(), Readiness()
    stream = stream_over(FakeRecognition(gated), readiness=readiness)

    async def endless() -> AsyncIterator[pb.RecognizeStreamRequest]:
        yield message("a")
        await asyncio.Event().wait()

    async with aclosing(stream.replies(endless())) as replies:
        upcoming = asyncio.create_task(anext(replies))
        await gated.until_running("a")
        readiness.drain()
        await asyncio.sleep(0)
        gated.running["a"].set()
        assert (await upcoming).correlation_id == "c-a"
        with pytest.raises(UnavailableError, match="stopping"):
            await anext(replies)


async def test_an_idle_stream_ends_when_the_server_drains() -> None:
    readiness = Readiness()
    stream = stream_over(FakeRecognition(no_faces), readiness=readiness)

    async def silent() -> AsyncIterator[pb.RecognizeStreamRequest]:
        await asyncio.Event().wait()
        yield message("never")

    upcoming = asyncio.create_task(anext(stream.replies(silent())))
    await asyncio.sleep(0)
    readiness.drain()
    with pytest.raises(UnavailableError):
        await upcoming


async def test_an_empty_stream_is_answered_by_nothing() -> None:
    stream = stream_over(FakeRecognition(no_faces))
    assert [reply async for reply in stream.replies(sent())] == []


async def test_an_open_stream_counts_as_ingestion_of_its_libraries() -> None:
    readiness = Readiness()
    stream = stream_over(FakeRecognition(no_faces), readiness=readiness)
    gate = readiness.services.gate

    async def requests() -> AsyncIterator[pb.RecognizeStreamRequest]:
        for name in ("a", "b", "c"):
            yield message(name, library_id="family")

    async with aclosing(stream.replies(requests())) as replies:
        await anext(replies)
        assert gate.in_flight("family") == 1
        assert gate.in_flight("") == 0
    assert gate.in_flight("family") == 0


async def test_calls_of_a_stream_are_patient() -> None:
    recognition = FakeRecognition(no_faces)
    async for _ in stream_over(recognition).replies(sent("a")):
        pass
    [(call, submission)] = recognition.calls
    assert call.patient
    assert submission.asset_id == "a"
