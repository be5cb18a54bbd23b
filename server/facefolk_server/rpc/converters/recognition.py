"""Detecting, embedding and recognizing."""

from __future__ import annotations

from collections.abc import Mapping

from facefolk.v1 import recognition_pb2

from facefolk_server.errors import InvalidRequestError
from facefolk_server.rpc.converters.checks import at_most, image_data, number_in
from facefolk_server.rpc.converters.faces import face_to_proto, match_to_proto
from facefolk_server.rpc.converters.values import (
    duration_from_proto,
    embeddings_to_proto,
    timestamp_from_proto,
)
from facefolk_server.service.recognition import FrameSubmission
from facefolk_server.service.views import Embeddings, ImageFaces, RecognizedFace

MAX_FACES_TO_EMBED = 1_000


def timings_to_proto(timings: Mapping[str, float]) -> recognition_pb2.Timings:
    """Return the message of milliseconds by stage."""
    return recognition_pb2.Timings(milliseconds=timings)


def detected_to_proto(found: ImageFaces) -> recognition_pb2.DetectResponse:
    """Return the reply of Detect."""
    return recognition_pb2.DetectResponse(
        faces=[face_to_proto(face.view) for face in found.faces],
        width=found.width,
        height=found.height,
        pack=found.pack,
        timings=timings_to_proto(found.timings),
    )


def embeddings_reply_to_proto(made: Embeddings) -> recognition_pb2.EmbedResponse:
    """Return the reply of Embed."""
    return recognition_pb2.EmbedResponse(
        embeddings=embeddings_to_proto(made.vectors),
        pack=made.pack,
        pack_digest=made.pack_digest,
        timings=timings_to_proto(made.timings),
    )


def recognized_face_to_proto(face: RecognizedFace) -> recognition_pb2.RecognizedFace:
    """Return the message of a face with its nearest person."""
    return recognition_pb2.RecognizedFace(
        face=face_to_proto(face.view), match=match_to_proto(face.match)
    )


def recognized_to_proto(found: ImageFaces) -> recognition_pb2.RecognizeResponse:
    """Return the reply of Recognize."""
    return recognition_pb2.RecognizeResponse(
        faces=[recognized_face_to_proto(face) for face in found.faces],
        width=found.width,
        height=found.height,
        pack=found.pack,
        timings=timings_to_proto(found.timings),
    )


def submission_from_proto(request: recognition_pb2.RecognizeRequest) -> FrameSubmission:
    """Return the frame to be recognized.

    Raises:
        InvalidRequestError: A field is missing or malformed.
    """
    captured = request.HasField("capture_time")
    return FrameSubmission(
        asset_id=request.asset_id,
        data=image_data(request.image.data),
        frame_offset_us=duration_from_proto(request.frame_offset),
        content_digest=request.content_digest,
        capture_time=(
            timestamp_from_proto(request.capture_time, "capture_time") if captured else None
        ),
        dry_run=request.dry_run,
        include_embedding=request.include_embedding,
        include_hidden=request.include_hidden,
    )


def min_score_from_proto(request: recognition_pb2.DetectRequest) -> float | None:
    """Return the least score asked for, None for the library's own.

    Raises:
        InvalidRequestError: It is not within 0 and 1.
    """
    if not request.HasField("min_score"):
        return None
    return number_in(request.min_score, "min_score", low=0.0, high=1.0)


def crops_from_proto(request: recognition_pb2.EmbedRequest) -> list[bytes]:
    """Return the aligned crops to embed; none where an image with faces is given instead.

    Raises:
        InvalidRequestError: Neither or both are given, or too many of them.
    """
    has_image = request.HasField("image")
    if has_image == bool(request.crops):
        raise InvalidRequestError(
            "Give either image with faces, or crops.", field="image" if has_image else "crops"
        )
    if request.faces and not has_image:
        raise InvalidRequestError(
            "faces are given without the image they are in.", field="faces"
        )
    at_most(request.faces, "faces", limit=MAX_FACES_TO_EMBED)
    at_most(request.crops, "crops", limit=MAX_FACES_TO_EMBED)
    return [image_data(crop.data, f"crops[{i}]") for i, crop in enumerate(request.crops)]
