"""Judge what a server answers before a byte of it is kept."""

from __future__ import annotations

import re
from dataclasses import dataclass

import httpx2

from facefolk_server.vision.downloads.faults import (
    FetchError,
    RangeRefusedError,
    TransientFetchError,
)

_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)$")
_UNSATISFIED_RANGE = re.compile(r"bytes \*/(\d+)$")
# RFC 9110 and 6585: too early, too many requests, time-out; 5xx is added below.
_PASSING_STATUS = frozenset({408, 425, 429})
_NOT_SATISFIABLE = 416


@dataclass(frozen=True, slots=True)
class Answer:
    """A usable answer: where its body begins in the file and how large the file is.

    `complete` says that there is no body since the part already here is the whole file.
    """

    offset: int
    size_bytes: int | None
    complete: bool = False


def accept(response: httpx2.Response, url: str, *, have: int, size_bytes: int | None) -> Answer:
    """Read the head of an answer to a request for everything from byte `have` on.

    Raises:
        FetchError: it is an error, a web page, a file of another length, or came over an
            unencrypted redirect.
    """
    if url.startswith("https:") and response.url.scheme != "https":
        raise FetchError(f"it redirects to the unencrypted {response.url.scheme}:")
    if response.status_code == _NOT_SATISFIABLE:
        return _beyond_the_end(response, have)
    _check_status(response)
    if response.headers.get("Content-Type", "").lower().startswith("text/html"):
        raise FetchError("it answers with a web page instead of the file")
    if response.status_code == httpx2.codes.PARTIAL_CONTENT:
        return _partial(response, have, size_bytes)
    length = _content_length(response)
    if size_bytes is not None and length is not None and length != size_bytes:
        raise FetchError(f"the file there has {length} bytes, not {size_bytes}")
    return Answer(0, size_bytes if size_bytes is not None else length)


def _partial(response: httpx2.Response, have: int, size_bytes: int | None) -> Answer:
    match = _CONTENT_RANGE.match(response.headers.get("Content-Range", ""))
    if not match or int(match[1]) != have or not have:
        raise RangeRefusedError("it sends another part of the file than was asked for")
    total = None if match[2] == "*" else int(match[2])
    if size_bytes is not None and total is not None and total != size_bytes:
        raise FetchError(f"the file there has {total} bytes, not {size_bytes}")
    return Answer(have, size_bytes if size_bytes is not None else total)


def _beyond_the_end(response: httpx2.Response, have: int) -> Answer:
    match = _UNSATISFIED_RANGE.match(response.headers.get("Content-Range", ""))
    if have and match and int(match[1]) == have:
        return Answer(have, have, complete=True)
    if have:
        raise RangeRefusedError("it answers 416 to a request for the rest of the file")
    raise FetchError("it answers 416 to a request for the whole file")


def _check_status(response: httpx2.Response) -> None:
    status, phrase = response.status_code, response.reason_phrase
    if status in _PASSING_STATUS or status >= httpx2.codes.INTERNAL_SERVER_ERROR:
        raise TransientFetchError(
            f"it answers {status} {phrase}".rstrip(),
            retry_after_seconds=retry_after_seconds(response),
        )
    if not response.is_success:
        raise FetchError(f"it answers {status} {phrase}".rstrip())


def _content_length(response: httpx2.Response) -> int | None:
    text = response.headers.get("Content-Length", "")
    return int(text) if text.isascii() and text.isdigit() else None


def retry_after_seconds(response: httpx2.Response) -> float:
    """Return the seconds that the server asks to wait, 0 where it gives none or a date."""
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() else 0.0
