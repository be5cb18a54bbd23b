"""Lists that come in pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items of a list; `total_size` counts the whole list, None where it is not told."""

    items: tuple[T, ...]
    next_page_token: str
    total_size: int | None = None


class Pages(Generic[T]):
    """The items of a list, fetched page by page as they are looked at."""

    def __init__(self, fetch: Callable[[str], Page[T]]) -> None:
        self._fetch = fetch

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from page.items

    def pages(self, page_token: str = "") -> Iterator[Page[T]]:
        """Iterate over the pages, from the token on where one is given."""
        while True:
            page = self._fetch(page_token)
            yield page
            page_token = page.next_page_token
            if not page_token:
                return


class AsyncPages(Generic[T]):
    """The items of a list, fetched page by page as they are looked at."""

    def __init__(self, fetch: Callable[[str], Awaitable[Page[T]]]) -> None:
        self._fetch = fetch

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for item in page.items:
                yield item

    async def pages(self, page_token: str = "") -> AsyncIterator[Page[T]]:
        """Iterate over the pages, from the token on where one is given."""
        while True:
            page = await self._fetch(page_token)
            yield page
            page_token = page.next_page_token
            if not page_token:
                return
