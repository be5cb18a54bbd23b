"""The gRPC server with everything on it but the use cases."""

from __future__ import annotations

import asyncio
from pathlib import Path

import grpc
from facefolk.v1 import (
    admin_pb2,
    admin_pb2_grpc,
    clustering_pb2,
    clustering_pb2_grpc,
    people_pb2,
    people_pb2_grpc,
    recognition_pb2,
    recognition_pb2_grpc,
)
from grpc import aio
from grpc_channelz.v1 import channelz
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio as health_aio
from grpc_reflection.v1alpha import reflection

from facefolk_server.errors import PreconditionError
from facefolk_server.rpc.admin import AdminServicer
from facefolk_server.rpc.clustering import ClusteringServicer
from facefolk_server.rpc.interceptors import ApiInterceptor
from facefolk_server.rpc.people import PeopleServicer
from facefolk_server.rpc.readiness import Readiness, cancelled
from facefolk_server.rpc.recognition import RecognitionServicer
from facefolk_server.settings import Settings, split_address

SERVICE_NAMES = tuple(
    service.full_name
    for module in (recognition_pb2, people_pb2, clustering_pb2, admin_pb2)
    for service in module.DESCRIPTOR.services_by_name.values()
)
# How long replies that were just given may take to leave before everything is cut.
_LAST_GRACE_SECONDS = 0.25
_MIN_PING_INTERVAL_MS = 10_000


class Transport:
    """The listening server, its health and its reflection."""

    def __init__(self, settings: Settings, readiness: Readiness) -> None:
        self._readiness = readiness
        self._health = health_aio.HealthServicer()
        self._server = aio.server(
            interceptors=(ApiInterceptor(readiness),), options=_options(settings)
        )
        _add_servicers(self._server, readiness, stream_in_flight=settings.stream_in_flight)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        known = (*SERVICE_NAMES, "grpc.health.v1.Health", reflection.SERVICE_NAME)
        reflection.enable_server_reflection(known, self._server)
        if settings.channelz:
            channelz.add_channelz_servicer(self._server)
        self.address = _bind(self._server, settings)

    async def start(self) -> None:
        """Accept connections; health says NOT_SERVING."""
        await self._tell(health_pb2.HealthCheckResponse.NOT_SERVING)
        await self._server.start()

    async def serving(self) -> None:
        """Let health say SERVING."""
        await self._tell(health_pb2.HealthCheckResponse.SERVING)

    async def stop(self, *, grace_seconds: float) -> None:
        """Take no new calls, let those that run finish within the time, then cut the rest."""
        self._readiness.drain()
        await self._health.enter_graceful_shutdown()
        stopping = asyncio.create_task(self._server.stop(grace_seconds))
        # Watches of health never end by themselves, so the end of our own calls counts.
        idle = asyncio.create_task(self._readiness.wait_idle())
        await asyncio.wait({stopping, idle}, return_when=asyncio.FIRST_COMPLETED)
        await self._server.stop(_LAST_GRACE_SECONDS if idle.done() else None)
        await cancelled(idle)
        await stopping

    async def _tell(self, status: health_pb2.HealthCheckResponse.ServingStatus) -> None:
        for name in ("", *SERVICE_NAMES):
            await self._health.set(name, status)


def _options(settings: Settings) -> list[tuple[str, int]]:
    return [
        ("grpc.max_receive_message_length", settings.max_message_bytes),
        ("grpc.max_send_message_length", settings.max_message_bytes),
        # Two servers on one port would share its callers without anybody noticing.
        ("grpc.so_reuseport", 0),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", _MIN_PING_INTERVAL_MS),
    ]


def _add_servicers(server: aio.Server, readiness: Readiness, *, stream_in_flight: int) -> None:
    recognition_pb2_grpc.add_RecognitionServiceServicer_to_server(
        RecognitionServicer(readiness, stream_in_flight=stream_in_flight), server
    )
    people_pb2_grpc.add_PeopleServiceServicer_to_server(PeopleServicer(readiness), server)
    clustering_pb2_grpc.add_ClusteringServiceServicer_to_server(
        ClusteringServicer(readiness), server
    )
    admin_pb2_grpc.add_AdminServiceServicer_to_server(AdminServicer(readiness), server)


def _bind(server: aio.Server, settings: Settings) -> str:
    """Return the address with the port that was found."""
    host, _ = split_address(settings.listen)
    try:
        if settings.tls_cert_file is None:
            port = server.add_insecure_port(settings.listen)
        else:
            port = server.add_secure_port(settings.listen, _credentials(settings))
    except RuntimeError as exc:
        raise PreconditionError(
            f"{settings.listen} cannot be listened on: another program may have the port, or "
            "the address is not of this machine. Choose another one by --listen.",
            listen=settings.listen,
        ) from exc
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _credentials(settings: Settings) -> grpc.ServerCredentials:
    authorities = _read(settings.tls_client_ca_file)
    pair = (_read(settings.tls_key_file), _read(settings.tls_cert_file))
    return grpc.ssl_server_credentials(
        [pair],
        root_certificates=authorities,
        require_client_auth=authorities is not None,
    )


def _read(path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        return path.read_bytes()
    except OSError as exc:
        raise PreconditionError(
            f"The TLS file {path} cannot be read: {exc.strerror or exc}.", path=path
        ) from exc
