"""Frames to the server and outcomes back, through restarts of the server."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Final, Protocol

from facefolk.errors import (
    CancelledError,
    OverloadedError,
    RemoteError,
    ServerError,
    UnavailableError,
)
from facefolk.types import Outcome, Submission

_FIRST_DELAY_SECONDS: Final = 0.2
_LAST_DELAY_SECONDS: Final = 5.0


class Recognizer(Protocol):
    """What takes submissions: a client."""

    def recognize_stream(
        self, submissions: AsyncIterator[Submission]
    ) -> AsyncIterator[Outcome]:
        """Recognize many frames; outcomes come in any order."""
        ...


class PatienceLostError(Exception):
    """The server stayed away for too long; the cause says what was last heard of it."""


class Delivery:
    """Sends submissions over one stream at a time and settles each exactly once.

    Correlation ids have to be unique. A stream that breaks is begun anew with all that was
    not acknowledged; a frame that the server cannot take now is sent again later. How much is
    under way is for the caller to bound.
    """

    def __init__(
        self,
        client: Recognizer,
        *,
        settle: Callable[[Outcome], None],
        patience_seconds: float,
    ) -> None:
        self._client = client
        self._settle = settle
        self._patience_seconds = patience_seconds
        self._waiting: deque[Submission] = deque()
        self._sent: dict[str, Submission] = {}
        self._later: dict[str, asyncio.TimerHandle] = {}
        self._stream: object = None
        self._closed = False
        self._changed = asyncio.Event()
        self._trouble_since: float | None = None
        self._delay_seconds = _FIRST_DELAY_SECONDS

    def put(self, submission: Submission) -> None:
        """Add a submission."""
        self._waiting.append(submission)
        self._changed.set()

    def close(self) -> None:
        """Say that nothing more comes, so that `run` ends once all is settled."""
        self._closed = True
        self._changed.set()

    async def run(self) -> None:
        """Deliver until closed and settled.

        Raises:
            PatienceLostError: the server stayed away for longer than the patience.
            RemoteError: it refused the stream itself.
        """
        try:
            while await self._has_work():
                try:
                    await self._run_stream()
                except RemoteError as error:
                    if not _passes(error):
                        raise
                    await self._wait_after(error)
                finally:
                    self._waiting.extendleft(reversed(self._sent.values()))
                    self._sent.clear()
        finally:
            for timer in self._later.values():
                timer.cancel()

    @property
    def _settled(self) -> bool:
        return not (self._waiting or self._sent or self._later)

    async def _has_work(self) -> bool:
        while not self._waiting:
            if self._closed and self._settled:
                return False
            self._changed.clear()
            await self._changed.wait()
        return True

    async def _run_stream(self) -> None:
        self._stream = stream = object()
        outcomes = self._client.recognize_stream(self._submissions(stream))
        async with aclosing(outcomes):  # type: ignore[type-var]
            async for outcome in outcomes:
                self._take(outcome)
        if self._sent:
            raise UnavailableError("The server ended the stream with frames unanswered.")

    async def _submissions(self, stream: object) -> AsyncIterator[Submission]:
        # A stream that has broken may still ask for its next request: it gets none.
        while stream is self._stream:
            if self._waiting:
                submission = self._waiting.popleft()
                self._sent[submission.correlation_id] = submission
                yield submission
            elif self._closed and self._settled:
                return
            else:
                self._changed.clear()
                await self._changed.wait()

    def _take(self, outcome: Outcome) -> None:
        submission = self._sent.pop(outcome.correlation_id, None)
        if submission is None:
            return
        if isinstance(outcome.error, UnavailableError | OverloadedError):
            self._send_later(submission, outcome.error)
        else:
            self._trouble_since = None
            self._delay_seconds = _FIRST_DELAY_SECONDS
            self._settle(outcome)
        self._changed.set()

    def _send_later(self, submission: Submission, error: RemoteError) -> None:
        self._check_patience(error)
        loop = asyncio.get_running_loop()
        delay_seconds = error.retry_delay_seconds or _LAST_DELAY_SECONDS

        def send() -> None:
            del self._later[submission.correlation_id]
            self.put(submission)

        self._later[submission.correlation_id] = loop.call_later(delay_seconds, send)

    async def _wait_after(self, error: RemoteError) -> None:
        self._check_patience(error)
        await asyncio.sleep(max(self._delay_seconds, error.retry_delay_seconds or 0))
        self._delay_seconds = min(self._delay_seconds * 2, _LAST_DELAY_SECONDS)

    def _check_patience(self, error: RemoteError) -> None:
        now = asyncio.get_running_loop().time()
        if self._trouble_since is None:
            self._trouble_since = now
        if now - self._trouble_since > self._patience_seconds:
            raise PatienceLostError(error.message) from error


def _passes(error: RemoteError) -> bool:
    """Whether an error of the stream itself may be a restart of the server.

    A dying server's connection can end in INTERNAL or UNKNOWN, without an ErrorInfo then. And
    where a write meets the end of a stream, grpc.aio says INTERNAL: trying again brings the
    status to light.
    """
    if isinstance(error, ServerError):
        return not error.reason
    return isinstance(error, UnavailableError | OverloadedError | CancelledError)
