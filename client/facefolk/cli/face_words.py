"""What there is to say of a face, in few words."""

from __future__ import annotations

from datetime import timedelta

from facefolk.types import BoundingBox, Face, UnassignedReason


def moment(offset: timedelta) -> str:
    """Return the moment of a film, nothing for a photo."""
    return f"{offset.total_seconds():.2f} s" if offset else ""


def corners(box: BoundingBox) -> str:
    """Return a box in whole pixels."""
    return f"{box.x_min:.0f},{box.y_min:.0f} {box.x_max:.0f},{box.y_max:.0f}"


def why(face: Face) -> str:
    """Return how a face came to its person, or why it has none."""
    if face.person_id:
        return face.assignment.name.lower()
    if face.unassigned_reason is UnassignedReason.UNSPECIFIED:
        return ""
    return face.unassigned_reason.name.lower().replace("_", " ")
