"""What is taken from gRPC's context of a call."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Protocol

from facefolk_server.service.call import Call
from facefolk_server.service.identifiers import (
    MAX_REQUEST_ID_LENGTH,
    check_library_id,
    check_text,
)

ANONYMOUS = "anonymous"
Metadata = Iterable[tuple[str, str | bytes]]


class Context(Protocol):
    """The part of `grpc.aio.ServicerContext` that is used."""

    def invocation_metadata(self) -> Metadata | None:
        """Return what the caller sent beside the request."""

    def set_trailing_metadata(self, metadata: Metadata) -> None:
        """Say what goes back beside the status."""

    def time_remaining(self) -> float | None:
        """Return the seconds until the deadline, None without one."""

    def auth_context(self) -> Mapping[str, Iterable[bytes]]:
        """Tell what TLS knows of the caller."""

    def code(self) -> object:
        """Return the status code that was set."""

    async def write(self, message: object) -> None:
        """Send one message of a stream."""

    async def abort(self, code: object, details: str, metadata: Metadata) -> None:
        """End the call by raising."""


class LibraryRequest(Protocol):
    """Any request of the API."""

    @property
    def library_id(self) -> str:
        """The library."""


def call_of(request: LibraryRequest, context: Context, *, patient: bool = False) -> Call:
    """Return who calls, about which library, and how long they wait.

    Raises:
        InvalidRequestError: `library_id` or `request_id` is malformed.
    """
    remaining_seconds = context.time_remaining()
    request_id = getattr(request, "request_id", "")
    return Call(
        library_id=check_library_id(request.library_id),
        actor=_actor(context),
        request_id=check_text(request_id, "request_id", max_length=MAX_REQUEST_ID_LENGTH),
        deadline=None if remaining_seconds is None else time.monotonic() + remaining_seconds,
        patient=patient,
    )


def _actor(context: Context) -> str:
    """Return the name in the caller's certificate where there is one."""
    names = list(context.auth_context().get("x509_common_name", ()))
    return names[0].decode(errors="replace") if names else ANONYMOUS
