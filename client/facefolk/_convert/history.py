"""Events of the history."""

from __future__ import annotations

from facefolk._convert.faces import mark_from_proto
from facefolk._convert.people import person_from_proto
from facefolk._convert.values import time_from_proto
from facefolk.types import Assignment, Event, FaceChange, PersonChange
from facefolk.v1 import people_pb2 as pb


def face_change_from_proto(message: pb.FaceChange) -> FaceChange:
    """Return how a face changed its person."""
    return FaceChange(
        face_id=message.face_id,
        person_id_before=message.person_id_before,
        person_id_after=message.person_id_after,
        assignment_before=Assignment(message.assignment_before),
        assignment_after=Assignment(message.assignment_after),
    )


def person_change_from_proto(message: pb.PersonChange) -> PersonChange:
    """Return how the record of a person changed."""
    return PersonChange(
        before=person_from_proto(message.before) if message.HasField("before") else None,
        after=person_from_proto(message.after) if message.HasField("after") else None,
    )


def event_from_proto(message: pb.Event) -> Event:
    """Return an event."""
    return Event(
        event_id=message.event_id,
        kind=message.kind,
        actor=message.actor,
        time=time_from_proto(message, "time"),
        person_ids=tuple(message.person_ids),
        faces_changed=message.faces_changed,
        face_changes=tuple(face_change_from_proto(one) for one in message.face_changes),
        person_changes=tuple(person_change_from_proto(one) for one in message.person_changes),
        undone_event_id=message.undone_event_id,
        marks_added=tuple(mark_from_proto(mark) for mark in message.marks_added),
        marks_removed=tuple(mark_from_proto(mark) for mark in message.marks_removed),
        round_id=message.round_id,
        undoable=message.undoable,
    )


def answer_event_from_proto(message: pb.AnswerSuggestionResponse) -> Event | None:
    """Return the event that an answer became, None for LATER."""
    return event_from_proto(message.event) if message.HasField("event") else None
