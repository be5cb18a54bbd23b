"""Why one source did not give a file; `ModelStore` turns the sum of them into ours.

FetchError
├── TransientFetchError      the same request may succeed in a moment
│   └── RangeRefusedError    the part that is here already does not fit; start over
└── ChecksumError            whole, but not the bytes that were asked for
"""

from __future__ import annotations


class FetchError(Exception):
    """A source cannot give the file."""


class TransientFetchError(FetchError):
    """The source failed in a way that may pass.

    `retry_after_seconds` is what the server asked for, 0 where it said nothing.
    """

    def __init__(self, message: str, *, retry_after_seconds: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class RangeRefusedError(TransientFetchError):
    """The server does not go on from where the partial file ends."""


class ChecksumError(FetchError):
    """The file came whole, but its SHA-256 is not the expected one."""
