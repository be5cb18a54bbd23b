"""The gRPC server without anything behind it: health, reflection, draining, TLS."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest
from facefolk.v1 import people_pb2, people_pb2_grpc
from facefolk_server.app.transport import SERVICE_NAMES, Transport
from facefolk_server.errors import PreconditionError
from facefolk_server.rpc.readiness import Readiness
from facefolk_server.service.call import Call
from facefolk_server.service.paging import Page, PageRequest
from facefolk_server.service.views import PersonView
from facefolk_server.settings import Settings
from grpc import aio
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from rpc_fakes import fake_services

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
LIST = people_pb2.ListPeopleRequest()


class SlowPeople:
    """Lists nobody, once it is let go."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.let_go = asyncio.Event()
        self.actors: list[str] = []

    async def list_people(
        self, call: Call, page: PageRequest, **_options: object
    ) -> Page[PersonView]:
        self.actors.append(call.actor)
        self.begun.set()
        await self.let_go.wait()
        return Page((), "", 0)


class Opened:
    def __init__(self, transport: Transport, readiness: Readiness, people: SlowPeople) -> None:
        self.transport, self.readiness, self.people = transport, readiness, people


@pytest.fixture
async def opened() -> AsyncIterator[Opened]:
    readiness, people = Readiness(), SlowPeople()
    transport = Transport(Settings(listen="127.0.0.1:0"), readiness)
    await transport.start()
    yield Opened(transport, readiness, people)
    await transport.stop(grace_seconds=0)


@pytest.fixture
async def channel(opened: Opened) -> AsyncIterator[aio.Channel]:
    async with aio.insecure_channel(opened.transport.address) as made:
        yield made


async def health(channel: aio.Channel, name: str) -> int:
    stub = health_pb2_grpc.HealthStub(channel)
    return (await stub.Check(health_pb2.HealthCheckRequest(service=name))).status


async def test_health_is_told_for_every_service(opened: Opened, channel: aio.Channel) -> None:
    names = ("", *SERVICE_NAMES)
    assert len(SERVICE_NAMES) == 4
    assert {await health(channel, name) for name in names} == {NOT_SERVING}
    await opened.transport.serving()
    assert {await health(channel, name) for name in names} == {SERVING}
    with pytest.raises(aio.AioRpcError) as caught:
        await health(channel, "unknown")
    assert caught.value.code() == grpc.StatusCode.NOT_FOUND


async def test_calls_are_told_to_wait_until_everything_is_there(
    opened: Opened, channel: aio.Channel
) -> None:
    people = people_pb2_grpc.PeopleServiceStub(channel)
    with pytest.raises(aio.AioRpcError) as caught:
        await people.ListPeople(LIST)
    assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
    opened.readiness.begin(fake_services(people=opened.people))
    opened.people.let_go.set()
    assert (await people.ListPeople(LIST)).total_size == 0


async def test_draining_waits_for_calls_and_not_for_watches(
    opened: Opened, channel: aio.Channel
) -> None:
    opened.readiness.begin(fake_services(people=opened.people))
    await opened.transport.serving()
    watching = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
    assert (await watching.read()).status == SERVING
    running = people_pb2_grpc.PeopleServiceStub(channel).ListPeople(LIST)
    await opened.people.begun.wait()
    stopping = asyncio.create_task(opened.transport.stop(grace_seconds=600))
    assert (await watching.read()).status == NOT_SERVING
    await asyncio.sleep(0)
    assert not stopping.done()
    opened.people.let_go.set()
    assert (await running).total_size == 0
    await stopping


async def test_calls_that_do_not_end_are_cut_when_the_time_is_over(
    opened: Opened, channel: aio.Channel
) -> None:
    opened.readiness.begin(fake_services(people=opened.people))
    running = people_pb2_grpc.PeopleServiceStub(channel).ListPeople(LIST)
    await opened.people.begun.wait()
    await opened.transport.stop(grace_seconds=0.01)
    with pytest.raises(aio.AioRpcError):
        await running
    await opened.readiness.wait_idle()


async def test_reflection_lists_the_services(channel: aio.Channel) -> None:
    stub = reflection_pb2_grpc.ServerReflectionStub(channel)
    request = reflection_pb2.ServerReflectionRequest(list_services="")
    [reply] = [r async for r in stub.ServerReflectionInfo(iter([request]))]
    names = {service.name for service in reply.list_services_response.service}
    assert {*SERVICE_NAMES, "grpc.health.v1.Health"} < names


async def test_a_taken_port_is_refused(opened: Opened) -> None:
    with pytest.raises(PreconditionError, match=opened.transport.address):
        Transport(Settings(listen=opened.transport.address), Readiness())


async def test_files_of_tls_that_are_missing_are_named(tmp_path: Path) -> None:
    missing = tmp_path / "cert.pem"
    settings = Settings(listen="127.0.0.1:0", tls_cert_file=missing, tls_key_file=missing)
    with pytest.raises(PreconditionError, match=r"cert\.pem"):
        Transport(settings, Readiness())


def openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority, and certificates it signed for a server and for `alice`."""
    if not shutil.which("openssl"):
        pytest.skip("needs the command openssl")
    folder = tmp_path_factory.mktemp("tls")
    new = ("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl(folder, *new, "-x509", "-subj", "/CN=ca", "-keyout", "ca.key", "-out", "ca.pem")
    (folder / "names").write_text("subjectAltName=DNS:localhost\n")
    for name in ("localhost", "alice"):
        openssl(
            folder,
            *new,
            "-subj",
            f"/CN={name}",
            "-keyout",
            f"{name}.key",
            "-out",
            f"{name}.csr",
        )
        openssl(
            folder,
            *("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key"),
            *("-CAcreateserial", "-extfile", "names", "-out", f"{name}.pem"),
        )
    return folder


async def test_certificates_tell_who_calls(certificates: Path) -> None:
    settings = Settings(
        listen="127.0.0.1:0",
        tls_cert_file=certificates / "localhost.pem",
        tls_key_file=certificates / "localhost.key",
        tls_client_ca_file=certificates / "ca.pem",
    )
    readiness, people = Readiness(), SlowPeople()
    people.let_go.set()
    readiness.begin(fake_services(people=people))
    transport = Transport(settings, readiness)
    await transport.start()
    options = (("grpc.ssl_target_name_override", "localhost"),)
    read = {path.name: path.read_bytes() for path in certificates.iterdir()}
    known = grpc.ssl_channel_credentials(read["ca.pem"], read["alice.key"], read["alice.pem"])
    unknown = grpc.ssl_channel_credentials(read["ca.pem"])
    async with aio.secure_channel(transport.address, known, options) as channel:
        await people_pb2_grpc.PeopleServiceStub(channel).ListPeople(LIST)
    async with aio.secure_channel(transport.address, unknown, options) as channel:
        with pytest.raises(aio.AioRpcError) as caught:
            await people_pb2_grpc.PeopleServiceStub(channel).ListPeople(LIST)
    assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
    assert people.actors == ["alice"]
    await transport.stop(grace_seconds=0)
