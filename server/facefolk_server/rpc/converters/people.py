"""People and what users say of them."""

from __future__ import annotations

from collections.abc import Sequence

from facefolk.v1 import people_pb2
from facefolk.v1 import resources_pb2 as pb
from google.protobuf.field_mask_pb2 import FieldMask

from facefolk_server.errors import InvalidRequestError
from facefolk_server.rpc.converters.values import (
    date_from_proto,
    date_to_proto,
    timestamp_to_proto,
)
from facefolk_server.service.faces import FaceFilter
from facefolk_server.service.people import PersonFields
from facefolk_server.service.views import PersonView, Thumbnail


def person_to_proto(view: PersonView) -> pb.Person:
    """Return the message of a person."""
    person = view.person
    return pb.Person(
        person_id=person.person_id,
        name=person.name,
        birth_date=date_to_proto(person.birth_date),
        hidden=person.hidden,
        favorite=person.favorite,
        feature_face_id=view.feature_face_id,
        face_count=view.face_count,
        asset_count=view.asset_count,
        etag=view.etag,
        create_time=timestamp_to_proto(person.create_time),
        update_time=timestamp_to_proto(person.update_time),
    )


def person_fields_from_proto(message: pb.Person) -> PersonFields:
    """Return what a user can say of a person; ids and counts are not looked at.

    Raises:
        InvalidRequestError: The birth date is no day of the calendar.
    """
    return PersonFields(
        name=message.name,
        birth_date=date_from_proto(message.birth_date),
        hidden=message.hidden,
        favorite=message.favorite,
        feature_face_id=message.feature_face_id,
    )


def mask_from_proto(mask: FieldMask) -> Sequence[str] | None:
    """Return the paths of a mask; None, where it is absent or empty, for what is not zero."""
    return tuple(mask.paths) or None


def required_id(value: str, name: str) -> str:
    """Return an id that a request has to give.

    Raises:
        InvalidRequestError: It is empty.
    """
    if not value:
        raise InvalidRequestError(f"{name} is empty: it has to be given.", field=name)
    return value


def face_filter_from_proto(request: people_pb2.ListFacesRequest) -> FaceFilter:
    """Return whose faces to list.

    Raises:
        InvalidRequestError: An id is given but empty, or `unassigned` is given as false.
    """
    given = request.WhichOneof("filter")
    if given is None:
        return FaceFilter()
    if not getattr(request, given):
        raise InvalidRequestError(
            f"{given} is given without a value: leave it out to list all faces.", field=given
        )
    return FaceFilter(
        asset_id=request.asset_id,
        person_id=request.person_id,
        unassigned=request.unassigned,
    )


def assignee_from_proto(
    request: people_pb2.AssignFacesRequest,
) -> tuple[str, PersonFields | None]:
    """Return the id of the person to assign to, or what a new one is to be.

    Raises:
        InvalidRequestError: Neither is given.
    """
    if request.WhichOneof("target") == "new_person":
        return "", person_fields_from_proto(request.new_person)
    return required_id(request.person_id, "person_id"), None


def thumbnail_to_proto(thumbnail: Thumbnail) -> people_pb2.GetThumbnailResponse:
    """Return the reply of GetThumbnail."""
    return people_pb2.GetThumbnailResponse(
        image=pb.Image(data=thumbnail.data), face_id=thumbnail.face_id
    )


def thumbnail_subject_from_proto(request: people_pb2.GetThumbnailRequest) -> tuple[str, str]:
    """Return the id of the face and that of the person to show, one of which is empty.

    Raises:
        InvalidRequestError: Neither is given.
    """
    if not (request.face_id or request.person_id):
        raise InvalidRequestError("Give a face_id or a person_id.", field="subject")
    return request.face_id, request.person_id
