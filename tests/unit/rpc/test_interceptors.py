"""What surrounds every call, over the wire."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc
import pytest
from facefolk.v1 import (
    clustering_pb2,
    clustering_pb2_grpc,
    people_pb2,
    people_pb2_grpc,
    recognition_pb2_grpc,
)
from facefolk_server.errors import OverloadedError, PersonNotFoundError, StorageError
from facefolk_server.rpc.clustering import ClusteringServicer
from facefolk_server.rpc.interceptors import ApiInterceptor
from facefolk_server.rpc.people import PeopleServicer
from facefolk_server.rpc.readiness import Readiness
from facefolk_server.rpc.recognition import RecognitionServicer
from facefolk_server.service.call import Call
from facefolk_server.service.views import PersonView
from facefolk_server.types import Person, RoundMode, RoundRecord, RoundState
from google.rpc import error_details_pb2
from grpc import aio
from grpc_status import rpc_status
from rpc_fakes import fake_services

GetPerson = Callable[[Call], Awaitable[PersonView]]
NOBODY = PersonView(Person("p"), face_count=0, asset_count=0, feature_face_id="", etag="1")
RUNNING = RoundRecord("r", RoundMode.ALL, RoundState.RUNNING)


class FakePeople:
    def __init__(self) -> None:
        self.answer: GetPerson = self._nobody

    async def get_person(self, call: Call, person_id: str) -> PersonView:
        return await self.answer(call)

    async def _nobody(self, call: Call) -> PersonView:
        return NOBODY


class FakeRounds:
    """A round that runs, fails while it is watched, or never changes."""

    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.watched = asyncio.Event()
        self.left = asyncio.Event()

    async def watch_round(self, call: Call, round_id: str) -> AsyncIterator[RoundRecord]:
        try:
            yield RUNNING
            self.watched.set()
            if self.failure is not None:
                raise self.failure
            await asyncio.Event().wait()
        finally:
            self.left.set()


class Wire:
    """A server with fake use cases, and stubs of its callers."""

    def __init__(self, channel: aio.Channel, readiness: Readiness) -> None:
        self.channel = channel
        self.readiness = readiness
        self.people = FakePeople()
        self.rounds = FakeRounds()
        self.person = people_pb2_grpc.PeopleServiceStub(channel).GetPerson
        self.watch = clustering_pb2_grpc.ClusteringServiceStub(channel).WatchRound

    def begin(self) -> Wire:
        self.readiness.begin(fake_services(people=self.people, rounds=self.rounds))
        return self


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    readiness = Readiness()
    server = aio.server(interceptors=(ApiInterceptor(readiness),))
    people_pb2_grpc.add_PeopleServiceServicer_to_server(PeopleServicer(readiness), server)
    clustering_pb2_grpc.add_ClusteringServiceServicer_to_server(
        ClusteringServicer(readiness), server
    )
    recognition_pb2_grpc.add_RecognitionServiceServicer_to_server(
        RecognitionServicer(readiness, stream_in_flight=1), server
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Wire(channel, readiness).begin()
    await server.stop(None)


REQUEST = people_pb2.GetPersonRequest(person_id="p")
ROUND = clustering_pb2.WatchRoundRequest(round_id="r")


async def failure(call: Awaitable[Any]) -> aio.AioRpcError:
    with pytest.raises(aio.AioRpcError) as caught:
        await call
    return caught.value


def info_of(error: aio.AioRpcError) -> error_details_pb2.ErrorInfo:
    status = rpc_status.from_call(_AsCall(error))
    info = error_details_pb2.ErrorInfo()
    assert status is not None
    assert status.details[0].Unpack(info)
    return info


class _AsCall:
    """`rpc_status` reads calls; an error of grpc.aio has the same facts."""

    def __init__(self, error: aio.AioRpcError) -> None:
        self.code, self.details = error.code, error.details
        self.trailing_metadata = lambda: tuple(error.trailing_metadata())


def access_lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.name.endswith(".access")]


async def test_the_request_id_comes_back_and_is_in_the_access_log(
    wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    call = wire.person(REQUEST, metadata=(("x-request-id", "mine-1"),))
    await call
    assert ("x-request-id", "mine-1") in tuple(await call.trailing_metadata())
    [line] = access_lines(caplog)
    assert line.startswith("mine-1 /facefolk.v1.PeopleService/GetPerson OK ")
    assert line.endswith(" ms")


async def test_a_request_id_that_could_forge_log_lines_is_replaced(wire: Wire) -> None:
    call = wire.person(REQUEST, metadata=(("x-request-id", "a b" * 100),))
    await call
    [(_, made)] = [p for p in await call.trailing_metadata() if p[0] == "x-request-id"]
    assert made.isalnum()


async def test_our_errors_become_statuses(wire: Wire) -> None:
    async def gone(_call: Call) -> PersonView:
        raise PersonNotFoundError("No person is named p.", person_id="p")

    wire.people.answer = gone
    error = await failure(wire.person(REQUEST))
    assert (error.code(), error.details()) == (
        grpc.StatusCode.NOT_FOUND,
        "No person is named p.",
    )
    assert info_of(error).reason == "PERSON_NOT_FOUND"
    assert dict(info_of(error).metadata) == {"person_id": "p"}
    assert "x-request-id" in dict(error.trailing_metadata())


async def test_overload_says_when_to_come_back(wire: Wire) -> None:
    async def busy(_call: Call) -> PersonView:
        raise OverloadedError("Too much.", retry_delay_seconds=1.5)

    wire.people.answer = busy
    error = await failure(wire.person(REQUEST))
    assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert dict(error.trailing_metadata())["grpc-retry-pushback-ms"] == "1500"


async def test_a_bug_is_logged_and_not_told(
    wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(_call: Call) -> PersonView:
        raise KeyError("/home/secret/names.db")

    wire.people.answer = broken
    error = await failure(wire.person(REQUEST, metadata=(("x-request-id", "find-me"),)))
    assert error.code() == grpc.StatusCode.INTERNAL
    assert "find-me" in error.details()
    told = error.details() + str(error.trailing_metadata())
    assert not any(word in told for word in ("secret", "KeyError", "Traceback", ".py"))
    [record] = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert "find-me" in record.getMessage()
    assert "secret" in str(record.exc_info)


async def test_the_cause_of_a_failing_store_is_logged(
    wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    async def failing(_call: Call) -> PersonView:
        raise StorageError("The store cannot be read.") from OSError("disk on fire")

    wire.people.answer = failing
    error = await failure(wire.person(REQUEST))
    assert error.code() == grpc.StatusCode.UNAVAILABLE
    assert "fire" not in str(error)
    assert "disk on fire" in caplog.text


async def test_names_are_not_logged(wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def ada(_call: Call) -> PersonView:
        return PersonView(Person("p", name="Ada Lovelace"), 1, 1, "f", "1")

    wire.people.answer = ada
    assert (await wire.person(REQUEST)).name == "Ada Lovelace"
    assert "Lovelace" not in caplog.text


async def test_what_cannot_be_parsed_is_refused(
    wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    raw = wire.channel.unary_unary("/facefolk.v1.PeopleService/GetPerson")
    error = await failure(raw(b"\xff\xff\xff"))
    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert "DecodeError" not in str(error)
    stream = wire.channel.stream_stream("/facefolk.v1.RecognitionService/RecognizeStream")
    error = await failure(stream(iter([b"\xff\xff\xff"])).read())
    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert not [r for r in caplog.records if r.levelno >= logging.WARNING]


async def test_the_deadline_reaches_the_use_case(wire: Wire) -> None:
    seen: list[Call] = []

    async def look(call: Call) -> PersonView:
        seen.append(call)
        return NOBODY

    wire.people.answer = look
    await wire.person(REQUEST)
    await wire.person(REQUEST, timeout=100)
    assert seen[0].deadline is None
    assert seen[1].deadline is not None
    assert seen[1].actor == "anonymous"


async def test_a_caller_that_goes_stops_its_call(
    wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    begun, ended = asyncio.Event(), asyncio.Event()

    async def slow(_call: Call) -> PersonView:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return NOBODY

    wire.people.answer = slow
    call = wire.person(REQUEST)
    await begun.wait()
    call.cancel()
    await ended.wait()
    await wire.readiness.wait_idle()
    assert "CANCELLED" in access_lines(caplog)[0]


async def test_a_malformed_library_id_is_refused_everywhere(wire: Wire) -> None:
    request = people_pb2.GetPersonRequest(person_id="p", library_id="../etc")
    error = await failure(wire.person(request))
    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert info_of(error).metadata["field"] == "library_id"


async def test_errors_in_the_middle_of_a_stream_become_statuses(wire: Wire) -> None:
    wire.rounds.failure = PersonNotFoundError("gone")
    watching = wire.watch(ROUND)
    assert (await watching.read()).round.round_id == "r"
    error = await failure(watching.read())
    assert error.code() == grpc.StatusCode.NOT_FOUND


async def test_bugs_in_the_middle_of_a_stream_are_not_told(wire: Wire) -> None:
    wire.rounds.failure = ValueError("secret")
    watching = wire.watch(ROUND)
    await watching.read()
    error = await failure(watching.read())
    assert error.code() == grpc.StatusCode.INTERNAL
    assert "secret" not in str(error)


async def test_a_stream_is_closed_when_its_caller_goes(wire: Wire) -> None:
    watching = wire.watch(ROUND)
    await watching.read()
    await wire.rounds.watched.wait()
    watching.cancel()
    await wire.rounds.left.wait()


async def test_a_stream_ends_when_the_server_drains(wire: Wire) -> None:
    watching = wire.watch(ROUND)
    await watching.read()
    wire.readiness.drain()
    error = await failure(watching.read())
    assert error.code() == grpc.StatusCode.UNAVAILABLE
    assert "stopping" in error.details()
    assert dict(error.trailing_metadata())["grpc-retry-pushback-ms"] == "1000"


async def test_before_the_models_are_loaded_calls_are_told_to_wait(wire: Wire) -> None:
    wire.readiness._services = None
    error = await failure(wire.person(REQUEST))
    assert error.code() == grpc.StatusCode.UNAVAILABLE
    assert "starting" in error.details()
    assert info_of(error).reason == "UNAVAILABLE"
