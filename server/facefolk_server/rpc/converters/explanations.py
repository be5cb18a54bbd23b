"""Explanations of faces."""

from __future__ import annotations

from facefolk.v1 import people_pb2 as pb

from facefolk_server.rpc.converters.faces import face_to_proto
from facefolk_server.rpc.converters.marks import mark_to_proto
from facefolk_server.rpc.converters.rounds import round_to_proto
from facefolk_server.service.views import Explanation


def explanation_to_proto(explanation: Explanation) -> pb.ExplainFaceResponse:
    """Return the reply of ExplainFace."""
    return pb.ExplainFaceResponse(
        face=face_to_proto(explanation.face),
        core=explanation.core,
        neighbor_count=explanation.neighbor_count,
        neighbors=[
            pb.ExplainFaceResponse.Neighbor(
                face_id=near.face_id,
                person_id=near.person_id,
                distance=near.distance,
                core=near.core,
                lends=near.lends,
                copy=near.copy,
            )
            for near in explanation.neighbors
        ],
        only_copies=explanation.only_copies,
        round=round_to_proto(explanation.round) if explanation.round else None,
        vetoes=explanation.vetoes,
        marks=[mark_to_proto(mark) for mark in explanation.marks],
    )
