"""Rounds."""

from __future__ import annotations

from facefolk.v1 import resources_pb2 as pb

from facefolk_server.rpc.converters.values import timestamp_to_proto
from facefolk_server.service.difference import PersonDifference, RoundDifference
from facefolk_server.service.rounds import RoundView
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
        recount=record.recount,
        waited_out=record.waited_out,
        start_time=timestamp_to_proto(record.start_time),
        end_time=timestamp_to_proto(record.end_time),
        error=record.error,
        max_recognition_distance=record.max_recognition_distance,
        min_recognized_faces=record.min_recognized_faces,
    )


def round_view_to_proto(view: RoundView) -> pb.Round:
    """Return the message of a round with what it changes, where that is known."""
    message = round_to_proto(view.record)
    if view.difference is not None:
        message.difference.CopyFrom(difference_to_proto(view.difference))
    return message


def difference_to_proto(difference: RoundDifference) -> pb.RoundDifference:
    """Return the message of what a round changes."""
    return pb.RoundDifference(
        joined=map(person_difference_to_proto, difference.joined),
        split=map(person_difference_to_proto, difference.split),
        moved=map(person_difference_to_proto, difference.moved),
        created=map(person_difference_to_proto, difference.created),
        names_lost=map(person_difference_to_proto, difference.names_lost),
    )


def person_difference_to_proto(one: PersonDifference) -> pb.RoundDifference.PersonDifference:
    """Return the message of how the faces of one person change."""
    return pb.RoundDifference.PersonDifference(
        person_id=one.person_id,
        name=one.name,
        faces_gained=one.faces_gained,
        faces_lost=one.faces_lost,
        from_person_ids=one.from_person_ids,
        to_person_ids=one.to_person_ids,
    )
