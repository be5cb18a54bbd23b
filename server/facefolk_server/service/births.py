"""Who cannot be in a picture, because it was taken before the birth."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from facefolk_server.service.reading import Reading
from facefolk_server.types import Person

_FARTHEST_EAST = timedelta(hours=14)
"""The largest offset of a time zone from UTC; the day is that where the picture was taken."""


def first_days(reading: Reading) -> Mapping[str, date]:
    """Return the birth dates that are known, by person."""
    people = reading.state.people.values()
    return {p.person_id: p.birth_date for p in people if p.birth_date is not None}


def taken_on(reading: Reading, asset_id: str) -> Mapping[int, date]:
    """Return the latest day, anywhere, on which each frame was taken, by its offset in us.

    Frames without a capture time are left out.
    """
    days = {
        frame.frame_offset_us: latest_day(frame.capture_time)
        for frame in reading.library.frames(asset_id)
    }
    return {offset: day for offset, day in days.items() if day is not None}


def latest_day(capture_time: datetime | None) -> date | None:
    """Return the latest day, anywhere, of a moment; None for none."""
    return None if capture_time is None else (capture_time + _FARTHEST_EAST).date()


def is_unborn(person: Person, day: date | None) -> bool:
    """Tell whether somebody was not born yet on a day; no where either is not known."""
    return day is not None and person.birth_date is not None and person.birth_date > day
