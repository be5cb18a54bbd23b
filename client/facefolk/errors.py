"""Everything that the client can fail with.

FacefolkError
├── RemoteError                   the server said so; one class for each gRPC code
│   ├── InvalidRequestError       INVALID_ARGUMENT, OUT_OF_RANGE
│   ├── NotFoundError             NOT_FOUND
│   ├── AlreadyExistsError        ALREADY_EXISTS
│   ├── PreconditionError         FAILED_PRECONDITION
│   ├── ConflictError             ABORTED: the etag is not the current one
│   ├── OverloadedError           RESOURCE_EXHAUSTED
│   ├── UnavailableError          UNAVAILABLE: not reached, or not ready
│   ├── DeadlineError             DEADLINE_EXCEEDED
│   ├── CancelledError            CANCELLED
│   ├── UnauthenticatedError      UNAUTHENTICATED
│   ├── PermissionDeniedError     PERMISSION_DENIED
│   ├── NotBuiltError             UNIMPLEMENTED
│   └── ServerError               INTERNAL, UNKNOWN, DATA_LOSS: a bug of the server
├── IngestInterruptedError        the server stayed away for too long; holds the report so far
├── UnreadableFileError           a file of which no preview can be made
├── UsageError                    arguments that cannot be together
└── MissingExtraError             a package is absent; names the extra that brings it

A RemoteError has the `reason` (UPPER_SNAKE, stable) and the `metadata` of the server's
`google.rpc.ErrorInfo`; both are empty where none came, as from a proxy.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from facefolk.ingest.report import IngestReport


class FacefolkError(Exception):
    """The root of the tree; never raised itself."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class RemoteError(FacefolkError):
    """The server, or the way to it, refused or failed.

    `retry_delay_seconds` tells after how long it is worth trying again, None where it was not
    said.
    """

    code: ClassVar[str] = "UNKNOWN"

    def __init__(
        self,
        message: str,
        *,
        reason: str = "",
        metadata: Mapping[str, str] | None = None,
        retry_delay_seconds: float | None = None,
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.metadata = dict(metadata or {})
        self.retry_delay_seconds = retry_delay_seconds


class InvalidRequestError(RemoteError):
    """A field is missing, malformed or out of range, or the bytes are not an image."""

    code = "INVALID_ARGUMENT"


class NotFoundError(RemoteError):
    """The thing named in the request does not exist."""

    code = "NOT_FOUND"


class AlreadyExistsError(RemoteError):
    """The thing to be created exists."""

    code = "ALREADY_EXISTS"


class PreconditionError(RemoteError):
    """The state of the library or of the server does not allow it."""

    code = "FAILED_PRECONDITION"


class ConflictError(RemoteError):
    """The etag given is not that of the current state: read it again."""

    code = "ABORTED"


class OverloadedError(RemoteError):
    """A message or the budget in flight is too large."""

    code = "RESOURCE_EXHAUSTED"


class UnavailableError(RemoteError):
    """The server cannot be reached, or cannot do it now."""

    code = "UNAVAILABLE"


class DeadlineError(RemoteError):
    """The call took longer than its timeout."""

    code = "DEADLINE_EXCEEDED"


class CancelledError(RemoteError):
    """The server cancelled the call."""

    code = "CANCELLED"


class UnauthenticatedError(RemoteError):
    """The token or the certificate is missing or not known."""

    code = "UNAUTHENTICATED"


class PermissionDeniedError(RemoteError):
    """The caller may not do this."""

    code = "PERMISSION_DENIED"


class NotBuiltError(RemoteError):
    """The server does not have this method, or not yet."""

    code = "UNIMPLEMENTED"


class ServerError(RemoteError):
    """The server has a bug; its log tells more."""

    code = "INTERNAL"


class IngestInterruptedError(FacefolkError):
    """The server stayed away for longer than an ingestion waits.

    `report` tells what had been done until then; ingesting again goes on from there.
    """

    def __init__(self, message: str, *, report: IngestReport) -> None:
        super().__init__(message)
        self.report = report


class UnreadableFileError(FacefolkError):
    """No preview can be made of a file; the message says why."""


class UsageError(FacefolkError):
    """Arguments contradict each other, or one of them is no good; nothing was sent."""


class MissingExtraError(FacefolkError, ImportError):
    """A package that this needs is not installed; the message names the extra."""
