"""The beginnings of lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from facefolk import Pages


T = TypeVar("T")
Limit = Annotated[int, typer.Option(min=0, help="How many to list; 0 for all.")]


def taken(pages: Pages[T], limit: int) -> tuple[tuple[T, ...], int | None]:
    """Return the first items, all for limit 0, and how many there are in all."""
    items: list[T] = []
    total: int | None = None
    for page in pages.pages():
        total = page.total_size
        items.extend(page.items)
        if limit and len(items) >= limit:
            return tuple(items[:limit]), total
    return tuple(items), total


def first_of_many(shown: int, total: int | None, what: str) -> str:
    """Return the line that says that there is more than is shown, or nothing."""
    if total is None or total <= shown:
        return ""
    return f"{shown} of {total} {what}; --limit 0 lists them all."
