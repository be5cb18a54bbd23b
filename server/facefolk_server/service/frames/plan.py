"""What a new submission makes of the faces of a frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from facefolk_server.service.frames.takeover import take_over
from facefolk_server.service.identifiers import face_id
from facefolk_server.types import (
    UNPLACED,
    Assignment,
    BoundingBox,
    Face,
    Placement,
    Point,
)

Landmarks = tuple[Point, Point, Point, Point, Point]


@dataclass(frozen=True, slots=True)
class Detected:
    """One detection of the new submission, in pixels of its image."""

    box: BoundingBox
    landmarks: Landmarks
    score: float
    quality: float


@dataclass(frozen=True, slots=True)
class Place:
    """The frame a submission is about and what looked at it."""

    library_id: str
    asset_id: str
    frame_offset_us: int
    width: int
    height: int
    pack: str
    pack_digest: str
    time: datetime


@dataclass(frozen=True, slots=True)
class FramePlan:
    """The faces of a frame after a submission.

    `faces` are in the order of the detections. `replaced` are old faces that one of them
    took over, `gone` those that nobody took over and that nobody assigned by hand, `kept`
    those that somebody did.
    """

    faces: tuple[Face, ...]
    replaced: tuple[Face, ...]
    gone: tuple[Face, ...]
    kept: tuple[Face, ...]


def plan_frame(
    place: Place,
    detected: Sequence[Detected],
    old: Sequence[Face],
    placements: Mapping[str, Placement],
) -> FramePlan:
    """Decide which faces stay, go and come.

    A detection takes over the id of the old face it overlaps most, whichever pack found
    that one; a face assigned by hand stays though nobody detects it any more.
    """
    taken = take_over(
        old, [one.box for one in detected], width=place.width, height=place.height
    )
    by_id = {face.face_id: face for face in old}
    ids = set(by_id)
    faces: list[Face] = []
    for index, one in enumerate(detected):
        heir_of = by_id[taken[index]] if index in taken else None
        faces.append(_face(place, one, heir_of, ids))
        ids.add(faces[-1].face_id)
    inherited = set(taken.values())
    left = [face for face in old if face.face_id not in inherited]
    return FramePlan(
        faces=tuple(faces),
        replaced=tuple(face for face in old if face.face_id in inherited),
        gone=tuple(face for face in left if not by_hand(face.face_id, placements)),
        kept=tuple(face for face in left if by_hand(face.face_id, placements)),
    )


def by_hand(face: str, placements: Mapping[str, Placement]) -> bool:
    """Tell whether a user assigned the face."""
    return placements.get(face, UNPLACED).assignment is Assignment.MANUAL


def _face(place: Place, one: Detected, heir_of: Face | None, taken_ids: set[str]) -> Face:
    return Face(
        face_id=heir_of.face_id
        if heir_of
        else face_id(
            place.library_id,
            place.asset_id,
            place.frame_offset_us,
            pack=place.pack,
            box=one.box,
            taken=taken_ids,
        ),
        asset_id=place.asset_id,
        frame_offset_us=place.frame_offset_us,
        box=one.box,
        landmarks=one.landmarks,
        score=one.score,
        quality=one.quality,
        image_width=place.width,
        image_height=place.height,
        pack=place.pack,
        pack_digest=place.pack_digest,
        create_time=heir_of.create_time if heir_of else place.time,
    )
