from __future__ import annotations

from datetime import date

import pytest
from facefolk_server.errors import InvalidRequestError
from facefolk_server.service import names


@pytest.mark.parametrize(
    ("name", "query", "found"),
    [
        ("Zoë Müller", "zoe", True),
        ("Zoë Müller", "MULL", True),
        ("Zoe Muller", "müll", True),
        ("Zoë Müller", "ller", False),
        ("Zoë Müller", "zoe m", True),
        ("Anna-Maria", "maria", True),
        ("O'Brien", "o'b", True),
        ("Straße", "STRASSE", True),
        ("Иван Петров", "пет", True),
        ("", "a", False),
        ("李小龍", "李", True),
    ],
)
def test_a_query_is_the_beginning_of_any_word(name: str, query: str, found: bool) -> None:
    assert names.matches(name, query) is found


def test_checks_names() -> None:
    assert names.check_name("  Ann ") == "Ann"
    assert names.check_name("x" * 256)
    for bad in ("x" * 257, "a\nb", "a\x00b", "\ud800"):
        with pytest.raises(InvalidRequestError):
            names.check_name(bad)


def test_birth_dates_are_real_days_not_in_the_future() -> None:
    assert names.make_birth_date(0, 0, 0) is None
    assert names.make_birth_date(2024, 2, 29) == date(2024, 2, 29)
    for bad in ((2023, 2, 29), (2023, 0, 0), (0, 1, 1), (2023, 13, 1), (-5, 1, 1)):
        with pytest.raises(InvalidRequestError):
            names.make_birth_date(*bad)
    today = date(2024, 5, 1)
    assert names.check_birth_date(today, today=today) == today
    with pytest.raises(InvalidRequestError):
        names.check_birth_date(date(2024, 5, 2), today=today)
