"""When the nightly round runs."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from facefolk_server.errors import InvalidRequestError

_CLOCK_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


def check_nightly_time(nightly_time: str) -> str:
    """Return the time, "HH:MM" or "" for no nightly round.

    Raises:
        InvalidRequestError: It is neither.
    """
    if nightly_time and not _CLOCK_TIME.fullmatch(nightly_time):
        raise InvalidRequestError(
            f"nightly_time {nightly_time!r} is no time of day: give HH:MM from 00:00 to 23:59, "
            "or nothing for no nightly round.",
            field="nightly_time",
        )
    return nightly_time


def check_time_zone(time_zone: str) -> str:
    """Return the name of the time zone; empty becomes "UTC".

    Raises:
        InvalidRequestError: No such zone is known here.
    """
    if not time_zone:
        return "UTC"
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
        raise InvalidRequestError(
            f"time_zone {time_zone[:64]!r} is not known here: give an IANA name such as "
            "Europe/Berlin.",
            field="time_zone",
        ) from exc
    return time_zone


def last_run(now: datetime, *, nightly_time: str, time_zone: str) -> datetime:
    """Return the last instant up to `now` at which the clocks of a zone showed a time, in UTC.

    Where clocks go forward over that time it is the instant they would have shown it had
    they not (so 02:30 becomes 03:30); where they go back it is the first of the two, so
    that no day has two runs.
    """
    zone = ZoneInfo(time_zone)
    hours, minutes = nightly_time.split(":")
    clock_time = time(int(hours), int(minutes))
    day = now.astimezone(zone).date() + timedelta(days=1)
    while True:
        # fold=0 means the first of two, and the offset from before a gap (PEP 495).
        run = datetime.combine(day, clock_time, tzinfo=zone).astimezone(UTC)
        if run <= now:
            return run
        day -= timedelta(days=1)
