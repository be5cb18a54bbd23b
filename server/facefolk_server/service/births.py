"""Who cannot be in a picture, because it was taken before the birth."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from facefolk_server.service.reading import Reading

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
    return {
        frame.frame_offset_us: (frame.capture_time + _FARTHEST_EAST).date()
        for frame in reading.library.frames(asset_id)
        if frame.capture_time is not None
    }
