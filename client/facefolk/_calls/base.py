"""How a method of the API is written once and serves both clients.

A method of the classes beside this module builds a description of one call: which stub
method, the request, and how the reply becomes a domain type. The decorators `unary`, `paged`
and `streamed` turn it into a method that, on `Client`, makes the call and, on `AsyncClient`,
answers an awaitable or an async iterator of it, typed as such.
"""

from __future__ import annotations

import copy
import dataclasses
import enum
import functools
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import (
    TYPE_CHECKING,
    Any,
    Concatenate,
    Final,
    Generic,
    ParamSpec,
    Self,
    TypeVar,
    overload,
)

from facefolk._channel import Connection, Stubs
from facefolk._pages import AsyncPages, Page, Pages
from facefolk.errors import UsageError

if TYPE_CHECKING:
    from facefolk._callers import AsyncCaller, SyncCaller

P = ParamSpec("P")
T = TypeVar("T")


class Unchanged(enum.Enum):
    """The type of UNCHANGED."""

    UNCHANGED = "unchanged"


UNCHANGED: Final = Unchanged.UNCHANGED
"""Stands for a field that an update leaves as it is."""


@dataclass(frozen=True, slots=True)
class CallOptions:
    """What applies to every call of a client; no timeout is None."""

    library_id: str = ""
    timeout_seconds: float | None = 60.0


class Caller:
    """What both clients have: a connection, stubs, options."""

    _connection: Connection
    _stubs: Stubs
    _options: CallOptions

    @property
    def library_id(self) -> str:
        """The library that calls are about, empty for the default one."""
        return self._options.library_id

    @property
    def address(self) -> str:
        """The address of the server."""
        return self._connection.address

    def with_options(
        self,
        *,
        library_id: str | Unchanged = UNCHANGED,
        timeout_seconds: float | Unchanged | None = UNCHANGED,
    ) -> Self:
        """Return a client of the same connection with other options."""
        options = self._options
        if not isinstance(library_id, Unchanged):
            options = dataclasses.replace(options, library_id=library_id)
        if not isinstance(timeout_seconds, Unchanged):
            options = dataclasses.replace(options, timeout_seconds=timeout_seconds)
        other = copy.copy(self)
        other._options = options  # noqa: SLF001  # of this very class
        return other


@dataclass(frozen=True, slots=True)
class Unary(Generic[T]):
    """A call with one reply."""

    method: Callable[[Stubs], Any]
    request: Any
    convert: Callable[[Any], T]


@dataclass(frozen=True, slots=True)
class Paged(Generic[T]):
    """A call whose replies are pages; `request` has a `page_token`."""

    method: Callable[[Stubs], Any]
    request: Any
    convert: Callable[[Any], Page[T]]


@dataclass(frozen=True, slots=True)
class Streamed(Generic[T]):
    """A call with a stream of replies, open for as long as the server likes.

    Where the server goes away it is asked anew for `patience_seconds`, from the last reply
    on: `go_on` makes the request that follows a reply.
    """

    method: Callable[[Stubs], Any]
    request: Any
    convert: Callable[[Any], T]
    go_on: Callable[[Any], Any] | None = None
    patience_seconds: float = 0.0


class UnaryMethod(Generic[P, T]):
    """A method that answers one reply."""

    def __init__(self, describe: Callable[Concatenate[Any, P], Unary[T]]) -> None:
        self._describe = describe

    @overload
    def __get__(self, instance: None, owner: type) -> Callable[..., Unary[T]]: ...
    @overload
    def __get__(self, instance: SyncCaller, owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(
        self, instance: AsyncCaller, owner: type
    ) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, instance: SyncCaller | AsyncCaller | None, owner: type) -> Any:
        return _bound(self._describe, instance, "_send")


class PagedMethod(Generic[P, T]):
    """A method that answers the items of all pages."""

    def __init__(self, describe: Callable[Concatenate[Any, P], Paged[T]]) -> None:
        self._describe = describe

    @overload
    def __get__(self, instance: None, owner: type) -> Callable[..., Paged[T]]: ...
    @overload
    def __get__(self, instance: SyncCaller, owner: type) -> Callable[P, Pages[T]]: ...
    @overload
    def __get__(self, instance: AsyncCaller, owner: type) -> Callable[P, AsyncPages[T]]: ...
    def __get__(self, instance: SyncCaller | AsyncCaller | None, owner: type) -> Any:
        return _bound(self._describe, instance, "_pages")


class StreamedMethod(Generic[P, T]):
    """A method that answers a stream of replies."""

    def __init__(self, describe: Callable[Concatenate[Any, P], Streamed[T]]) -> None:
        self._describe = describe

    @overload
    def __get__(self, instance: None, owner: type) -> Callable[..., Streamed[T]]: ...
    @overload
    def __get__(self, instance: SyncCaller, owner: type) -> Callable[P, Iterator[T]]: ...
    @overload
    def __get__(self, instance: AsyncCaller, owner: type) -> Callable[P, AsyncIterator[T]]: ...
    def __get__(self, instance: SyncCaller | AsyncCaller | None, owner: type) -> Any:
        return _bound(self._describe, instance, "_stream")


def unary(describe: Callable[Concatenate[Any, P], Unary[T]]) -> UnaryMethod[P, T]:
    """Make a method of a description of a call with one reply."""
    return UnaryMethod(describe)


def paged(describe: Callable[Concatenate[Any, P], Paged[T]]) -> PagedMethod[P, T]:
    """Make a method of a description of a call with pages."""
    return PagedMethod(describe)


def streamed(describe: Callable[Concatenate[Any, P], Streamed[T]]) -> StreamedMethod[P, T]:
    """Make a method of a description of a call with a stream of replies."""
    return StreamedMethod(describe)


def changes(**given: Any) -> dict[str, Any]:
    """Return what is not UNCHANGED; raise UsageError if that is nothing."""
    changed = {key: value for key, value in given.items() if value is not UNCHANGED}
    if not changed:
        raise UsageError("Nothing to change was given.")
    return changed


def _bound(describe: Callable[..., Any], instance: object | None, make: str) -> Any:
    if instance is None:
        return describe
    described = functools.partial(describe, instance)
    call = getattr(instance, make)

    @functools.wraps(describe)
    def method(*args: Any, **kwargs: Any) -> Any:
        return call(described(*args, **kwargs))

    vars(method)["__wrapped__"] = described  # so that signatures are shown without self
    return method
