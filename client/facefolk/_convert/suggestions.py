"""Suggestions and explanations."""

from __future__ import annotations

from facefolk._convert.faces import face_from_proto, mark_from_proto
from facefolk._convert.rounds import round_from_proto
from facefolk.types import Explanation, Neighbor, Suggestion, SuggestionKind
from facefolk.v1 import people_pb2 as pb


def suggestion_from_proto(message: pb.Suggestion) -> Suggestion:
    """Return a question."""
    return Suggestion(
        suggestion_id=message.suggestion_id,
        kind=SuggestionKind(message.kind),
        person_ids=tuple(message.person_ids),
        face_ids=tuple(message.face_ids),
        distance=message.distance,
        faces_settled=message.faces_settled,
        probability=message.probability,
    )


def neighbor_from_proto(message: pb.ExplainFaceResponse.Neighbor) -> Neighbor:
    """Return a face near another one."""
    return Neighbor(
        face_id=message.face_id,
        person_id=message.person_id,
        distance=message.distance,
        core=message.core,
        lends=message.lends,
        copy=message.copy,
    )


def explanation_from_proto(message: pb.ExplainFaceResponse) -> Explanation:
    """Return why a face is where it is."""
    return Explanation(
        face=face_from_proto(message.face),
        core=message.core,
        neighbor_count=message.neighbor_count,
        neighbors=tuple(neighbor_from_proto(one) for one in message.neighbors),
        only_copies=message.only_copies,
        round=round_from_proto(message.round) if message.HasField("round") else None,
        vetoes=tuple(message.vetoes),
        marks=tuple(mark_from_proto(mark) for mark in message.marks),
    )
