"""What has to hold before a server can start."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from pathlib import Path

from facefolk_server.errors import PreconditionError

_PYTHON_FROM = (3, 11)
_PYTHON_BELOW = (3, 14)


def check_platform(
    *,
    system: str = sys.platform,
    machine: str | None = None,
    python: tuple[int, int] = sys.version_info[:2],
) -> None:
    """Make sure that the libraries the server is built on exist for this machine.

    Raises:
        PreconditionError: It is not x86-64 Linux with CPython 3.11 to 3.13.
    """
    machine = machine or platform.machine()
    right_python = _PYTHON_FROM <= python < _PYTHON_BELOW
    if system == "linux" and machine == "x86_64" and right_python:
        return
    raise PreconditionError(
        f"The server runs on x86-64 Linux with CPython 3.11 to 3.13; this is {system} on "
        f"{machine} with Python {python[0]}.{python[1]}. The client runs elsewhere too.",
        system=system,
        machine=machine,
    )


def is_local(data: str) -> bool:
    """Tell whether the store is a directory of this machine."""
    return "://" not in data


def prepare_data_directory(data: str) -> None:
    """Make the directory of the store, readable by its owner alone, and try to write in it.

    Raises:
        PreconditionError: It cannot be made or written.
    """
    if not is_local(data):
        return
    path = Path(data)
    try:
        if not path.exists():
            path.mkdir(parents=True, mode=0o700)
        with tempfile.NamedTemporaryFile(dir=path, prefix=".writable-"):
            pass
    except OSError as exc:
        raise PreconditionError(
            f"The data directory {path} cannot be written by user {os.getuid()}: "
            f"{exc.strerror or exc}. Give another one by --data, or change its owner.",
            path=path,
        ) from exc
