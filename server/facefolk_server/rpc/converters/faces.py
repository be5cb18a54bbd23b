"""Faces and the people nearest to them."""

from __future__ import annotations

from facefolk.v1 import resources_pb2 as pb

from facefolk_server.rpc.converters.values import (
    box_to_proto,
    duration_to_proto,
    embedding_to_proto,
    point_to_proto,
    timestamp_to_proto,
)
from facefolk_server.service.views import FaceView, Match
from facefolk_server.types import Reason


def face_to_proto(view: FaceView) -> pb.Face:
    """Return the message of a face with its person."""
    face, placement = view.face, view.placement
    reason = "UNSPECIFIED" if placement.reason is Reason.NONE else placement.reason.name
    stored = bool(face.face_id)
    return pb.Face(
        face_id=face.face_id,
        asset_id=face.asset_id,
        frame_offset=duration_to_proto(face.frame_offset_us) if stored else None,
        person_id=placement.person_id or "",
        box=box_to_proto(face.box),
        landmarks=[point_to_proto(point) for point in face.landmarks],
        score=face.score,
        quality=face.quality,
        assignment=f"ASSIGNMENT_{placement.assignment.name}" if stored else None,
        pack=face.pack,
        embedding=None if view.embedding is None else embedding_to_proto(view.embedding),
        create_time=timestamp_to_proto(face.create_time) if stored else None,
        image_width=face.image_width,
        image_height=face.image_height,
        unassigned_reason=f"UNASSIGNED_REASON_{reason}",
    )


def match_to_proto(match: Match | None) -> pb.Match | None:
    """Return the message of a match; None leaves the field unset."""
    if match is None:
        return None
    return pb.Match(
        person_id=match.person_id,
        name=match.name,
        distance=match.distance,
        face_id=match.face_id,
        probability=match.probability,
    )
