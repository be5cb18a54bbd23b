"""Faces, where they are, and whose they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from facefolk_server.types.kinds import Assignment, MarkKind, Reason


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

    def scaled(self, x_factor: float, y_factor: float) -> BoundingBox:
        """Return the box in an image that is scaled by these factors."""
        return BoundingBox(
            self.x_min * x_factor,
            self.y_min * y_factor,
            self.x_max * x_factor,
            self.y_max * y_factor,
        )

    def iou(self, other: BoundingBox) -> float:
        """Return the intersection over union with another box of the same image, 0..1."""
        width = min(self.x_max, other.x_max) - max(self.x_min, other.x_min)
        height = min(self.y_max, other.y_max) - max(self.y_min, other.y_min)
        if width <= 0 or height <= 0:
            return 0.0
        shared = width * height
        return shared / (self.area + other.area - shared)

    @property
    def area(self) -> float:
        """The area in square pixels, 0 for an empty box."""
        return max(0.0, self.x_max - self.x_min) * max(0.0, self.y_max - self.y_min)


@dataclass(frozen=True, slots=True)
class Face:
    """One detection in one frame, as stored.

    `landmarks` are five points: image-left eye, image-right eye, nose tip, image-left and
    image-right mouth corner. `image_width` and `image_height` are of the submitted upright
    image that `box` and `landmarks` refer to.
    """

    face_id: str
    asset_id: str
    frame_offset_us: int
    box: BoundingBox
    landmarks: tuple[Point, Point, Point, Point, Point]
    score: float
    quality: float
    image_width: int
    image_height: int
    pack: str
    pack_digest: str
    create_time: datetime


@dataclass(frozen=True, slots=True)
class Placement:
    """The person a face belongs to; `UNPLACED` where it has none."""

    person_id: str | None
    assignment: Assignment
    reason: Reason = Reason.NONE
    round_id: str = ""


UNPLACED = Placement(None, Assignment.UNASSIGNED)


@dataclass(frozen=True, slots=True)
class Person:
    """A set of faces under one id; the faces themselves are the placements that name it.

    `revision` is the sequence number of the ledger entry that last changed this record; the
    API's etag is made of it.
    """

    person_id: str
    name: str = ""
    birth_date: date | None = None
    hidden: bool = False
    favorite: bool = False
    feature_face_id: str = ""
    create_time: datetime | None = None
    update_time: datetime | None = None
    revision: int = 0

    @property
    def told(self) -> bool:
        """Whether a user said something about this person, so that it stays without faces."""
        return bool(self.name or self.birth_date or self.hidden or self.favorite)


@dataclass(frozen=True, slots=True)
class Mark:
    """Something a user said about a face that rounds obey.

    `person_id` is set for NOT_THIS_PERSON alone.
    """

    face_id: str
    kind: MarkKind
    person_id: str = ""
