from __future__ import annotations

import base64

import pytest
from drawing import drawn
from facefolk_server.errors import InvalidRequestError
from facefolk_server.service.paging import Page, PageRequest, page_size, take_page
from hypothesis import given
from hypothesis import strategies as st


def page_of(items: list[int], size: int = 0, token: str = "", query: str = "q") -> Page[int]:
    return take_page(items, PageRequest(size, token), key=lambda item: (item,), query=[query])


def all_pages(items: list[int], size: int) -> list[int]:
    seen: list[int] = []
    token = ""
    while True:
        page = page_of(items, size, token)
        seen += page.items
        token = page.next_page_token
        if not token:
            return seen


@drawn(60)
@given(st.lists(st.integers(), unique=True, max_size=30), st.integers(1, 7))
def test_pages_together_are_the_sorted_list(items: list[int], size: int) -> None:
    assert all_pages(items, size) == sorted(items)


def test_what_comes_and_goes_neither_repeats_nor_hides_others() -> None:
    first = page_of([1, 3, 5, 7, 9], 2)
    assert first.items == (1, 3)
    # The last one shown is gone, one came before it and one after.
    second = page_of([0, 1, 4, 5, 7, 9], 2, first.next_page_token)
    assert second.items == (4, 5)
    assert second.total_size == 6


def test_the_end_has_no_token_even_on_a_full_page() -> None:
    assert page_of([1, 2], 2).next_page_token == ""


def test_sizes() -> None:
    assert page_size(0) == 100
    assert page_size(0, default=50) == 50
    assert page_size(5000) == 1000
    with pytest.raises(InvalidRequestError):
        page_size(-1)


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "é",
        "====",
        base64.urlsafe_b64encode(b"[]").decode(),
        base64.urlsafe_b64encode(b"{}").decode(),
        base64.urlsafe_b64encode(b'["nope",1]').decode(),
        base64.urlsafe_b64encode(b"[" * 5000).decode(),
    ],
)
def test_refuses_strange_tokens(token: str) -> None:
    with pytest.raises(InvalidRequestError, match="page_token"):
        page_of([1, 2, 3], 1, token)


def test_refuses_the_token_of_another_query() -> None:
    token = page_of([1, 2, 3], 1, query="one").next_page_token
    with pytest.raises(InvalidRequestError):
        page_of([1, 2, 3], 1, token, query="other")


def test_the_page_size_may_change_on_the_way() -> None:
    token = page_of([1, 2, 3, 4], 1).next_page_token
    assert page_of([1, 2, 3, 4], 3, token).items == (2, 3, 4)


def test_refuses_a_key_of_other_types() -> None:
    token = take_page(
        ["a", "b"], PageRequest(1), key=lambda item: (item,), query=["q"]
    ).next_page_token
    with pytest.raises(InvalidRequestError):
        page_of([1, 2], 1, token)
