"""Whether another server works on the same local directory."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from facefolk_server.app.preflight import is_local

LOCK_NAME = ".servers.lock"


class Presence:
    """A mark of this process on the directory of the store, gone when the process is.

    Servers on one directory share a lock. Whoever gets it alone at the start knows that
    every other one is dead, however it died.
    """

    def __init__(self, data: str) -> None:
        self._descriptor: int | None = None
        if is_local(data):
            path = Path(data) / LOCK_NAME
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def alone(self) -> bool:
        """Try to keep all others out; false where another server is here, or may be."""
        if self._descriptor is None:
            return False
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def share(self) -> None:
        """Let others in, who are told that this server is here; blocks for their start."""
        if self._descriptor is not None:
            fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def close(self) -> None:
        """Take the mark away."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
