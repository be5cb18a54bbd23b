"""New values of settings: which are given, and whether they can be."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from facefolk_server.errors import InvalidRequestError
from facefolk_server.service.nightly import check_nightly_time, check_time_zone
from facefolk_server.service.packs import AUTO

MAX_MIN_FACES = 1_000_000
# Values pass through float32 on the wire: 0.7 comes as 0.699999988.
_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class SettingsFields:
    """New values as the API has them: zero and empty stand for the default."""

    pack: str = ""
    min_detection_score: float = 0.0
    max_recognition_distance: float = 0.0
    min_recognized_faces: int = 0
    one_face_per_asset: bool = False
    chain_guard: bool = False
    nightly_time: str = ""
    time_zone: str = ""
    quality_gate: bool = False
    find_close_faces: bool = False
    find_turned_faces: bool = False
    find_tiny_faces: bool = False


def new_values(
    given: SettingsFields, mask: Sequence[str] | None
) -> Mapping[str, str | float | int | bool | None]:
    """Return the values to set, by field of `RecognitionSettings`.

    No mask names the fields that are not zero, "*" names all.

    Raises:
        InvalidRequestError: A value is out of range, or the mask names what is no field.
    """
    return {name: _checked(given, name) for name in _chosen(given, mask)}


def _chosen(given: SettingsFields, mask: Sequence[str] | None) -> list[str]:
    names = [field.name for field in fields(given)]
    if not mask:
        return [name for name in names if getattr(given, name)]
    if "*" in mask:
        return names
    unknown = sorted(set(mask) - set(names))
    if unknown:
        raise InvalidRequestError(
            f"update_mask names {unknown[0][:64]!r}: it can name {', '.join(names)} or '*'.",
            field="update_mask",
        )
    return [name for name in names if name in mask]


def _checked(given: SettingsFields, name: str) -> str | float | int | bool | None:
    if name == "min_detection_score":
        return _in_range(given.min_detection_score, name, high=1.0)
    if name == "max_recognition_distance":
        return _in_range(given.max_recognition_distance, name, high=2.0)
    if name == "min_recognized_faces":
        return _faces(given.min_recognized_faces)
    if name == "nightly_time":
        return check_nightly_time(given.nightly_time)
    if name == "time_zone":
        return check_time_zone(given.time_zone)
    if name == "pack":
        return given.pack or AUTO
    return bool(getattr(given, name))


def _in_range(value: float, name: str, *, high: float) -> float | None:
    if not math.isfinite(value) or not 0.0 <= value <= high:
        raise InvalidRequestError(
            f"{name} is {value:g}: it has to be within 0 and {high:g}; 0 stands for the pack's "
            "own.",
            field=name,
        )
    return round(value, _DECIMALS) or None


def _faces(value: int) -> int:
    if not 1 <= value <= MAX_MIN_FACES:
        raise InvalidRequestError(
            f"min_recognized_faces is {value}: it has to be within 1 and {MAX_MIN_FACES}.",
            field="min_recognized_faces",
        )
    return value
