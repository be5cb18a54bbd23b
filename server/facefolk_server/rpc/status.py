"""How an error becomes a gRPC status: the one place that knows both."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import grpc
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from facefolk_server import errors

DOMAIN: Final = "facefolk"
BUG_REASON: Final = "INTERNAL"

CODES: Final[Mapping[type[errors.FacefolkError], grpc.StatusCode]] = MappingProxyType(
    {
        errors.InvalidRequestError: grpc.StatusCode.INVALID_ARGUMENT,
        errors.NotFoundError: grpc.StatusCode.NOT_FOUND,
        errors.PreconditionError: grpc.StatusCode.FAILED_PRECONDITION,
        errors.ConflictError: grpc.StatusCode.ABORTED,
        errors.OverloadedError: grpc.StatusCode.RESOURCE_EXHAUSTED,
        errors.UnavailableError: grpc.StatusCode.UNAVAILABLE,
        errors.CancelledError: grpc.StatusCode.CANCELLED,
        errors.DeadlineError: grpc.StatusCode.DEADLINE_EXCEEDED,
    }
)

# A status travels in HTTP/2 headers, 8 KiB by default, the message twice: percent-encoded,
# so up to three times as long, and inside the base64 of the details.
_MAX_MESSAGE_BYTES: Final = 1_100
_MAX_METADATA_VALUE_BYTES: Final = 200
_MAX_METADATA_ENTRIES: Final = 6

Trailers = tuple[tuple[str, str | bytes], ...]


def code_of(error: errors.FacefolkError) -> grpc.StatusCode:
    """Return the code of the nearest class of the error that the table has."""
    for kind in type(error).__mro__:
        if kind in CODES:
            return CODES[kind]
    return grpc.StatusCode.INTERNAL


def status_of(error: errors.FacefolkError) -> status_pb2.Status:
    """Return the status with its ErrorInfo and, where trying again helps, its RetryInfo."""
    status = _status(
        code_of(error), error.message, reason=error.reason, metadata=error.metadata
    )
    delay_seconds = retry_delay_seconds(error)
    if delay_seconds is not None:
        delay = Duration()
        delay.FromMilliseconds(round(delay_seconds * 1000))
        status.details.add().Pack(error_details_pb2.RetryInfo(retry_delay=delay))
    return status


def status_of_bug(request_id: str) -> status_pb2.Status:
    """Return what a caller is told of a bug: nothing but where to find it in the log."""
    return _status(
        grpc.StatusCode.INTERNAL,
        f"Something went wrong in the server. Its log tells more under request {request_id}.",
        reason=BUG_REASON,
        metadata={"request_id": request_id},
    )


def status_of_success() -> status_pb2.Status:
    """Return the status of what went well."""
    return status_pb2.Status(code=grpc.StatusCode.OK.value[0])


def trailers_of(status: status_pb2.Status, error: errors.FacefolkError | None) -> Trailers:
    """Return the trailing metadata that carries a status.

    gRPC's own retries do not read RetryInfo but `grpc-retry-pushback-ms`
    (https://github.com/grpc/proposal/blob/master/A6-client-retries.md), so both are sent.
    """
    trailers: Trailers = tuple(rpc_status.to_status(status).trailing_metadata)
    delay_seconds = retry_delay_seconds(error)
    if delay_seconds is not None:
        trailers += (("grpc-retry-pushback-ms", str(round(delay_seconds * 1000))),)
    return trailers


def retry_delay_seconds(error: errors.FacefolkError | None) -> float | None:
    """Return after how many seconds it is worth trying again; None where it never is."""
    if isinstance(error, errors.OverloadedError | errors.UnavailableError):
        return error.retry_delay_seconds
    return None


def _status(
    code: grpc.StatusCode, message: str, *, reason: str, metadata: Mapping[str, str]
) -> status_pb2.Status:
    kept = list(metadata.items())[:_MAX_METADATA_ENTRIES]
    info = error_details_pb2.ErrorInfo(
        reason=reason,
        domain=DOMAIN,
        metadata={key: _shortened(value, _MAX_METADATA_VALUE_BYTES) for key, value in kept},
    )
    status = status_pb2.Status(
        code=code.value[0], message=_shortened(message, _MAX_MESSAGE_BYTES)
    )
    status.details.add().Pack(info)
    return status


def _shortened(text: str, max_bytes: int) -> str:
    encoded = text.encode(errors="replace")
    if len(encoded) <= max_bytes:
        return encoded.decode()
    return encoded[: max_bytes - 3].decode(errors="ignore") + "…"
