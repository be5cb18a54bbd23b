"""What callers get wrong is named, and the server goes on; odd pictures are no errors."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import grpc
import pytest
from facefolk.v1 import people_pb2, recognition_pb2, resources_pb2
from facefolk.v1.clustering_pb2 import StartRoundRequest
from google.protobuf.duration_pb2 import Duration
from integration.pictures import STORED_AS, Photograph, huge_png, one_pixel
from integration.servers import ServerProcess
from integration.wire import Api, Refusal, refusal

pytestmark = pytest.mark.models
INVALID = grpc.StatusCode.INVALID_ARGUMENT
LIBRARY = "bad-input"


@pytest.fixture(scope="module")
def photograph(photos: Path) -> Photograph:
    return Photograph(photos / "preview" / "preview1.jpg")


@pytest.fixture
def api(channel: grpc.Channel) -> Api:
    return Api(channel)


@pytest.fixture(autouse=True)
def goes_on(api: Api, server: ServerProcess) -> None:
    """After every test the same server still answers."""
    yield
    api.people.ListPeople(people_pb2.ListPeopleRequest(library_id=LIBRARY), timeout=30)
    assert "Traceback" not in server.text


def detect(api: Api, data: bytes, **options: object) -> recognition_pb2.DetectResponse:
    request = recognition_pb2.DetectRequest(
        library_id=LIBRARY, image=resources_pb2.Image(data=data), **options
    )
    return api.recognition.Detect(request, timeout=30)


def submission(data: bytes = b"x", **fields: object) -> recognition_pb2.RecognizeRequest:
    given = {"library_id": LIBRARY, "asset_id": "a", **fields}
    return recognition_pb2.RecognizeRequest(image=resources_pb2.Image(data=data), **given)


def leaks_nothing(told: Refusal) -> None:
    text = told.message + str(told.metadata)
    assert not any(word in text for word in ("Traceback", ".py", "cv2", "site-packages"))


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda _photo: b"", "empty"),
        (lambda _photo: b"this is no picture, but text " * 50, "not a JPEG PNG or WebP image"),
        (Photograph.truncated_jpeg, "truncated"),
        (Photograph.broken_jpeg, "damaged"),
        (lambda _photo: huge_png(), "60000 x 60000"),
    ],
    ids=["empty", "text", "truncated", "broken-middle", "huge"],
)
def test_what_is_no_image_is_refused_by_name(
    api: Api, photograph: Photograph, make: Callable[[Photograph], bytes], named: str
) -> None:
    data = make(photograph)
    calls = [
        lambda: detect(api, data),
        lambda: api.recognition.Recognize(submission(data), timeout=30),
    ]
    for call in calls:
        told = refusal(call)
        assert (told.code, told.reason) == (INVALID, "INVALID_IMAGE")
        assert named in told.message.replace(",", "").replace("\u202f", "")
        leaks_nothing(told)


def test_one_pixel_has_no_faces(api: Api) -> None:
    found = detect(api, one_pixel())
    assert (found.width, found.height, list(found.faces)) == (1, 1, [])


@pytest.fixture(scope="module")
def plain(server: ServerProcess, photograph: Photograph) -> recognition_pb2.DetectResponse:
    with server.channel() as channel:
        found = detect(Api(channel), photograph.png())
    assert found.faces
    return found


def iou(one: resources_pb2.BoundingBox, other: resources_pb2.BoundingBox) -> float:
    width = min(one.x_max, other.x_max) - max(one.x_min, other.x_min)
    height = min(one.y_max, other.y_max) - max(one.y_min, other.y_min)
    shared = max(0.0, width) * max(0.0, height)
    areas = [(box.x_max - box.x_min) * (box.y_max - box.y_min) for box in (one, other)]
    return shared / (sum(areas) - shared)


def same_faces(
    found: recognition_pb2.DetectResponse, plain: recognition_pb2.DetectResponse
) -> None:
    assert (found.width, found.height) == (plain.width, plain.height)
    assert len(found.faces) == len(plain.faces)
    for face in found.faces:
        assert max(iou(face.box, other.box) for other in plain.faces) > 0.8


@pytest.mark.parametrize(
    "make",
    [
        Photograph.deep_png,
        Photograph.animated_webp,
        lambda photo: photo.jpeg("CMYK"),
        lambda photo: photo.png("RGBA"),
    ],
    ids=["16-bit", "animated", "cmyk", "alpha"],
)
def test_odd_encodings_show_the_same_faces(
    api: Api,
    photograph: Photograph,
    plain: recognition_pb2.DetectResponse,
    make: Callable[[Photograph], bytes],
) -> None:
    same_faces(detect(api, make(photograph)), plain)


@pytest.mark.parametrize("make", [lambda p: p.jpeg("L"), lambda p: p.png("L")])
def test_grey_pictures_have_faces_too(
    api: Api, photograph: Photograph, make: Callable[[Photograph], bytes]
) -> None:
    assert detect(api, make(photograph)).faces


@pytest.mark.parametrize("orientation", STORED_AS)
def test_every_orientation_shows_the_same_faces(
    api: Api,
    photograph: Photograph,
    plain: recognition_pb2.DetectResponse,
    orientation: int,
) -> None:
    same_faces(detect(api, photograph.jpeg(orientation=orientation)), plain)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"asset_id": ""}, "asset_id"),
        ({"asset_id": "a" * 10_000}, "asset_id"),
        ({"asset_id": "a\nb"}, "asset_id"),
        ({"library_id": "../up"}, "library_id"),
        ({"content_digest": "d" * 1000}, "content_digest"),
        ({"frame_offset": Duration(seconds=-1)}, "frame_offset"),
        ({"frame_offset": Duration(nanos=-5)}, "frame_offset"),
    ],
    ids=lambda value: "" if isinstance(value, dict) else value,
)
def test_fields_that_cannot_be_are_named(
    api: Api, photograph: Photograph, fields: dict[str, object], field: str
) -> None:
    request = submission(photograph.jpeg(), **fields)
    told = refusal(lambda: api.recognition.Recognize(request, timeout=30))
    assert (told.code, told.reason) == (INVALID, "INVALID_REQUEST")
    assert told.metadata["field"] == field
    assert field in told.message
    assert len(told.message) < 500


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, -0.1, 1.1])
def test_scores_that_cannot_be_are_named(
    api: Api, photograph: Photograph, value: float
) -> None:
    told = refusal(lambda: detect(api, photograph.jpeg(), min_score=value))
    assert told.code == INVALID
    assert "min_score" in told.message


@pytest.mark.parametrize(
    "options", [{"max_distance": math.nan}, {"max_distance": 3}, {"k": -1}]
)
def test_searches_that_cannot_be_are_named(api: Api, options: dict[str, float]) -> None:
    request = recognition_pb2.SearchFacesRequest(library_id=LIBRARY, face_id="f", **options)
    told = refusal(lambda: api.recognition.SearchFaces(request, timeout=30))
    assert told.code == INVALID
    assert next(iter(options)) in told.message


def test_a_round_needs_a_mode(api: Api) -> None:
    request = StartRoundRequest(library_id=LIBRARY)
    told = refusal(lambda: api.clustering.StartRound(request, timeout=30))
    assert told.code == INVALID
    assert "MISSING, ALL" in told.message


def test_page_tokens_of_elsewhere_are_refused(api: Api) -> None:
    for fields in ({"page_token": "nonsense"}, {"page_size": -1}):
        request = people_pb2.ListPeopleRequest(library_id=LIBRARY, **fields)
        told = refusal(lambda request=request: api.people.ListPeople(request, timeout=30))
        assert told.code == INVALID
        assert told.metadata["field"] in fields


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (
            lambda api: api.people.GetPerson(
                people_pb2.GetPersonRequest(library_id=LIBRARY, person_id="p_none")
            ),
            "PERSON_NOT_FOUND",
        ),
        (
            lambda api: api.recognition.GetAsset(
                recognition_pb2.GetAssetRequest(library_id=LIBRARY, asset_id="none")
            ),
            "ASSET_NOT_FOUND",
        ),
        (
            lambda api: api.people.GetThumbnail(
                people_pb2.GetThumbnailRequest(library_id=LIBRARY, face_id="none")
            ),
            "FACE_NOT_FOUND",
        ),
    ],
)
def test_what_is_not_there_is_named(
    api: Api, call: Callable[[Api], object], reason: str
) -> None:
    told = refusal(lambda: call(api))
    assert (told.code, told.reason) == (grpc.StatusCode.NOT_FOUND, reason)


def test_a_message_over_the_limit_is_refused(api: Api) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        detect(api, bytes(33 * 1024 * 1024))
    assert caught.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
