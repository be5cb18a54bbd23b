"""Channels: address, TLS, token, retries, limits."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import grpc
from grpc import aio

from facefolk.errors import UsageError
from facefolk.v1.admin_pb2_grpc import AdminServiceStub
from facefolk.v1.clustering_pb2_grpc import ClusteringServiceStub
from facefolk.v1.people_pb2_grpc import PeopleServiceStub
from facefolk.v1.recognition_pb2_grpc import RecognitionServiceStub

MAX_MESSAGE_BYTES: Final = 32 << 20
# gRPC retries only what it has kept, 256 KiB by default: less than a preview.
_RETRY_BUFFER_BYTES: Final = MAX_MESSAGE_BYTES + (1 << 20)
_KEEPALIVE_MILLISECONDS: Final = 60_000
_KEEPALIVE_TIMEOUT_MILLISECONDS: Final = 20_000
# gRPC by default waits up to two minutes before it looks again for a server that restarts.
_FIRST_RECONNECT_MILLISECONDS: Final = 200
_LAST_RECONNECT_MILLISECONDS: Final = 5_000
_SERVICES: Final = ("RecognitionService", "PeopleService", "ClusteringService", "AdminService")
# https://github.com/grpc/proposal/blob/master/A6-client-retries.md; five attempts are the
# most that gRPC allows, and with these delays they last about three seconds.
_RETRY_POLICY: Final = {
    "maxAttempts": 5,
    "initialBackoff": "0.2s",
    "maxBackoff": "5s",
    "backoffMultiplier": 2.0,
    "retryableStatusCodes": ["UNAVAILABLE", "RESOURCE_EXHAUSTED"],
}


@dataclass(frozen=True, slots=True)
class Tls:
    """How the server is verified, and how the client shows who it is.

    Without `root_ca` the roots that come with gRPC apply. `client_cert` and `client_key` go
    together (mutual TLS). All are paths of PEM files. `server_name` is verified in place of
    the host of the address.
    """

    root_ca: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None
    server_name: str = ""


@dataclass(frozen=True, slots=True)
class Connection:
    """Where the server is and how it is spoken to.

    `address` is HOST:PORT, `dns:///HOST:PORT` or `unix:PATH`; where a name stands for several
    servers, calls go to them in turn. A `token` is sent in the clear only to this machine,
    unless `plaintext_token` says that the network is safe.
    """

    address: str
    tls: Tls | None = None
    token: str = ""
    plaintext_token: bool = False

    def __post_init__(self) -> None:
        if not self.address.strip():
            raise UsageError("The address is empty; give HOST:PORT.")
        if self.tls and bool(self.tls.client_cert) != bool(self.tls.client_key):
            raise UsageError("client_cert and client_key go together; only one was given.")
        if self.token and not (self.tls or self.plaintext_token or self._is_local()):
            raise UsageError(
                f"The token would travel unencrypted to {self.address}. Use TLS, or say "
                "plaintext_token if something else protects the way there."
            )

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """What goes with every call."""
        return (("authorization", f"Bearer {self.token}"),) if self.token else ()

    def open(self) -> Any:
        """Return a channel for the sync client."""
        credentials = self._credentials()
        if credentials is None:
            return grpc.insecure_channel(self.address, options=self._arguments())
        return grpc.secure_channel(self.address, credentials, options=self._arguments())

    def open_async(self) -> Any:
        """Return a channel that belongs to the running event loop."""
        credentials = self._credentials()
        if credentials is None:
            return aio.insecure_channel(self.address, options=self._arguments())
        return aio.secure_channel(self.address, credentials, options=self._arguments())

    def _is_local(self) -> bool:
        if self.address.startswith("unix:"):
            return True
        host = self.address.rsplit("/", 1)[-1].rpartition(":")[0].strip("[]")
        return host in {"localhost", "::1"} or host.startswith("127.")

    def _credentials(self) -> Any:
        if self.tls is None:
            return None
        return grpc.ssl_channel_credentials(
            root_certificates=_pem(self.tls.root_ca),
            private_key=_pem(self.tls.client_key),
            certificate_chain=_pem(self.tls.client_cert),
        )

    def _arguments(self) -> list[tuple[str, Any]]:
        arguments: list[tuple[str, Any]] = [
            ("grpc.service_config", json.dumps(_service_config())),
            ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
            ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
            ("grpc.per_rpc_retry_buffer_size", _RETRY_BUFFER_BYTES),
            ("grpc.keepalive_time_ms", _KEEPALIVE_MILLISECONDS),
            ("grpc.keepalive_timeout_ms", _KEEPALIVE_TIMEOUT_MILLISECONDS),
            ("grpc.initial_reconnect_backoff_ms", _FIRST_RECONNECT_MILLISECONDS),
            ("grpc.max_reconnect_backoff_ms", _LAST_RECONNECT_MILLISECONDS),
        ]
        if self.tls and self.tls.server_name:
            arguments.append(("grpc.ssl_target_name_override", self.tls.server_name))
        return arguments


@dataclass(frozen=True, slots=True)
class Stubs:
    """The generated stubs over one channel."""

    recognition: RecognitionServiceStub
    people: PeopleServiceStub
    clustering: ClusteringServiceStub
    admin: AdminServiceStub

    @classmethod
    def over(cls, channel: Any) -> Stubs:
        """Return the stubs of a channel, sync or async."""
        return cls(
            RecognitionServiceStub(channel),
            PeopleServiceStub(channel),
            ClusteringServiceStub(channel),
            AdminServiceStub(channel),
        )


def _service_config() -> dict[str, Any]:
    retried = [{"service": f"facefolk.v1.{service}"} for service in _SERVICES]
    # The streams of an ingestion are begun anew by it, with what was not acknowledged.
    stream = {"service": "facefolk.v1.RecognitionService", "method": "RecognizeStream"}
    return {
        "loadBalancingConfig": [{"round_robin": {}}],
        "methodConfig": [{"name": retried, "retryPolicy": _RETRY_POLICY}, {"name": [stream]}],
    }


def _pem(path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
