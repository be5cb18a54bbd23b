"""From messages to records: round trips, and bad input named."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pytest
from drawing import drawn
from facefolk.v1 import admin_pb2, people_pb2, recognition_pb2
from facefolk.v1 import resources_pb2 as pb
from facefolk_server import types
from facefolk_server.errors import InvalidImageError, InvalidRequestError
from facefolk_server.rpc.converters.admin import (
    settings_fields_from_proto,
    settings_to_proto,
)
from facefolk_server.rpc.converters.checks import at_most, enum_from_proto
from facefolk_server.rpc.converters.marks import mark_kind_from_proto
from facefolk_server.rpc.converters.people import (
    assignee_from_proto,
    face_filter_from_proto,
    mask_from_proto,
    person_fields_from_proto,
    person_to_proto,
    thumbnail_subject_from_proto,
)
from facefolk_server.rpc.converters.recognition import (
    crops_from_proto,
    min_score_from_proto,
    submission_from_proto,
)
from facefolk_server.rpc.converters.search import (
    max_distance_from_proto,
    query_from_proto,
    side_from_proto,
)
from facefolk_server.rpc.converters.values import (
    date_from_proto,
    date_to_proto,
    duration_from_proto,
    duration_to_proto,
    embedding_from_proto,
    embedding_to_proto,
    landmarks_from_proto,
    point_from_proto,
    point_to_proto,
    timestamp_from_proto,
    timestamp_to_proto,
)
from facefolk_server.service import admin as admin_views
from facefolk_server.service import people as people_service
from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from hypothesis import given
from hypothesis import strategies as st
from rpc_samples import (
    NOW,
    PERSON,
    POINTS,
    SETTINGS,
)

bounded = drawn(100)


@bounded
@given(st.integers(0, 315_576_000_000 * 1_000_000))
def test_durations_round_trip(microseconds: int) -> None:
    assert duration_from_proto(duration_to_proto(microseconds)) == microseconds


@pytest.mark.parametrize(
    "duration",
    [
        Duration(seconds=-1),
        Duration(nanos=-1),
        Duration(nanos=1_000_000_000),
        Duration(seconds=315_576_000_001),
        Duration(seconds=2**63 - 1),
    ],
)
def test_durations_that_are_none_are_refused(duration: Duration) -> None:
    with pytest.raises(InvalidRequestError, match="frame_offset"):
        duration_from_proto(duration)


@bounded
@given(st.datetimes(timezones=st.just(UTC)))
def test_timestamps_round_trip(moment: datetime) -> None:
    message = timestamp_to_proto(moment)
    assert message is not None
    assert timestamp_from_proto(message, "t") == moment


@pytest.mark.parametrize("seconds", [2**62, -(2**62)])
def test_timestamps_of_no_year_are_refused(seconds: int) -> None:
    with pytest.raises(InvalidRequestError, match="capture_time"):
        timestamp_from_proto(Timestamp(seconds=seconds), "capture_time")


def test_other_time_zones_are_turned_into_utc() -> None:
    moment = NOW.astimezone(timezone(timedelta(hours=5)))
    assert timestamp_to_proto(moment) == timestamp_to_proto(NOW)


@bounded
@given(st.dates())
def test_dates_round_trip(day: date) -> None:
    message = date_to_proto(day)
    assert message is not None
    assert date_from_proto(message) == day


def test_dates_of_no_calendar_are_refused() -> None:
    assert date_from_proto(Date()) is None
    for broken in (Date(year=2023, month=2, day=29), Date(year=2023), Date(month=5, day=1)):
        with pytest.raises(InvalidRequestError, match="birth_date"):
            date_from_proto(broken)


@bounded
@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1))
def test_embeddings_round_trip(values: list[float]) -> None:
    vector = np.array(values, np.float32)
    read = embedding_from_proto(embedding_to_proto(vector))
    assert read.dtype == np.float32
    assert np.array_equal(read, vector)


@pytest.mark.parametrize("values", [[], [math.nan], [math.inf], [0.0] * 5000])
def test_embeddings_that_are_none_are_refused(values: list[float]) -> None:
    with pytest.raises(InvalidRequestError, match="embedding"):
        embedding_from_proto(pb.Embedding(values=values))


def test_points_round_trip_and_have_to_be_finite() -> None:
    point = types.Point(1.5, 2.5)
    assert point_from_proto(point_to_proto(point)) == point
    with pytest.raises(InvalidRequestError):
        point_from_proto(pb.Point(x=math.inf))


def test_landmarks_are_five_each() -> None:
    face = pb.Face(landmarks=[point_to_proto(point) for point in POINTS])
    assert landmarks_from_proto([face, face]).shape == (2, 5, 2)
    with pytest.raises(InvalidRequestError, match=r"faces\[1\].landmarks has 0 points"):
        landmarks_from_proto([face, pb.Face()])


def test_settings_round_trip() -> None:
    fields = settings_fields_from_proto(settings_to_proto(SETTINGS))
    assert fields == admin_views.SettingsFields(
        pack="open",
        min_detection_score=0.5,
        max_recognition_distance=0.25,
        min_recognized_faces=3,
        one_face_per_asset=True,
        chain_guard=True,
        nightly_time="02:30",
        time_zone="UTC",
        quality_gate=True,
        find_close_faces=True,
        find_turned_faces=True,
        find_tiny_faces=True,
    )


@pytest.mark.parametrize("field", ["min_detection_score", "max_recognition_distance"])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, -0.1, 2.1])
def test_settings_out_of_range_are_named(field: str, value: float) -> None:
    with pytest.raises(InvalidRequestError, match=field):
        settings_fields_from_proto(pb.Settings(**{field: value}))


def test_person_fields_round_trip() -> None:
    fields = person_fields_from_proto(person_to_proto(PERSON))
    expected = people_service.PersonFields("Ada", date(1815, 12, 10), True, True, "f")
    assert fields == expected


def test_a_submission_says_what_the_request_says() -> None:
    request = recognition_pb2.RecognizeRequest(
        asset_id="a",
        image=pb.Image(data=b"jpeg"),
        frame_offset=duration_to_proto(5),
        content_digest="c",
        capture_time=timestamp_to_proto(NOW),
        dry_run=True,
        include_embedding=True,
        include_hidden=True,
    )
    submission = submission_from_proto(request)
    assert (submission.asset_id, submission.data, submission.frame_offset_us) == (
        "a",
        b"jpeg",
        5,
    )
    assert submission.capture_time == NOW
    assert submission.dry_run
    assert submission.include_embedding
    assert submission.include_hidden
    bare = submission_from_proto(
        recognition_pb2.RecognizeRequest(asset_id="a", image=pb.Image(data=b"jpeg"))
    )
    assert (bare.capture_time, bare.frame_offset_us) == (None, 0)


def test_an_image_has_to_be_there() -> None:
    with pytest.raises(InvalidImageError, match="image is empty"):
        submission_from_proto(recognition_pb2.RecognizeRequest(asset_id="a"))


@pytest.mark.parametrize("value", [math.nan, math.inf, -0.01, 1.01])
def test_a_minimum_score_out_of_range_is_refused(value: float) -> None:
    with pytest.raises(InvalidRequestError, match="min_score"):
        min_score_from_proto(recognition_pb2.DetectRequest(min_score=value))


def test_a_minimum_score_of_zero_is_not_an_absent_one() -> None:
    assert min_score_from_proto(recognition_pb2.DetectRequest(min_score=0.0)) == 0.0
    assert min_score_from_proto(recognition_pb2.DetectRequest()) is None


@pytest.mark.parametrize("value", [math.nan, -0.01, 2.01])
def test_a_distance_out_of_range_is_refused(value: float) -> None:
    with pytest.raises(InvalidRequestError, match="max_distance"):
        max_distance_from_proto(recognition_pb2.SearchFacesRequest(max_distance=value))


def test_embed_takes_an_image_or_crops() -> None:
    image = pb.Image(data=b"jpeg")
    request = recognition_pb2.EmbedRequest
    assert crops_from_proto(request(crops=[image, image])) == [b"jpeg", b"jpeg"]
    assert crops_from_proto(request(image=image, faces=[pb.Face()])) == []
    for wrong in (
        request(),
        request(image=image, crops=[image]),
        request(crops=[image], faces=[pb.Face()]),
        request(crops=[image] * 1001),
    ):
        with pytest.raises(InvalidRequestError):
            crops_from_proto(wrong)
    with pytest.raises(InvalidImageError, match=r"crops\[1\]"):
        crops_from_proto(request(crops=[image, pb.Image()]))


def test_what_is_looked_for_has_to_be_given() -> None:
    side, query = recognition_pb2.CompareSide, recognition_pb2.SearchFacesRequest
    assert side_from_proto(side(face_id="f"), "left").face_id == "f"
    assert query_from_proto(query(image=pb.Image(data=b"x"))).image == b"x"
    assert query_from_proto(query(embedding=pb.Embedding(values=[1.0]))).embedding is not None
    for name, wrong in (("left", side()), ("left", side(face_id=""))):
        with pytest.raises(InvalidRequestError, match=name):
            side_from_proto(wrong, name)
    with pytest.raises(InvalidImageError, match=r"query\.image"):
        query_from_proto(query(image=pb.Image()))


def test_enums_that_are_unknown_or_missing_are_refused() -> None:
    mode = types.RoundMode
    assert enum_from_proto(1, mode, "mode") is mode.MISSING
    assert enum_from_proto(0, mode, "mode", default=mode.ALL) is mode.ALL
    for wrong in (0, 9, -1):
        with pytest.raises(InvalidRequestError, match=r"mode.*MISSING, ALL"):
            enum_from_proto(wrong, mode, "mode")


def test_lists_have_limits() -> None:
    at_most([1, 2], "ids", limit=2)
    with pytest.raises(InvalidRequestError, match="ids has 3 items"):
        at_most([1, 2, 3], "ids", limit=2)


def test_filters_and_subjects_have_to_say_something() -> None:
    faces = people_pb2.ListFacesRequest
    assert face_filter_from_proto(faces()).asset_id == ""
    assert face_filter_from_proto(faces(unassigned=True)).unassigned
    assert face_filter_from_proto(faces(person_id="p")).person_id == "p"
    for wrong in (faces(asset_id=""), faces(unassigned=False)):
        with pytest.raises(InvalidRequestError, match="without a value"):
            face_filter_from_proto(wrong)
    with pytest.raises(InvalidRequestError):
        thumbnail_subject_from_proto(people_pb2.GetThumbnailRequest())
    assign = people_pb2.AssignFacesRequest
    assert assignee_from_proto(assign(person_id="p")) == ("p", None)
    assert assignee_from_proto(assign(new_person=pb.Person(name="Ada")))[1] is not None
    with pytest.raises(InvalidRequestError, match="person_id"):
        assignee_from_proto(assign())


def test_an_empty_mask_is_an_absent_one() -> None:
    assert mask_from_proto(FieldMask()) is None
    assert mask_from_proto(FieldMask(paths=["name"])) == ("name",)
    assert admin_pb2.UpdateSettingsRequest().update_mask.paths == []


def test_marks_have_kinds_of_their_own() -> None:
    assert mark_kind_from_proto(pb.MARK_KIND_NONE) is None
    for kind in types.MarkKind:
        assert mark_kind_from_proto(pb.MarkKind.Value(f"MARK_KIND_{kind.name}")) is kind
    for wrong in (0, 99):
        with pytest.raises(InvalidRequestError, match="NONE, NOT_THIS_PERSON"):
            mark_kind_from_proto(wrong)  # type: ignore[arg-type]
