"""Questions and answers."""

from __future__ import annotations

from facefolk.v1 import people_pb2 as pb

from facefolk_server.service.suggestions.questions import Suggestion


def suggestion_to_proto(suggestion: Suggestion) -> pb.Suggestion:
    """Return the message of a question."""
    return pb.Suggestion(
        suggestion_id=suggestion.question.suggestion_id,
        kind=f"SUGGESTION_KIND_{suggestion.question.kind.name}",
        person_ids=suggestion.people,
        face_ids=suggestion.faces_shown,
        distance=suggestion.distance,
        faces_settled=suggestion.faces_settled,
        probability=suggestion.probability,
    )
