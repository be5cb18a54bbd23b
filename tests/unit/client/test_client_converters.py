"""Every field of every message arrives: a message is filled, converted, and compared."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from facefolk._convert import (
    admin,
    assets,
    faces,
    history,
    moving,
    people,
    recognition,
    rounds,
    suggestions,
)
from facefolk.errors import InvalidRequestError
from facefolk.types import Person, RoundState, Submission
from facefolk.v1 import admin_pb2, people_pb2, recognition_pb2, resources_pb2
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

CONVERTERS: list[tuple[Callable[[Any], Any], type[Message]]] = [
    (faces.point_from_proto, resources_pb2.Point),
    (faces.box_from_proto, resources_pb2.BoundingBox),
    (faces.face_from_proto, resources_pb2.Face),
    (faces.match_from_proto, resources_pb2.Match),
    (faces.thumbnail_from_proto, people_pb2.GetThumbnailResponse),
    (recognition.detection_from_proto, recognition_pb2.DetectResponse),
    (recognition.embeddings_from_proto, recognition_pb2.EmbedResponse),
    (recognition.recognized_face_from_proto, recognition_pb2.RecognizedFace),
    (recognition.recognition_from_proto, recognition_pb2.RecognizeResponse),
    (recognition.comparison_from_proto, recognition_pb2.CompareResponse),
    (recognition.search_result_from_proto, recognition_pb2.SearchFacesResponse.Result),
    (assets.frame_from_proto, resources_pb2.Frame),
    (assets.asset_from_proto, resources_pb2.Asset),
    (people.person_from_proto, resources_pb2.Person),
    (people.assigned_from_proto, people_pb2.AssignFacesResponse),
    (faces.mark_from_proto, resources_pb2.Mark),
    (people.merged_from_proto, people_pb2.MergePeopleResponse),
    (people.deleted_from_proto, people_pb2.DeletePersonResponse),
    (people.marked_from_proto, people_pb2.MarkFacesResponse),
    (history.face_change_from_proto, people_pb2.FaceChange),
    (history.person_change_from_proto, people_pb2.PersonChange),
    (history.event_from_proto, people_pb2.Event),
    (suggestions.suggestion_from_proto, people_pb2.Suggestion),
    (suggestions.neighbor_from_proto, people_pb2.ExplainFaceResponse.Neighbor),
    (suggestions.explanation_from_proto, people_pb2.ExplainFaceResponse),
    (moving.assets_deleted_from_proto, recognition_pb2.DeleteAssetsResponse),
    (moving.erasure_from_proto, admin_pb2.Erasure),
    (moving.imported_from_proto, admin_pb2.ImportPeopleResponse),
    (rounds.person_difference_from_proto, resources_pb2.RoundDifference.PersonDifference),
    (rounds.difference_from_proto, resources_pb2.RoundDifference),
    (rounds.round_from_proto, resources_pb2.Round),
    (admin.settings_from_proto, resources_pb2.Settings),
    (admin.settings_update_from_proto, admin_pb2.UpdateSettingsResponse),
    (admin.pack_from_proto, admin_pb2.Pack),
    (admin.pull_progress_from_proto, admin_pb2.PullPackResponse),
    (admin.model_status_from_proto, admin_pb2.GetStatusResponse.Model),
    (admin.table_status_from_proto, admin_pb2.GetStatusResponse.Table),
    (admin.status_from_proto, admin_pb2.GetStatusResponse),
]


WELL_KNOWN: dict[str, Callable[[Any], Any]] = {
    "google.protobuf.Timestamp": lambda message: message.ToDatetime(tzinfo=UTC),
    "google.protobuf.Duration": lambda message: message.ToTimedelta(),
    "google.type.Date": lambda message: date(message.year, message.month, message.day),
    "facefolk.v1.Embedding": lambda message: tuple(message.values),
    "facefolk.v1.Image": lambda message: message.data,
    "facefolk.v1.Timings": lambda message: dict(message.milliseconds),
}


def filled(message: Any, numbers: Iterator[int]) -> Any:
    """Fill each field of a message with another value."""
    name = message.DESCRIPTOR.full_name
    if name == "google.type.Date":
        message.year, message.month, message.day = 1900 + next(numbers), 2, 3
    elif name in {"google.protobuf.Timestamp", "google.protobuf.Duration"}:
        message.seconds, message.nanos = next(numbers), 5_000
    else:
        for field in message.DESCRIPTOR.fields:
            fill(message, field, numbers)
    return message


def fill(message: Any, field: FieldDescriptor, numbers: Iterator[int]) -> None:
    inside = getattr(message, field.name)
    if field.message_type and field.message_type.GetOptions().map_entry:
        value_field = field.message_type.fields_by_name["value"]
        inside[f"key {next(numbers)}"] = scalar(value_field, numbers)
    elif field.message_type and field.is_repeated:
        filled(inside.add(), numbers)
        filled(inside.add(), numbers)
    elif field.message_type:
        inside.SetInParent()
        filled(inside, numbers)
    elif field.is_repeated:
        inside.extend(scalar(field, numbers) for _ in range(2))
    else:
        setattr(message, field.name, scalar(field, numbers))


def scalar(field: FieldDescriptor, numbers: Iterator[int]) -> Any:
    number = next(numbers)
    if field.enum_type:
        values = [value.number for value in field.enum_type.values if value.number]
        return values[number % len(values)]
    kinds = {
        FieldDescriptor.CPPTYPE_STRING: f"text {number}",
        FieldDescriptor.CPPTYPE_BOOL: True,
    }
    if field.type == FieldDescriptor.TYPE_BYTES:
        return f"bytes {number}".encode()
    return kinds.get(field.cpp_type, number)


def plain_message(value: Any) -> Any:
    if not isinstance(value, Message):
        return value
    if value.DESCRIPTOR.full_name in WELL_KNOWN:
        return WELL_KNOWN[value.DESCRIPTOR.full_name](value)
    return {field.name: plain_field(value, field) for field in value.DESCRIPTOR.fields}


def plain_field(message: Any, field: FieldDescriptor) -> Any:
    value = getattr(message, field.name)
    if field.message_type and field.message_type.GetOptions().map_entry:
        return dict(value)
    if field.is_repeated:
        return tuple(plain_message(item) for item in value)
    return plain_message(value)


def plain_domain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return {
            field.name: plain_domain(getattr(value, field.name))
            for field in dataclasses.fields(value)
        }
    return tuple(plain_domain(item) for item in value) if isinstance(value, tuple) else value


@pytest.mark.parametrize(("convert", "kind"), CONVERTERS, ids=lambda value: value.__name__)
def test_every_field_arrives(convert: Callable[[Any], Any], kind: type[Message]) -> None:
    message = filled(kind(), itertools.count(1))
    assert plain_domain(convert(message)) == plain_message(message)


@pytest.mark.parametrize(("convert", "kind"), CONVERTERS, ids=lambda value: value.__name__)
def test_an_empty_message_converts(convert: Callable[[Any], Any], kind: type[Message]) -> None:
    convert(kind())


def test_a_person_goes_both_ways() -> None:
    message = filled(resources_pb2.Person(), itertools.count(1))
    assert people.person_to_proto(people.person_from_proto(message)) == message
    assert people.person_to_proto(Person()) == resources_pb2.Person()


def test_a_submission_becomes_its_request() -> None:
    submission = Submission(
        "a/b.mp4",
        b"image",
        frame_offset=timedelta(seconds=1, microseconds=250_000),
        content_digest="digest",
        capture_time=datetime(2020, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2))),
    )
    request = recognition.submission_to_proto(submission, library_id="family")
    assert request.library_id == "family"
    assert request.asset_id == "a/b.mp4"
    assert request.image.data == b"image"
    assert request.content_digest == "digest"
    assert request.frame_offset.ToTimedelta() == submission.frame_offset
    assert request.capture_time.ToDatetime(tzinfo=UTC) == submission.capture_time


def test_a_photo_has_no_offset_and_may_have_no_time() -> None:
    request = recognition.submission_to_proto(Submission("a.jpg", b"image"), library_id="")
    assert not request.HasField("frame_offset")
    assert not request.HasField("capture_time")


def test_landmarks_of_a_face_are_sent_back() -> None:
    message = filled(resources_pb2.Face(), itertools.count(1))
    sent = faces.landmarks_to_proto(faces.face_from_proto(message))
    assert sent.landmarks == message.landmarks
    assert sent.box == message.box


def test_a_partial_birth_date_is_none() -> None:
    message = resources_pb2.Person()
    message.birth_date.year = 1990
    assert people.person_from_proto(message).birth_date is None


def test_an_unknown_enum_value_is_unspecified() -> None:
    assert (
        rounds.round_from_proto(resources_pb2.Round(state=99)).state is RoundState.UNSPECIFIED
    )


def test_a_failed_outcome_has_its_error() -> None:
    message = recognition_pb2.RecognizeStreamResponse(correlation_id="7")
    message.status.code = 3
    message.status.message = "Not an image."
    outcome = recognition.outcome_from_proto(message)
    assert outcome.correlation_id == "7"
    assert outcome.recognition is None
    assert isinstance(outcome.error, InvalidRequestError)
