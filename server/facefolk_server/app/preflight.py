"""What has to hold before a server can start."""

from __future__ import annotations

import difflib
import os
import platform
import shlex
import stat
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from facefolk_server.errors import PreconditionError
from facefolk_server.settings import CONFIG_VARIABLE, PREFIX, Settings

_PYTHON_FROM = (3, 11)
_PYTHON_BELOW = (3, 14)
# Where the settings file is, and what the client reads.
_OTHERS = frozenset({CONFIG_VARIABLE.removeprefix(PREFIX), "ADDRESS", "LIBRARY", "TOKEN_FILE"})


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


def strange_variables(names: Iterable[str]) -> list[str]:
    """Return a sentence for each variable that is named like a setting and is none."""
    known = {name.upper() for name in Settings.model_fields}
    ours = {name.removeprefix(PREFIX) for name in names if name.startswith(PREFIX)}
    sentences = []
    for name in sorted(ours - known - _OTHERS):
        near = difflib.get_close_matches(name, known, n=1)
        question = f"; is {PREFIX}{near[0]} meant?" if near else "."
        sentences.append(f"{PREFIX}{name} is not a setting{question}")
    return sentences


def is_local(data: str) -> bool:
    """Tell whether the store is a directory of this machine."""
    return "://" not in data


def exposure(data: str) -> str:
    """Return a sentence where others on this machine may look into the store, else ""."""
    if not is_local(data) or not stat.S_IMODE(Path(data).stat().st_mode) & 0o077:
        return ""
    return f"Others on this machine may look into {data}: chmod 700 {shlex.quote(data)}"


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
