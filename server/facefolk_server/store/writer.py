"""Group commit: writes that come while a commit runs share the next one."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from facefolk_server.errors import OverloadedError, StorageError, UnavailableError
from facefolk_server.store.records import FrameWrite

_MAX_QUEUED = 4096
_MAX_TOGETHER = 256
# A thread without work ends after this time and is started again when there is some.
_IDLE_SECONDS = 30.0
_MOST_PAUSE_SECONDS = 0.15
_MOST_PAUSES = 3

_logger = logging.getLogger(__name__)


class GroupWriter:
    """Commits writes in a thread of its own, in the order they came.

    Args:
        name: The name of the thread.
        commit: Makes writes durable, no two of them of the same frame; raises StorageError.
    """

    def __init__(self, name: str, *, commit: Callable[[Sequence[FrameWrite]], None]) -> None:
        self._name = name
        self._commit = commit
        self._queue: deque[tuple[FrameWrite, Future[None]]] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False

    @property
    def queued(self) -> int:
        """How many writes wait."""
        return len(self._queue)

    def submit(self, write: FrameWrite) -> Future[None]:
        """Queue a write; the future ends when it is durable.

        Raises:
            UnavailableError: The store is closed.
            OverloadedError: Too many writes wait.
        """
        future: Future[None] = Future()
        with self._changed:
            if self._closed:
                raise UnavailableError("The store is closed: the server stops.")
            if len(self._queue) >= _MAX_QUEUED:
                raise OverloadedError("Too many writes wait for the disk: try again later.")
            self._queue.append((write, future))
            self._wake()
        return future

    def close(self) -> None:
        """Write what is queued and end the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _wake(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()
        self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(self._has_work, timeout=_IDLE_SECONDS)
                if not self._queue:
                    self._thread = None
                    return
                together = self._take()
            started = time.perf_counter()
            self._write(together)
            self._pause(time.perf_counter() - started, together=len(together))

    def _pause(self, seconds: float, *, together: int) -> None:
        """Let writes gather after a commit that took so long: the longer, the more come.

        A commit costs much the same however many share it. Callers who wait for each answer
        before the next request would only be slowed down.
        """
        pauses = max(1, min(together - 1, _MOST_PAUSES))
        most = min(seconds * pauses, _MOST_PAUSE_SECONDS)
        with self._changed:
            self._changed.wait_for(lambda: self._closed, timeout=most)

    def _has_work(self) -> bool:
        return bool(self._queue) or self._closed

    def _take(self) -> list[tuple[FrameWrite, Future[None]]]:
        """Take writes off the queue up to the second one of a frame."""
        taken: list[tuple[FrameWrite, Future[None]]] = []
        frames: set[tuple[str, int]] = set()
        while self._queue and len(taken) < _MAX_TOGETHER:
            frame = self._queue[0][0].frame
            key = (frame.asset_id, frame.frame_offset_us)
            if key in frames:
                break
            frames.add(key)
            taken.append(self._queue.popleft())
        return taken

    def _write(self, together: Sequence[tuple[FrameWrite, Future[None]]]) -> None:
        try:
            self._commit([write for write, _ in together])
        except Exception as error:
            if not isinstance(error, StorageError):
                _logger.exception("a commit failed by a bug")
            for _, future in together:
                future.set_exception(error)
            return
        for _, future in together:
            future.set_result(None)
