"""Fetch one file over HTTP or from a directory: streamed, resumed, retried, verified."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import tenacity

from facefolk_server.vision.downloads.checksums import Expected, verify
from facefolk_server.vision.downloads.faults import (
    ChecksumError,
    FetchError,
    RangeRefusedError,
    TransientFetchError,
)
from facefolk_server.vision.downloads.responses import accept

_CHUNK_BYTES = 256 * 1024

# Called with the bytes there are and the bytes there will be (None: unknown).
Report = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class FetchPolicy:
    """How patient a fetch is.

    An attempt that brings the file no further counts as failed; `attempts` of these in a row
    end it. A transfer slower than `min_bytes_per_second` for `slow_after_seconds` is given
    up and resumed over a new connection. `max_bytes` bounds files of unknown size.
    """

    attempts: int = 4
    first_wait_seconds: float = 0.5
    max_wait_seconds: float = 20.0
    connect_timeout_seconds: float = 10.0
    read_timeout_seconds: float = 30.0
    min_bytes_per_second: float = 1024.0
    slow_after_seconds: float = 60.0
    max_bytes: int = 2 * 1024**3

    @property
    def timeout(self) -> httpx2.Timeout:
        """The time-outs of a client that follows this policy."""
        return httpx2.Timeout(self.read_timeout_seconds, connect=self.connect_timeout_seconds)


class Fetcher:
    """Bring files to a partial path, where they lie whole and verified afterwards.

    The partial file of an interrupted fetch is resumed from. The caller holds the lock on it.
    """

    def __init__(
        self,
        policy: FetchPolicy = FetchPolicy(),
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._policy = policy
        self._sleep = sleep
        self._clock = clock

    @property
    def policy(self) -> FetchPolicy:
        """How patient the fetches are."""
        return self._policy

    def fetch(
        self,
        client: httpx2.Client,
        url: str,
        partial: Path,
        *,
        expected: Expected,
        report: Report,
    ) -> None:
        """Fetch `url` to `partial`.

        Raises:
            FetchError: the file is not to be had there.
        """
        stalls = _Stalls(partial, self._policy.attempts)
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(_may_pass),
            stop=stalls,
            wait=self._wait,
            sleep=self._sleep,
            reraise=True,
        )
        retrying(self._attempt, client, url, partial, expected, report)

    def copy(self, origin: Path, partial: Path, *, expected: Expected, report: Report) -> None:
        """Copy the local file `origin` to `partial`.

        Raises:
            FetchError: it is not there, or not the expected one.
        """
        try:
            size = origin.stat().st_size
            if expected.size_bytes not in (None, size):
                raise FetchError(f"the file there has {size} bytes, not {expected.size_bytes}")
            with origin.open("rb") as stream:
                blocks = iter(lambda: stream.read(_CHUNK_BYTES), b"")
                partial.unlink(missing_ok=True)
                self._receive(blocks, partial, 0, expected, report)
        except FileNotFoundError as exc:
            raise FetchError("no such file") from exc
        except IsADirectoryError as exc:
            raise FetchError("it is a directory") from exc
        except PermissionError as exc:
            raise FetchError(f"no permission for {exc.filename}") from exc
        verify(partial, expected)

    def _wait(self, state: tenacity.RetryCallState) -> float:
        policy = self._policy
        wait = policy.first_wait_seconds * 2.0 ** (state.attempt_number - 1)
        exc = state.outcome.exception() if state.outcome else None
        if isinstance(exc, TransientFetchError):
            wait = max(wait, exc.retry_after_seconds)
        return min(wait, policy.max_wait_seconds)

    def _attempt(
        self, client: httpx2.Client, url: str, partial: Path, expected: Expected, report: Report
    ) -> None:
        have = partial.stat().st_size if partial.exists() else 0
        if expected.size_bytes is not None and have > expected.size_bytes:
            partial.unlink()
            have = 0
        if not have or have != expected.size_bytes:
            have = self._request(client, url, partial, have, expected, report)
        try:
            verify(partial, expected)
        except ChecksumError as exc:
            partial.unlink(missing_ok=True)
            if have:  # the part kept from before may be what is wrong
                raise TransientFetchError(str(exc)) from exc
            raise

    def _request(
        self,
        client: httpx2.Client,
        url: str,
        partial: Path,
        have: int,
        expected: Expected,
        report: Report,
    ) -> int:
        """Stream the rest of the file; return how many bytes of before were kept."""
        headers = {"Accept-Encoding": "identity"}
        if have:
            headers["Range"] = f"bytes={have}-"
        try:
            with client.stream("GET", url, headers=headers) as response:
                answer = accept(response, url, have=have, size_bytes=expected.size_bytes)
                if answer.complete:
                    return have
                if answer.offset < have:
                    partial.unlink(missing_ok=True)
                # Raw: a server that labels a .tar.gz as encoded still sends what it stores.
                # As it comes: blocks of a size would hide a trickle until one is full.
                blocks = response.iter_raw()
                whole = Expected(expected.sha256, answer.size_bytes)
                self._receive(blocks, partial, answer.offset, whole, report)
                return answer.offset
        except RangeRefusedError:
            partial.unlink(missing_ok=True)
            raise
        except httpx2.TransportError as exc:
            raise TransientFetchError(_explain(exc, self._policy)) from exc
        except (httpx2.HTTPError, httpx2.InvalidURL) as exc:
            raise FetchError(_explain(exc, self._policy)) from exc

    def _receive(
        self,
        blocks: Iterator[bytes],
        partial: Path,
        offset: int,
        expected: Expected,
        report: Report,
    ) -> None:
        done, limit = offset, expected.size_bytes or self._policy.max_bytes
        window_start, window_bytes = self._clock(), 0
        with partial.open("ab") as target:
            for block in blocks:
                done += len(block)
                if done > limit:
                    target.truncate(0)
                    raise FetchError(f"more than the {limit} bytes that were expected came")
                target.write(block)
                report(done, expected.size_bytes)
                window_bytes += len(block)
                seconds = self._clock() - window_start
                if seconds >= self._policy.slow_after_seconds:
                    if window_bytes < seconds * self._policy.min_bytes_per_second:
                        raise TransientFetchError(
                            f"only {window_bytes} bytes came in {seconds:.0f} s"
                        )
                    window_start, window_bytes = self._clock(), 0
        if expected.size_bytes is not None and done < expected.size_bytes:
            raise TransientFetchError(
                f"only {done} of {expected.size_bytes} bytes came before the connection closed"
            )


class _Stalls:
    """Stop a fetch after so many attempts in a row that brought it no further.

    A transfer that breaks off again and again goes on as long as it grows by a megabyte.
    """

    def __init__(self, partial: Path, attempts: int) -> None:
        self._partial = partial
        self._attempts = attempts
        self._stalled = 0
        self._reached = partial.stat().st_size if partial.exists() else 0

    def __call__(self, state: tenacity.RetryCallState) -> bool:
        size = self._partial.stat().st_size if self._partial.exists() else 0
        if size >= self._reached + 1024 * 1024:
            self._stalled, self._reached = 0, size
        else:
            self._stalled += 1
        exc = state.outcome.exception() if state.outcome else None
        # A whole file with a wrong checksum is worth one more try, not four.
        limit = min(2, self._attempts) if isinstance(exc, ChecksumError) else self._attempts
        return self._stalled >= limit


def _may_pass(exc: BaseException) -> bool:
    return isinstance(exc, TransientFetchError | ChecksumError)


def _explain(exc: Exception, policy: FetchPolicy) -> str:
    match exc:
        case httpx2.ConnectTimeout():
            return f"no connection within {policy.connect_timeout_seconds:g} s"
        case httpx2.TimeoutException():
            return f"no answer for {policy.read_timeout_seconds:g} s"
        case httpx2.TooManyRedirects():
            return "it redirects in a circle"
    text = str(exc).strip() or type(exc).__name__
    return text[:1].lower() + text[1:]
