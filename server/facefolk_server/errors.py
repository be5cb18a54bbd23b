"""Everything that Facefolk itself can refuse or fail with.

FacefolkError
├── InvalidRequestError           a field is missing, malformed or out of range
│   └── InvalidImageError         not an image, truncated, empty, over a limit
├── NotFoundError
│   ├── AssetNotFoundError
│   ├── FaceNotFoundError
│   ├── PersonNotFoundError
│   ├── RoundNotFoundError
│   ├── ErasureNotFoundError
│   ├── PackNotFoundError
│   ├── EventNotFoundError
│   └── SuggestionNotFoundError   or what it asks is settled
├── PreconditionError             the state of things does not allow it
│   ├── RoundRunningError
│   ├── PreviewOutdatedError      what a preview showed is not what would come now
│   ├── PackMismatchError         an embedding of another pack
│   ├── UndoError                 later events are in the way
│   └── LicenseError              a pack whose license has to be acknowledged
├── ConflictError                 the etag is not the current one
├── OverloadedError               over a budget; try again later
├── UnavailableError              not now: starting, draining, lease lost
│   ├── ModelUnavailableError     a model file is not to be had
│   └── StorageError              the store cannot be read or written
├── CancelledError                the caller or an operator cancelled the work
└── DeadlineError                 the caller's deadline passed before the work began

Each class has a `reason` (UPPER_SNAKE, stable, sent as `ErrorInfo.reason`); each
instance has a message for people and `metadata` with the same facts for machines.
`rpc/status.py` maps the classes to gRPC codes; nothing else knows gRPC codes.
"""

from __future__ import annotations

from typing import ClassVar


class FacefolkError(Exception):
    """The root of the tree; never raised itself."""

    reason: ClassVar[str] = "FACEFOLK"

    def __init__(self, message: str, **metadata: object) -> None:
        super().__init__(message)
        self.message = message
        self.metadata = {key: str(value) for key, value in metadata.items()}


class InvalidRequestError(FacefolkError):
    """A field is missing, malformed or out of range."""

    reason = "INVALID_REQUEST"


class InvalidImageError(InvalidRequestError):
    """The bytes are not an image that can be decoded within the limits."""

    reason = "INVALID_IMAGE"


class NotFoundError(FacefolkError):
    """The thing named in the request does not exist."""

    reason = "NOT_FOUND"


class AssetNotFoundError(NotFoundError):
    """No frame of this asset was ever submitted."""

    reason = "ASSET_NOT_FOUND"


class FaceNotFoundError(NotFoundError):
    """No such face in this library."""

    reason = "FACE_NOT_FOUND"


class PersonNotFoundError(NotFoundError):
    """No such person in this library."""

    reason = "PERSON_NOT_FOUND"


class RoundNotFoundError(NotFoundError):
    """No such round in this library."""

    reason = "ROUND_NOT_FOUND"


class ErasureNotFoundError(NotFoundError):
    """No such erasure in this library."""

    reason = "ERASURE_NOT_FOUND"


class PackNotFoundError(NotFoundError):
    """No pack of this name is known."""

    reason = "PACK_NOT_FOUND"


class EventNotFoundError(NotFoundError):
    """No such event in the history of this library."""

    reason = "EVENT_NOT_FOUND"


class SuggestionNotFoundError(NotFoundError):
    """No such question, or what it asks is settled."""

    reason = "SUGGESTION_NOT_FOUND"


class PreconditionError(FacefolkError):
    """The state of the library or the server does not allow it."""

    reason = "FAILED_PRECONDITION"


class RoundRunningError(PreconditionError):
    """A round already runs in this library."""

    reason = "ROUND_RUNNING"


class PreviewOutdatedError(PreconditionError):
    """The ground has moved since a preview was made, or its result is not kept any more."""

    reason = "PREVIEW_OUTDATED"


class PackMismatchError(PreconditionError):
    """An embedding was made by another pack than the current one."""

    reason = "PACK_MISMATCH"


class UndoError(PreconditionError):
    """What an event changed cannot be restored; the message names what is in the way."""

    reason = "UNDO_BLOCKED"


class LicenseError(PreconditionError):
    """The pack's license has not been acknowledged in the settings."""

    reason = "LICENSE_NOT_ACKNOWLEDGED"


class ConflictError(FacefolkError):
    """The etag given is not that of the current state."""

    reason = "ETAG_MISMATCH"


class OverloadedError(FacefolkError):
    """A budget of bytes, pixels or requests in flight is used up.

    `retry_delay_seconds` tells the caller when to try again.
    """

    reason = "OVERLOADED"

    def __init__(
        self, message: str, *, retry_delay_seconds: float = 1.0, **metadata: object
    ) -> None:
        super().__init__(message, **metadata)
        self.retry_delay_seconds = retry_delay_seconds


class UnavailableError(FacefolkError):
    """The server cannot do it now but will later.

    `retry_delay_seconds` tells the caller when to try again.
    """

    reason = "UNAVAILABLE"

    def __init__(
        self, message: str, *, retry_delay_seconds: float = 1.0, **metadata: object
    ) -> None:
        super().__init__(message, **metadata)
        self.retry_delay_seconds = retry_delay_seconds


class ModelUnavailableError(UnavailableError):
    """A model file is not to be had; the message names what was tried and what to do."""

    reason = "MODEL_UNAVAILABLE"


class StorageError(UnavailableError):
    """The store cannot be read or written."""

    reason = "STORAGE"


class CancelledError(FacefolkError):
    """The work was cancelled before it changed anything."""

    reason = "CANCELLED"


class DeadlineError(FacefolkError):
    """The caller's deadline had passed before the work began."""

    reason = "DEADLINE_EXCEEDED"
