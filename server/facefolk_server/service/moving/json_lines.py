"""Names and face boxes as JSON lines, the form that other programs' data is brought into."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from facefolk_server.errors import InvalidRequestError
from facefolk_server.service.identifiers import check_asset_id
from facefolk_server.service.moving.claims import Claim, ClaimedPerson, Claims
from facefolk_server.service.names import check_birth_date, check_name, folded
from facefolk_server.types import BoundingBox, Person

MAX_LINE_BYTES = 64 * 1024
_MAX_SIDE = 1_000_000
_MAX_SECONDS = 10_000_000
_REQUIRED = frozenset({"asset_id", "name", "box", "image_width", "image_height"})
_OPTIONAL = frozenset(
    {"frame_offset", "person", "birth_date", "hidden", "favorite", "manual", "feature"}
)


def read_json_lines(lines: Iterable[bytes], *, today: date) -> Claims:
    """Return what the lines say; empty ones are passed over.

    Raises:
        InvalidRequestError: A line is not what docs/moving.md says; the message has its
            number and what is wrong.
    """
    people: dict[str, ClaimedPerson] = {}
    faces: list[Claim] = []
    features: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            told = _object(line)
            person = _person(told, today)
            key = _key(told, person)
            known = people.get(key)
            record = _united(known.record, person) if known else person
            people[key] = ClaimedPerson(key, record, kept=False)
            claim = replace(_claim(told, key), face_id="")
        except InvalidRequestError as error:
            raise InvalidRequestError(
                f"Line {number}: {error.message}", field="chunk", line=number
            ) from error
        if told.get("feature") and key not in features:
            # Claims have no ids of their own: their places stand in for them.
            features[key] = claim_id(len(faces))
        faces.append(claim)
    named = {
        key: replace(one, record=replace(one.record, feature_face_id=features.get(key, "")))
        for key, one in people.items()
    }
    return Claims(named, faces)


def claim_id(index: int) -> str:
    """Return what stands for the id of the claim at this place."""
    return f"#{index}"


def _object(line: bytes) -> dict[str, Any]:
    if len(line) > MAX_LINE_BYTES:
        raise InvalidRequestError(f"it is longer than {MAX_LINE_BYTES} bytes.")
    try:
        told = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError("it is not JSON in UTF-8.") from error
    if not isinstance(told, dict):
        raise InvalidRequestError("it is no JSON object.")
    missing = sorted(_REQUIRED - told.keys())
    if missing:
        raise InvalidRequestError(f"{missing[0]} is missing.")
    unknown = sorted(told.keys() - _REQUIRED - _OPTIONAL)
    if unknown:
        raise InvalidRequestError(f"{unknown[0][:64]!r} is not known here.")
    return told


def _person(told: dict[str, Any], today: date) -> Person:
    birth_date = _text(told, "birth_date")
    try:
        born = date.fromisoformat(birth_date) if birth_date else None
    except ValueError as error:
        raise InvalidRequestError("birth_date is no YYYY-MM-DD.") from error
    return Person(
        person_id="",
        name=check_name(_text(told, "name")),
        birth_date=check_birth_date(born, today=today),
        hidden=_flag(told, "hidden"),
        favorite=_flag(told, "favorite"),
    )


def _key(told: dict[str, Any], person: Person) -> str:
    """Return what tells people apart: what the line says, or else their names."""
    given = _text(told, "person")
    if not given and not person.name:
        raise InvalidRequestError("name is empty and no person is given.")
    return f"person {given}" if given else f"name {folded(person.name)}"


def _united(one: Person, other: Person) -> Person:
    return replace(
        one,
        name=one.name or other.name,
        birth_date=one.birth_date or other.birth_date,
        hidden=one.hidden or other.hidden,
        favorite=one.favorite or other.favorite,
    )


def _claim(told: dict[str, Any], key: str) -> Claim:
    width = _number(told["image_width"], "image_width", low=1, high=_MAX_SIDE)
    height = _number(told["image_height"], "image_height", low=1, high=_MAX_SIDE)
    box = told["box"]
    if not isinstance(box, list) or len(box) != 4:
        raise InvalidRequestError("box is not [x_min, y_min, x_max, y_max].")
    edges = [_number(edge, "box", low=-_MAX_SIDE, high=_MAX_SIDE) for edge in box]
    made = BoundingBox(*edges)
    if not made.area:
        raise InvalidRequestError("box is empty: x_max and y_max have to be the greater.")
    seconds = _number(told.get("frame_offset", 0), "frame_offset", low=0, high=_MAX_SECONDS)
    return Claim(
        asset_id=check_asset_id(_text(told, "asset_id")),
        frame_offset_us=round(seconds * 1_000_000),
        box=made,
        width=int(width),
        height=int(height),
        person=key,
        manual=_flag(told, "manual", default=True),
    )


def _text(told: dict[str, Any], name: str) -> str:
    value = told.get(name, "")
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidRequestError(f"{name} is no text.")
    return value


def _flag(told: dict[str, Any], name: str, *, default: bool = False) -> bool:
    value = told.get(name, default)
    if not isinstance(value, bool):
        raise InvalidRequestError(f"{name} is neither true nor false.")
    return value


def _number(value: object, name: str, *, low: float, high: float) -> float:
    right = isinstance(value, int | float) and not isinstance(value, bool)
    if not right or not math.isfinite(value) or not low <= value <= high:  # type: ignore[arg-type,operator]
        raise InvalidRequestError(f"{name} is no number from {low:g} to {high:g}.")
    return float(value)  # type: ignore[arg-type]
