"""Events of the history."""

from __future__ import annotations

from facefolk.v1 import people_pb2 as pb
from facefolk.v1 import resources_pb2

from facefolk_server.rpc.converters.marks import mark_to_proto
from facefolk_server.rpc.converters.people import person_to_proto
from facefolk_server.rpc.converters.values import timestamp_to_proto
from facefolk_server.service.ledger_walks import people_of
from facefolk_server.service.reading import etag_of
from facefolk_server.service.undoing import undone_event
from facefolk_server.service.views import EventView, PersonView
from facefolk_server.types import Person, PlacementChange

MAX_FACE_CHANGES = 1000


def event_to_proto(view: EventView) -> pb.Event:
    """Return the message of an event, with the first thousand of the faces it moved."""
    event, changes = view.event, view.event.changes
    moved = [change for change in changes.placements if _is_move(change)]
    return pb.Event(
        event_id=event.sequence,
        kind=event.kind.value,
        actor=event.actor,
        time=timestamp_to_proto(event.time),
        person_ids=sorted(people_of(event)),
        faces_changed=len(moved),
        face_changes=[_face_change(change) for change in moved[:MAX_FACE_CHANGES]],
        person_changes=[
            pb.PersonChange(before=_record(change.before), after=_record(change.after))
            for change in changes.people
        ],
        undone_event_id=undone_event(event),
        marks_added=[mark_to_proto(one.mark) for one in changes.marks if one.added],
        marks_removed=[mark_to_proto(one.mark) for one in changes.marks if not one.added],
        round_id=changes.round.round_id if changes.round else "",
        undoable=view.undoable,
    )


def _is_move(change: PlacementChange) -> bool:
    """Tell whether more changed than why a face has no person."""
    before, after = change.before, change.after
    return (before.person_id, before.assignment) != (after.person_id, after.assignment)


def _face_change(change: PlacementChange) -> pb.FaceChange:
    return pb.FaceChange(
        face_id=change.face_id,
        person_id_before=change.before.person_id or "",
        person_id_after=change.after.person_id or "",
        assignment_before=f"ASSIGNMENT_{change.before.assignment.name}",
        assignment_after=f"ASSIGNMENT_{change.after.assignment.name}",
    )


def _record(person: Person | None) -> resources_pb2.Person | None:
    """Return the message of a record, without the counts, which are no part of it."""
    if person is None:
        return None
    return person_to_proto(
        PersonView(
            person,
            face_count=0,
            asset_count=0,
            feature_face_id=person.feature_face_id,
            etag=etag_of(person.revision) if person.revision else "",
        )
    )
