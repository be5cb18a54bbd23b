"""What tells that a file is the one that is wanted."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from facefolk_server.vision.downloads.faults import ChecksumError


@dataclass(frozen=True, slots=True)
class Expected:
    """The file that is wanted: its SHA-256 in hexadecimal and, where known, its size."""

    sha256: str
    size_bytes: int | None = None


def verify(path: Path, expected: Expected) -> None:
    """Compare the file with what is expected.

    Raises:
        ChecksumError: it is another file.
    """
    found = sha256_of(path)
    if found != expected.sha256:
        raise ChecksumError(f"its SHA-256 is {found}, not {expected.sha256}")


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of the file in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
