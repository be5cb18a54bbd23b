"""Faces and what is told of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from facefolk.types.enums import Assignment, MarkKind, UnassignedReason


@dataclass(frozen=True, slots=True)
class Point:
    """A position in pixels of the upright submitted image."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class BoundingBox:
    """An upright rectangle in pixels, origin at the top left corner of the top left pixel."""

    x_min: float
    y_min: float
    x_max: float
    y_max: float


@dataclass(frozen=True, slots=True)
class Face:
    """One detection in one frame of an asset.

    `landmarks` are image-left eye, image-right eye, nose tip, image-left and image-right mouth
    corner. `face_id` and `asset_id` are empty in the replies of calls that store nothing.
    `embedding` is of unit length, and empty unless the call asked for it. `score` and
    `quality` are within 0..1.
    """

    box: BoundingBox
    landmarks: tuple[Point, ...] = ()
    score: float = 0.0
    quality: float = 0.0
    face_id: str = ""
    asset_id: str = ""
    frame_offset: timedelta = timedelta()
    person_id: str = ""
    assignment: Assignment = Assignment.UNSPECIFIED
    unassigned_reason: UnassignedReason = UnassignedReason.UNSPECIFIED
    pack: str = ""
    embedding: tuple[float, ...] = ()
    create_time: datetime | None = None
    image_width: int = 0
    image_height: int = 0


@dataclass(frozen=True, slots=True)
class Match:
    """The nearest person of a face and the cosine distance (0..2) to that person's face.

    `probability` (0..1) says how likely it is that the match is right.
    """

    person_id: str
    name: str
    distance: float
    face_id: str
    probability: float = 0.0


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A square JPEG and the face that it shows."""

    image: bytes
    face_id: str


@dataclass(frozen=True, slots=True)
class Mark:
    """What was said of a face; `person_id` is set for NOT_THIS_PERSON alone."""

    face_id: str
    kind: MarkKind
    person_id: str = ""
