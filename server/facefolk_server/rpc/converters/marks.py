"""What users say about faces."""

from __future__ import annotations

from facefolk.v1 import resources_pb2 as pb

from facefolk_server.errors import InvalidRequestError
from facefolk_server.types import Mark, MarkKind

# The API's numbers differ from ours: it has one for taking marks away.
_KINDS = {
    pb.MARK_KIND_NONE: None,
    pb.MARK_KIND_NOT_THIS_PERSON: MarkKind.NOT_THIS_PERSON,
    pb.MARK_KIND_NOT_A_FACE: MarkKind.NOT_A_FACE,
    pb.MARK_KIND_STRANGER: MarkKind.STRANGER,
}


def mark_to_proto(mark: Mark) -> pb.Mark:
    """Return the message of a mark."""
    return pb.Mark(
        face_id=mark.face_id, kind=f"MARK_KIND_{mark.kind.name}", person_id=mark.person_id
    )


def mark_kind_from_proto(kind: pb.MarkKind) -> MarkKind | None:
    """Return what is said, None where marks are to be taken away.

    Raises:
        InvalidRequestError: It is not given or not known.
    """
    if kind not in _KINDS:
        raise InvalidRequestError(
            "kind is not given or not known here: it has to be one of NONE, "
            f"{', '.join(member.name for member in MarkKind)}.",
            field="kind",
            value=kind,
        )
    return _KINDS[kind]
