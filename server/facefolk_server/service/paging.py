"""Pages of lists, by tokens that stay true while the list changes."""

from __future__ import annotations

import base64
import binascii
import hashlib
import heapq
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from facefolk_server.errors import InvalidRequestError

T = TypeVar("T")
SortKey = tuple[str | int | float | bool, ...]

DEFAULT_PAGE_SIZE = 100
MAX_PAGE_SIZE = 1000


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page: `size` 0 stands for the default; an empty token for the first page."""

    size: int = 0
    token: str = ""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items of a list; an empty token is the only mark of its end."""

    items: tuple[T, ...]
    next_page_token: str
    total_size: int


def take_page(
    items: Sequence[T],
    request: PageRequest,
    *,
    key: Callable[[T], SortKey],
    query: Sequence[object],
    default_size: int = DEFAULT_PAGE_SIZE,
) -> Page[T]:
    """Return the page of the items, by their keys, that comes after the token's key.

    The token carries the key of the last item shown, so an item that appears or goes
    elsewhere neither repeats nor hides another one, and a digest of the query.

    Raises:
        InvalidRequestError: The size is negative, or the token is not one of this query.
    """
    size = page_size(request.size, default=default_size)
    keys = [(key(item), index) for index, item in enumerate(items)]
    if request.token:
        keys = _after(keys, token_key(request.token, query))
    # A page of a long list is found without sorting all of it.
    ordered = heapq.nsmallest(size + 1, keys)
    chosen = ordered[:size]
    token = token_of(chosen[-1][0], query) if len(ordered) > size else ""
    return Page(tuple(items[index] for _, index in chosen), token, len(items))


def page_size(size: int, *, default: int = DEFAULT_PAGE_SIZE) -> int:
    """Return the size to use: 0 is the default, a size past the greatest is the greatest.

    Raises:
        InvalidRequestError: It is negative.
    """
    if size < 0:
        raise InvalidRequestError(
            f"page_size is {size}: give 0 for the default, or a positive number.",
            field="page_size",
        )
    return min(size or default, MAX_PAGE_SIZE)


def token_of(key: SortKey, query: Sequence[object]) -> str:
    """Return the token that stands for a place in the list that a query makes."""
    data = json.dumps([_query_digest(query), *key], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def token_key(token: str, query: Sequence[object]) -> SortKey:
    """Return the place in the list that a token stands for.

    Raises:
        InvalidRequestError: The token is not one of this query.
    """
    try:
        padded = token + "=" * (-len(token) % 4)
        read = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError) as exc:
        raise _bad_token() from exc
    plain = isinstance(read, list) and all(isinstance(part, str | int | float) for part in read)
    if not plain or len(read) < 2 or read[0] != _query_digest(query):
        raise _bad_token()
    return tuple(read[1:])


def _query_digest(query: Sequence[object]) -> str:
    return hashlib.sha256(repr(tuple(query)).encode()).hexdigest()[:16]


def _after(keys: Sequence[tuple[SortKey, int]], last: SortKey) -> list[tuple[SortKey, int]]:
    try:
        return [pair for pair in keys if pair[0] > last]
    except TypeError as exc:
        raise _bad_token() from exc


def _bad_token() -> InvalidRequestError:
    return InvalidRequestError(
        "page_token is not one of this request: give back the next_page_token of the page "
        "before, with everything else unchanged but page_size.",
        field="page_token",
    )
