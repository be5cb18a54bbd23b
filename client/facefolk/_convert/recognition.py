"""Recognition: submissions out, detections, matches and distances in."""

from __future__ import annotations

from facefolk._convert.faces import embedding_from_proto, face_from_proto, match_from_proto
from facefolk._convert.values import offset_to_proto, time_to_proto
from facefolk._status import error_from_status
from facefolk.types import (
    ComparedPair,
    Comparison,
    Detection,
    Embeddings,
    Outcome,
    Recognition,
    RecognizedFace,
    SearchHit,
    SearchResult,
    Submission,
)
from facefolk.v1 import recognition_pb2 as pb
from facefolk.v1 import resources_pb2


def detection_from_proto(message: pb.DetectResponse) -> Detection:
    """Return what was detected."""
    return Detection(
        faces=tuple(face_from_proto(face) for face in message.faces),
        width=message.width,
        height=message.height,
        pack=message.pack,
        timings=dict(message.timings.milliseconds),
    )


def embeddings_from_proto(message: pb.EmbedResponse) -> Embeddings:
    """Return embeddings."""
    return Embeddings(
        embeddings=tuple(embedding_from_proto(one) for one in message.embeddings),
        pack=message.pack,
        pack_digest=message.pack_digest,
        timings=dict(message.timings.milliseconds),
    )


def submission_to_proto(submission: Submission, *, library_id: str) -> pb.RecognizeRequest:
    """Return the request that submits a frame."""
    return pb.RecognizeRequest(
        library_id=library_id,
        asset_id=submission.asset_id,
        frame_offset=offset_to_proto(submission.frame_offset),
        image=resources_pb2.Image(data=submission.image),
        content_digest=submission.content_digest,
        capture_time=time_to_proto(submission.capture_time),
    )


def recognized_face_from_proto(message: pb.RecognizedFace) -> RecognizedFace:
    """Return a face with its match."""
    match = match_from_proto(message.match) if message.HasField("match") else None
    return RecognizedFace(face_from_proto(message.face), match)


def recognition_from_proto(message: pb.RecognizeResponse) -> Recognition:
    """Return what was recognized in a frame."""
    return Recognition(
        faces=tuple(recognized_face_from_proto(face) for face in message.faces),
        width=message.width,
        height=message.height,
        pack=message.pack,
        timings=dict(message.timings.milliseconds),
    )


def outcome_from_proto(message: pb.RecognizeStreamResponse) -> Outcome:
    """Return the outcome of one frame of a stream."""
    if message.status.code:
        return Outcome(message.correlation_id, None, error_from_status(message.status))
    return Outcome(message.correlation_id, recognition_from_proto(message.response), None)


def comparison_from_proto(message: pb.CompareResponse) -> Comparison:
    """Return a comparison."""
    return Comparison(
        left_faces=tuple(face_from_proto(face) for face in message.left_faces),
        right_faces=tuple(face_from_proto(face) for face in message.right_faces),
        pairs=tuple(
            ComparedPair(pair.left, pair.right, pair.distance) for pair in message.pairs
        ),
        max_recognition_distance=message.max_recognition_distance,
    )


def search_result_from_proto(message: pb.SearchFacesResponse.Result) -> SearchResult:
    """Return what was found for one face."""
    return SearchResult(
        query=face_from_proto(message.query),
        hits=tuple(SearchHit(face_from_proto(hit.face), hit.distance) for hit in message.hits),
        match=match_from_proto(message.match) if message.HasField("match") else None,
    )


def search_results_from_proto(message: pb.SearchFacesResponse) -> tuple[SearchResult, ...]:
    """Return what was found for each face."""
    return tuple(search_result_from_proto(result) for result in message.results)
