"""Work on the store that nobody waits for, in a thread of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from facefolk_server.errors import StorageError

# A thread without work ends after this time and is started again when there is some.
_IDLE_SECONDS = 30.0
_RETRY_SECONDS = 5.0

_logger = logging.getLogger(__name__)


class Upkeep:
    """Calls `work` when asked to, again and again while it fails with a StorageError."""

    def __init__(self, name: str, work: Callable[[], None]) -> None:
        self._name = name
        self._work = work
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._due: float | None = None
        self._closed = False

    def request(self, *, within: float = 0.0) -> None:
        """Have the work done in so many seconds, or sooner where it was asked for before."""
        due = time.monotonic() + within
        with self._changed:
            if self._closed or (self._due is not None and self._due <= due):
                return
            self._due = due
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def close(self) -> None:
        """Let work that runs end; none is begun any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        while self._wait():
            try:
                self._work()
            except StorageError as error:
                _logger.warning("upkeep of the store failed and is tried again: %s", error)
                self.request(within=_RETRY_SECONDS)
            except Exception:
                _logger.exception("upkeep of the store failed by a bug")

    def _wait(self) -> bool:
        """Wait until work is due and return True, or False where the thread is to end."""
        with self._changed:
            while not self._closed:
                now = time.monotonic()
                if self._due is not None and self._due <= now:
                    self._due = None
                    return True
                left = _IDLE_SECONDS if self._due is None else self._due - now
                if not self._changed.wait(left) and self._due is None:
                    break
            self._thread = None
            return False
