"""Rounds."""

from __future__ import annotations

from facefolk.v1 import resources_pb2 as pb

from facefolk_server.rpc.converters.values import timestamp_to_proto
from facefolk_server.types import RoundRecord


def round_to_proto(record: RoundRecord) -> pb.Round:
    """Return the message of a round."""
    return pb.Round(
        round_id=record.round_id,
        mode=f"ROUND_MODE_{record.mode.name}",
        preview=record.preview,
        state=f"ROUND_STATE_{record.state.name}",
        faces_queued=record.faces_queued,
        faces_processed=record.faces_processed,
        faces_assigned=record.faces_assigned,
        people_created=record.people_created,
        faces_deferred=record.faces_deferred,
        outliers=record.outliers,
        pruned=record.pruned,
        neighbor_recall=record.neighbor_recall,
        waited_out=record.waited_out,
        start_time=timestamp_to_proto(record.start_time),
        end_time=timestamp_to_proto(record.end_time),
        error=record.error,
        max_recognition_distance=record.max_recognition_distance,
        min_recognized_faces=record.min_recognized_faces,
    )
