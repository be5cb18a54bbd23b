"""Times and dates."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date


def time_from_proto(message: Message, field: str) -> datetime | None:
    """Return the time in a field of a message, None where it is absent."""
    if not message.HasField(field):
        return None
    moment: datetime = getattr(message, field).ToDatetime(tzinfo=UTC)
    return moment


def time_to_proto(moment: datetime | None) -> Timestamp | None:
    """Return a time as a message; one without a time zone is taken as UTC."""
    if moment is None:
        return None
    message = Timestamp()
    message.FromDatetime(moment)
    return message


def offset_to_proto(offset: timedelta) -> Duration | None:
    """Return the moment of a film as a message, None for a photo."""
    if not offset:
        return None
    message = Duration()
    message.FromTimedelta(offset)
    return message


def date_from_proto(message: Date) -> date | None:
    """Return a whole date, None where year, month or day is not given."""
    if not (message.year and message.month and message.day):
        return None
    return date(message.year, message.month, message.day)


def date_to_proto(day: date | None) -> Date | None:
    """Return a date as a message."""
    return None if day is None else Date(year=day.year, month=day.month, day=day.day)
