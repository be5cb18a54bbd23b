"""Domain types as JSON values."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from facefolk.errors import FacefolkError, IngestInterruptedError, RemoteError


def json_value(value: object) -> Any:
    """Return what `json` can write.

    Enums are their names in lower case, times ISO 8601 in UTC, offsets seconds; bytes are
    left to the commands that write files.
    """
    match value:
        case enum.Enum():
            return value.name.lower()
        case None | bool() | int() | float() | str():
            return value
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case Mapping():
            return {str(key): json_value(item) for key, item in value.items()}
        case list() | tuple():
            return [json_value(item) for item in value]
    if dataclasses.is_dataclass(value):
        return {
            field.name: json_value(getattr(value, field.name))
            for field in dataclasses.fields(value)
        }
    raise TypeError(f"{type(value).__name__} has no JSON form")


def error_value(error: FacefolkError, message: str) -> dict[str, Any]:
    """Return an error as JSON: `code`, `reason` and `metadata` are empty for local ones."""
    remote = error if isinstance(error, RemoteError) else None
    described: dict[str, Any] = {
        "code": remote.code if remote else "",
        "reason": remote.reason if remote else "",
        "message": message,
        "metadata": remote.metadata if remote else {},
    }
    if isinstance(error, IngestInterruptedError):
        described["report"] = json_value(error.report)
    return {"error": described}


def plain(text: str) -> str:
    """Return a text that cannot do anything to a terminal: names of files may hold anything."""
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii")
        for letter in text
    )
