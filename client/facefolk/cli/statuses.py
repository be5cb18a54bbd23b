"""Exit statuses: which there are, and which error has which."""

from __future__ import annotations

import enum
from typing import Final

from facefolk.errors import (
    DeadlineError,
    FacefolkError,
    IngestInterruptedError,
    MissingExtraError,
    NotFoundError,
    RemoteError,
    ServerError,
    UnavailableError,
    UnreadableFileError,
    UsageError,
)


class ExitStatus(enum.IntEnum):
    """What the command leaves with."""

    DONE = 0
    PARTLY = 1
    USAGE = 2
    UNREACHABLE = 3
    REFUSED = 4
    BUG = 5
    INTERRUPTED = 130


EXIT_STATUSES: Final = (
    "Exit status: 0 done; 1 some files failed, a round failed, or something named does not "
    "exist; 2 wrong arguments, or an extra that is not installed; 3 the server cannot be "
    "reached or is not ready, or what the demo needs is not to be had; 4 the server refused; "
    "5 a bug; 130 interrupted."
)


class CommandError(FacefolkError):
    """A command cannot go on, for a reason of its own; it leaves with `status`."""

    def __init__(self, message: str, status: ExitStatus) -> None:
        super().__init__(message)
        self.status = status


# The first class that an error is of counts.
_STATUSES: Final = (
    (NotFoundError, ExitStatus.PARTLY),
    (UnreadableFileError, ExitStatus.PARTLY),
    (UsageError, ExitStatus.USAGE),
    (MissingExtraError, ExitStatus.USAGE),
    (UnavailableError, ExitStatus.UNREACHABLE),
    (DeadlineError, ExitStatus.UNREACHABLE),
    (IngestInterruptedError, ExitStatus.UNREACHABLE),
    (ServerError, ExitStatus.BUG),
    (RemoteError, ExitStatus.REFUSED),
)


def status_of(error: FacefolkError) -> ExitStatus:
    """Return the exit status that an error stands for."""
    if isinstance(error, CommandError):
        return error.status
    return next(
        (status for kind, status in _STATUSES if isinstance(error, kind)), ExitStatus.BUG
    )
