"""What a message can get wrong before anybody looks at what it means."""

from __future__ import annotations

import enum
import math
from collections.abc import Sequence
from typing import TypeVar

from facefolk_server.errors import InvalidImageError, InvalidRequestError

E = TypeVar("E", bound=enum.IntEnum)


def number_in(value: float, name: str, *, low: float, high: float) -> float:
    """Return the number.

    Raises:
        InvalidRequestError: It is no number, or not within `low` and `high`, both included.
    """
    if not low <= value <= high:  # false for NaN too
        raise InvalidRequestError(
            f"{name} is {value:g}: it has to be a number from {low:g} to {high:g}.",
            field=name,
        )
    return value


def finite(value: float, name: str) -> float:
    """Return the number.

    Raises:
        InvalidRequestError: It is infinite or not a number.
    """
    if not math.isfinite(value):
        raise InvalidRequestError(f"{name} is {value:g}: it has to be finite.", field=name)
    return value


def enum_from_proto(value: int, kind: type[E], name: str, *, default: E | None = None) -> E:
    """Return the member of the domain's enum; `default` stands for 0.

    Raises:
        InvalidRequestError: The number is not known, or 0 where there is no default.
    """
    if value == 0 and default is not None:
        return default
    try:
        return kind(value)
    except ValueError as exc:
        known = ", ".join(member.name for member in kind)
        raise InvalidRequestError(
            f"{name} is not given or not known here: it has to be one of {known}.",
            field=name,
            value=value,
        ) from exc


def at_most(items: Sequence[object], name: str, *, limit: int) -> None:
    """Check the length of a list.

    Raises:
        InvalidRequestError: It has more than `limit` items.
    """
    if len(items) > limit:
        raise InvalidRequestError(
            f"{name} has {len(items)} items: at most {limit} are allowed.",
            field=name,
            count=len(items),
        )


def image_data(data: bytes, name: str = "image") -> bytes:
    """Return the encoded picture.

    Raises:
        InvalidImageError: There are no bytes.
    """
    if not data:
        raise InvalidImageError(
            f"{name} is empty: give the bytes of a JPEG, PNG or WebP in {name}.data.",
            field=name,
        )
    return data
