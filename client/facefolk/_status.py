"""How a gRPC status becomes an error: the one table that knows both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, Final

import grpc
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from facefolk import errors

ERRORS: Final[Mapping[Any, type[errors.RemoteError]]] = MappingProxyType(
    {
        grpc.StatusCode.CANCELLED: errors.CancelledError,
        grpc.StatusCode.UNKNOWN: errors.ServerError,
        grpc.StatusCode.INVALID_ARGUMENT: errors.InvalidRequestError,
        grpc.StatusCode.DEADLINE_EXCEEDED: errors.DeadlineError,
        grpc.StatusCode.NOT_FOUND: errors.NotFoundError,
        grpc.StatusCode.ALREADY_EXISTS: errors.AlreadyExistsError,
        grpc.StatusCode.PERMISSION_DENIED: errors.PermissionDeniedError,
        grpc.StatusCode.RESOURCE_EXHAUSTED: errors.OverloadedError,
        grpc.StatusCode.FAILED_PRECONDITION: errors.PreconditionError,
        grpc.StatusCode.ABORTED: errors.ConflictError,
        grpc.StatusCode.OUT_OF_RANGE: errors.InvalidRequestError,
        grpc.StatusCode.UNIMPLEMENTED: errors.NotBuiltError,
        grpc.StatusCode.INTERNAL: errors.ServerError,
        grpc.StatusCode.UNAVAILABLE: errors.UnavailableError,
        grpc.StatusCode.DATA_LOSS: errors.ServerError,
        grpc.StatusCode.UNAUTHENTICATED: errors.UnauthenticatedError,
    }
)
_BY_NUMBER: Final = MappingProxyType({code.value[0]: kind for code, kind in ERRORS.items()})


@contextmanager
def errors_mapped() -> Iterator[None]:
    """Raise what gRPC raises inside as an error of ours."""
    try:
        yield
    except grpc.RpcError as rpc_error:
        raise error_from_rpc(rpc_error) from rpc_error


def error_from_rpc(rpc_error: Any) -> errors.RemoteError:
    """Return the error that an ended call stands for."""
    try:
        status = rpc_status.from_call(rpc_error)
    except ValueError:  # details that contradict the code, as a proxy may leave them
        status = None
    if status is not None:
        return error_from_status(status)
    kind = ERRORS.get(rpc_error.code(), errors.ServerError)
    return kind(rpc_error.details() or rpc_error.code().name)


def error_from_status(status: status_pb2.Status) -> errors.RemoteError:
    """Return the error of a status, with what its ErrorInfo and RetryInfo say."""
    info = error_details_pb2.ErrorInfo()
    retry = error_details_pb2.RetryInfo()
    delay_seconds: float | None = None
    for detail in status.details:
        if detail.Is(retry.DESCRIPTOR):
            detail.Unpack(retry)
            delay_seconds = retry.retry_delay.ToTimedelta().total_seconds()
        elif detail.Is(info.DESCRIPTOR):
            detail.Unpack(info)
    return _BY_NUMBER.get(status.code, errors.ServerError)(
        status.message,
        reason=info.reason,
        metadata=info.metadata,
        retry_delay_seconds=delay_seconds,
    )
