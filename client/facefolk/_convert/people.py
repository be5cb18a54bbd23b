"""People."""

from __future__ import annotations

from facefolk._convert.faces import mark_from_proto
from facefolk._convert.values import (
    date_from_proto,
    date_to_proto,
    time_from_proto,
    time_to_proto,
)
from facefolk.types import Assigned, Deleted, Marked, Merged, Person
from facefolk.v1 import people_pb2, resources_pb2


def person_from_proto(message: resources_pb2.Person) -> Person:
    """Return a person."""
    return Person(
        person_id=message.person_id,
        name=message.name,
        birth_date=date_from_proto(message.birth_date),
        hidden=message.hidden,
        favorite=message.favorite,
        feature_face_id=message.feature_face_id,
        face_count=message.face_count,
        asset_count=message.asset_count,
        etag=message.etag,
        create_time=time_from_proto(message, "create_time"),
        update_time=time_from_proto(message, "update_time"),
    )


def person_to_proto(person: Person) -> resources_pb2.Person:
    """Return the message of a person."""
    return resources_pb2.Person(
        person_id=person.person_id,
        name=person.name,
        birth_date=date_to_proto(person.birth_date),
        hidden=person.hidden,
        favorite=person.favorite,
        feature_face_id=person.feature_face_id,
        face_count=person.face_count,
        asset_count=person.asset_count,
        etag=person.etag,
        create_time=time_to_proto(person.create_time),
        update_time=time_to_proto(person.update_time),
    )


def assigned_from_proto(message: people_pb2.AssignFacesResponse) -> Assigned:
    """Return what an assignment did."""
    return Assigned(person_from_proto(message.person), message.faces_changed)


def merged_from_proto(message: people_pb2.MergePeopleResponse) -> Merged:
    """Return what a merge did."""
    return Merged(person_from_proto(message.person), tuple(message.conflicts))


def deleted_from_proto(message: people_pb2.DeletePersonResponse) -> Deleted:
    """Return what deleting a person did."""
    return Deleted(message.erasure_id, message.faces_changed)


def marked_from_proto(message: people_pb2.MarkFacesResponse) -> Marked:
    """Return what marking did."""
    return Marked(
        tuple(mark_from_proto(mark) for mark in message.marks), tuple(message.contradictions)
    )
