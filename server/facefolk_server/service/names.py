"""Names of people: what they may be, how they are sorted and looked for."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from facefolk_server.errors import InvalidRequestError
from facefolk_server.service.identifiers import check_text

MAX_NAME_LENGTH = 256
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def check_name(name: str) -> str:
    """Return the name without blanks at its ends; it may be empty.

    Raises:
        InvalidRequestError: It is longer than 256 characters or has control characters.
    """
    return check_text(name.strip(), "name", max_length=MAX_NAME_LENGTH)


def make_birth_date(year: int, month: int, day: int) -> date | None:
    """Return the date, None where all three are zero.

    Raises:
        InvalidRequestError: There is no such day.
    """
    if not (year or month or day):
        return None
    try:
        return date(year, month, day)
    except ValueError as exc:
        raise InvalidRequestError(
            f"birth_date {year}-{month}-{day} is no day of the calendar: give year, month and "
            "day.",
            field="birth_date",
        ) from exc


def check_birth_date(birth_date: date | None, *, today: date) -> date | None:
    """Return the date.

    Raises:
        InvalidRequestError: It is in the future.
    """
    if birth_date is not None and birth_date > today:
        raise InvalidRequestError(
            f"birth_date {birth_date.isoformat()} is in the future.", field="birth_date"
        )
    return birth_date


def folded(text: str) -> str:
    """Return the text without case and accents, for comparing and sorting."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


def matches(name: str, query: str) -> bool:
    """Tell whether a word of the name, and all after it, begins with the query.

    A query of several words matches where they stand next to each other in the name.
    """
    wanted = " ".join(folded(query).split())
    plain = " ".join(folded(name).split())
    starts = [0, *(found.start() for found in _WORD.finditer(plain))]
    return any(plain.startswith(wanted, start) for start in starts)
