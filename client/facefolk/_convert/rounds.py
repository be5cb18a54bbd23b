"""Rounds and what they change."""

from __future__ import annotations

from collections.abc import Iterable

from facefolk._convert.values import time_from_proto
from facefolk.types import PersonDifference, Round, RoundDifference, RoundMode, RoundState
from facefolk.v1 import resources_pb2


def person_difference_from_proto(
    message: resources_pb2.RoundDifference.PersonDifference,
) -> PersonDifference:
    """Return how the faces of one person change."""
    return PersonDifference(
        person_id=message.person_id,
        name=message.name,
        faces_gained=message.faces_gained,
        faces_lost=message.faces_lost,
        from_person_ids=tuple(message.from_person_ids),
        to_person_ids=tuple(message.to_person_ids),
    )


def difference_from_proto(message: resources_pb2.RoundDifference) -> RoundDifference:
    """Return what a round changes."""
    return RoundDifference(
        joined=_each(message.joined),
        split=_each(message.split),
        moved=_each(message.moved),
        created=_each(message.created),
        names_lost=_each(message.names_lost),
    )


def round_from_proto(message: resources_pb2.Round) -> Round:
    """Return a round."""
    known = message.HasField("difference")
    return Round(
        round_id=message.round_id,
        mode=RoundMode(message.mode),
        preview=message.preview,
        state=RoundState(message.state),
        faces_queued=message.faces_queued,
        faces_processed=message.faces_processed,
        faces_assigned=message.faces_assigned,
        people_created=message.people_created,
        faces_deferred=message.faces_deferred,
        outliers=message.outliers,
        pruned=message.pruned,
        neighbor_recall=message.neighbor_recall,
        recount=message.recount,
        waited_out=message.waited_out,
        start_time=time_from_proto(message, "start_time"),
        end_time=time_from_proto(message, "end_time"),
        error=message.error,
        max_recognition_distance=message.max_recognition_distance,
        min_recognized_faces=message.min_recognized_faces,
        difference=difference_from_proto(message.difference) if known else None,
    )


def _each(
    messages: Iterable[resources_pb2.RoundDifference.PersonDifference],
) -> tuple[PersonDifference, ...]:
    return tuple(person_difference_from_proto(message) for message in messages)
