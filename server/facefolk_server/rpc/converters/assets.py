"""Assets and their frames."""

from __future__ import annotations

from facefolk.v1 import resources_pb2 as pb

from facefolk_server.rpc.converters.values import duration_to_proto, timestamp_to_proto
from facefolk_server.service.views import AssetView, FrameView


def frame_to_proto(view: FrameView) -> pb.Frame:
    """Return the message of a frame."""
    frame = view.frame
    return pb.Frame(
        frame_offset=duration_to_proto(frame.frame_offset_us),
        state=f"ASSET_STATE_{frame.state.name}",
        width=frame.width,
        height=frame.height,
        pack=frame.pack,
        pack_digest=frame.pack_digest,
        min_detection_score=frame.min_detection_score,
        face_count=frame.face_count,
        content_digest=frame.content_digest,
        update_time=timestamp_to_proto(frame.update_time),
        error=frame.error,
        stale=view.stale,
        looks=frame.looks,
    )


def asset_to_proto(view: AssetView) -> pb.Asset:
    """Return the message of an asset."""
    return pb.Asset(
        asset_id=view.asset_id,
        frames=[frame_to_proto(frame) for frame in view.frames],
        capture_time=timestamp_to_proto(view.capture_time),
        face_count=view.face_count,
    )
