"""Boxes, points, embeddings, times and dates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

import numpy as np
from facefolk.v1 import resources_pb2 as pb
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from numpy.typing import NDArray

from facefolk_server.errors import InvalidRequestError
from facefolk_server.rpc.converters.checks import finite
from facefolk_server.service.names import make_birth_date
from facefolk_server.types import BoundingBox, Point

Vector = NDArray[np.float32]

LANDMARK_COUNT = 5
MAX_EMBEDDING_LENGTH = 4096
_MAX_DURATION_SECONDS = 315_576_000_000  # google.protobuf.Duration: 10,000 years
_NANOS = 1_000_000_000


def box_to_proto(box: BoundingBox) -> pb.BoundingBox:
    """Return the message of a box."""
    return pb.BoundingBox(x_min=box.x_min, y_min=box.y_min, x_max=box.x_max, y_max=box.y_max)


def point_to_proto(point: Point) -> pb.Point:
    """Return the message of a point."""
    return pb.Point(x=point.x, y=point.y)


def point_from_proto(message: pb.Point, name: str = "point") -> Point:
    """Return the point.

    Raises:
        InvalidRequestError: A coordinate is not finite.
    """
    return Point(finite(message.x, f"{name}.x"), finite(message.y, f"{name}.y"))


def landmarks_from_proto(faces: Sequence[pb.Face]) -> Vector:
    """Return the landmarks of faces as `(n, 5, 2) float32` pixels.

    Raises:
        InvalidRequestError: A face has not exactly five, or a coordinate is not finite.
    """
    landmarks = np.empty((len(faces), LANDMARK_COUNT, 2), dtype=np.float32)
    for index, face in enumerate(faces):
        name = f"faces[{index}].landmarks"
        if len(face.landmarks) != LANDMARK_COUNT:
            raise InvalidRequestError(
                f"{name} has {len(face.landmarks)} points: five are needed, such as Detect "
                "answers them.",
                field=name,
            )
        points = [point_from_proto(point, name) for point in face.landmarks]
        landmarks[index] = [(point.x, point.y) for point in points]
    return landmarks


def embedding_to_proto(embedding: Vector) -> pb.Embedding:
    """Return the message of a `(d,) float32` embedding."""
    return pb.Embedding(values=embedding.tolist())


def embeddings_to_proto(embeddings: Iterable[Vector]) -> list[pb.Embedding]:
    """Return the messages of `(n, d) float32` embeddings."""
    return [embedding_to_proto(embedding) for embedding in embeddings]


def embedding_from_proto(message: pb.Embedding, name: str = "embedding") -> Vector:
    """Return the embedding as `(d,) float32`.

    Raises:
        InvalidRequestError: It is empty, too long, or has a value that is not finite.
    """
    if not 1 <= len(message.values) <= MAX_EMBEDDING_LENGTH:
        raise InvalidRequestError(
            f"{name} has {len(message.values)} values: give the embedding of one face.",
            field=name,
        )
    vector = np.array(message.values, dtype=np.float32)
    if not np.isfinite(vector).all():
        raise InvalidRequestError(f"{name} has values that are not finite.", field=name)
    return vector


def duration_to_proto(microseconds: int) -> Duration:
    """Return the message of a time span of whole microseconds."""
    duration = Duration()
    duration.FromMicroseconds(microseconds)
    return duration


def duration_from_proto(message: Duration, name: str = "frame_offset") -> int:
    """Return the time span in whole microseconds, rounded down.

    Raises:
        InvalidRequestError: It is negative, or not a valid Duration.
    """
    valid = 0 <= message.seconds <= _MAX_DURATION_SECONDS and 0 <= message.nanos < _NANOS
    if not valid:
        raise InvalidRequestError(
            f"{name} is {message.seconds} s and {message.nanos} ns: it has to be a time span "
            "from 0 on, its nanoseconds below one second.",
            field=name,
        )
    return message.seconds * 1_000_000 + message.nanos // 1_000


def timestamp_to_proto(moment: datetime | None) -> Timestamp | None:
    """Return the message of an aware time; None leaves the field unset."""
    if moment is None:
        return None
    timestamp = Timestamp()
    timestamp.FromDatetime(moment)
    return timestamp


def timestamp_from_proto(message: Timestamp, name: str) -> datetime:
    """Return the time in UTC, in whole microseconds.

    Raises:
        InvalidRequestError: It is not from the years 1 to 9999, or not a valid Timestamp.
    """
    try:
        return message.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError) as exc:
        raise InvalidRequestError(
            f"{name} is not a time of the years 1 to 9999.", field=name
        ) from exc


def date_to_proto(day: date | None) -> Date | None:
    """Return the message of a date; None leaves the field unset."""
    return None if day is None else Date(year=day.year, month=day.month, day=day.day)


def date_from_proto(message: Date) -> date | None:
    """Return the date, None where all of its fields are zero.

    Raises:
        InvalidRequestError: There is no such day.
    """
    return make_birth_date(message.year, message.month, message.day)
