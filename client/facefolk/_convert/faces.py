"""Faces, matches and thumbnails."""

from __future__ import annotations

from facefolk._convert.values import time_from_proto
from facefolk.types import (
    Assignment,
    BoundingBox,
    Face,
    Mark,
    MarkKind,
    Match,
    Point,
    Thumbnail,
    UnassignedReason,
)
from facefolk.v1 import people_pb2, resources_pb2


def point_from_proto(message: resources_pb2.Point) -> Point:
    """Return a point."""
    return Point(message.x, message.y)


def box_from_proto(message: resources_pb2.BoundingBox) -> BoundingBox:
    """Return a box."""
    return BoundingBox(message.x_min, message.y_min, message.x_max, message.y_max)


def embedding_from_proto(message: resources_pb2.Embedding) -> tuple[float, ...]:
    """Return the values of an embedding."""
    return tuple(message.values)


def face_from_proto(message: resources_pb2.Face) -> Face:
    """Return a face."""
    return Face(
        box=box_from_proto(message.box),
        landmarks=tuple(point_from_proto(point) for point in message.landmarks),
        score=message.score,
        quality=message.quality,
        face_id=message.face_id,
        asset_id=message.asset_id,
        frame_offset=message.frame_offset.ToTimedelta(),
        person_id=message.person_id,
        assignment=Assignment(message.assignment),
        unassigned_reason=UnassignedReason(message.unassigned_reason),
        pack=message.pack,
        embedding=embedding_from_proto(message.embedding),
        create_time=time_from_proto(message, "create_time"),
        image_width=message.image_width,
        image_height=message.image_height,
    )


def landmarks_to_proto(face: Face) -> resources_pb2.Face:
    """Return the box and landmarks of a face: what the server embeds it by."""
    return resources_pb2.Face(
        box=resources_pb2.BoundingBox(
            x_min=face.box.x_min,
            y_min=face.box.y_min,
            x_max=face.box.x_max,
            y_max=face.box.y_max,
        ),
        landmarks=[resources_pb2.Point(x=point.x, y=point.y) for point in face.landmarks],
    )


def match_from_proto(message: resources_pb2.Match) -> Match:
    """Return a match."""
    return Match(
        message.person_id,
        message.name,
        message.distance,
        message.face_id,
        message.probability,
    )


def thumbnail_from_proto(message: people_pb2.GetThumbnailResponse) -> Thumbnail:
    """Return a thumbnail."""
    return Thumbnail(message.image.data, message.face_id)


def mark_from_proto(message: resources_pb2.Mark) -> Mark:
    """Return a mark."""
    return Mark(message.face_id, MarkKind(message.kind), message.person_id)
