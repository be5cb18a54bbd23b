"""Faces, frames and events for tests of the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from facefolk_server.store import FrameWrite, Library
from facefolk_server.types import (
    UNPLACED,
    AssetState,
    Assignment,
    BoundingBox,
    Changes,
    Face,
    Frame,
    Person,
    PersonChange,
    Placement,
    PlacementChange,
    Point,
)

DIMENSION = 8
START = datetime(2024, 5, 1, 12, tzinfo=UTC)


class Clock:
    """A clock that goes on by a second with each look."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def vector(number: int) -> np.ndarray:
    values = np.random.default_rng(number).normal(size=DIMENSION)
    return (np.round(values / np.linalg.norm(values) * 2**24) / 2**24).astype(np.float32)


def face(number: int, *, asset: str = "", pack: str = "open", offset: int = 0) -> Face:
    left = float(number)
    return Face(
        face_id=f"face{number}",
        asset_id=asset or f"asset {number}'s.jpg",
        frame_offset_us=offset,
        box=BoundingBox(left, 10.5, left + 20.25, 31.0),
        landmarks=tuple(Point(left + i, 12.5) for i in range(5)),  # type: ignore[arg-type]
        score=0.875,
        quality=0.25,
        image_width=640,
        image_height=480,
        pack=pack,
        pack_digest=f"digest of {pack}",
        create_time=START,
    )


def frame(asset: str, *, faces: int = 1, pack: str = "open", offset: int = 0) -> Frame:
    return Frame(
        asset_id=asset,
        frame_offset_us=offset,
        state=AssetState.DONE,
        width=640,
        height=480,
        pack=pack,
        pack_digest=f"digest of {pack}",
        min_detection_score=0.7,
        face_count=faces,
        content_digest="sha256:00",
        capture_time=None,
        update_time=START,
    )


def write(
    asset: str,
    numbers: Sequence[int],
    *,
    pack: str = "open",
    offset: int = 0,
    removed: Sequence[str] = (),
) -> FrameWrite:
    faces = tuple(face(n, asset=asset, pack=pack, offset=offset) for n in numbers)
    return FrameWrite(
        frame=frame(asset, faces=len(faces), pack=pack, offset=offset),
        faces=faces,
        embeddings=np.array([vector(n) for n in numbers], np.float32).reshape(-1, DIMENSION),
        thumbnails=tuple(f"jpeg {n}".encode() for n in numbers),
        removed_face_ids=tuple(removed),
    )


def placed(face_id: str, person_id: str | None) -> PlacementChange:
    after = Placement(person_id, Assignment.MANUAL) if person_id else UNPLACED
    return PlacementChange(face_id, UNPLACED, after)


def arrival(person_id: str, name: str = "") -> Changes:
    person = Person(person_id, name=name, create_time=START, update_time=START)
    return Changes(people=(PersonChange(person_id, None, person),))


def settle(library: Library) -> None:
    """Bring what waits in the journal to the tables, as upkeep does after some seconds."""
    library._intake.settle()
