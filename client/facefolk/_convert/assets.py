"""Assets and their frames."""

from __future__ import annotations

from facefolk._convert.values import time_from_proto
from facefolk.types import Asset, AssetState, Frame
from facefolk.v1 import resources_pb2


def frame_from_proto(message: resources_pb2.Frame) -> Frame:
    """Return a frame."""
    return Frame(
        frame_offset=message.frame_offset.ToTimedelta(),
        state=AssetState(message.state),
        width=message.width,
        height=message.height,
        pack=message.pack,
        pack_digest=message.pack_digest,
        min_detection_score=message.min_detection_score,
        face_count=message.face_count,
        content_digest=message.content_digest,
        update_time=time_from_proto(message, "update_time"),
        error=message.error,
        stale=message.stale,
        looks=message.looks,
    )


def asset_from_proto(message: resources_pb2.Asset) -> Asset:
    """Return an asset."""
    return Asset(
        asset_id=message.asset_id,
        frames=tuple(frame_from_proto(frame) for frame in message.frames),
        capture_time=time_from_proto(message, "capture_time"),
        face_count=message.face_count,
    )
