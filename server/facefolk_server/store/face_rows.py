"""Faces by column, as they are stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from facefolk_server.types import Face

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, eq=False)
class FaceRows:
    """Faces by column: n ids and assets, embeddings `(n, d) float32`, the rest `(n, ...)`.

    `boxes` are `(n, 4) float32` and `landmarks` `(n, 10) float32`, in pixels of images of
    `sizes` `(n, 2) int32`, width first; times are microseconds since 1970 in UTC.
    """

    face_ids: Sequence[str]
    asset_ids: Sequence[str]
    pack_digests: Sequence[str]
    embeddings: NDArray[np.float32]
    frame_offsets_us: NDArray[np.int64]
    boxes: NDArray[np.float32]
    landmarks: NDArray[np.float32]
    scores: NDArray[np.float32]
    qualities: NDArray[np.float32]
    sizes: NDArray[np.int32]
    create_times_us: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.face_ids)


def face_rows(faces: Sequence[Face], embeddings: NDArray[np.float32]) -> FaceRows:
    """Return faces by column; `embeddings` are `(n, d) float32` in their order."""
    boxes = [(f.box.x_min, f.box.y_min, f.box.x_max, f.box.y_max) for f in faces]
    points = [[value for p in f.landmarks for value in (p.x, p.y)] for f in faces]
    return FaceRows(
        face_ids=[face.face_id for face in faces],
        asset_ids=[face.asset_id for face in faces],
        pack_digests=[face.pack_digest for face in faces],
        embeddings=embeddings,
        frame_offsets_us=np.array([face.frame_offset_us for face in faces], np.int64),
        boxes=np.array(boxes, np.float32).reshape(-1, 4),
        landmarks=np.array(points, np.float32).reshape(-1, 10),
        scores=np.array([face.score for face in faces], np.float32),
        qualities=np.array([face.quality for face in faces], np.float32),
        sizes=np.array(
            [(face.image_width, face.image_height) for face in faces], np.int32
        ).reshape(-1, 2),
        create_times_us=np.array([microseconds(f.create_time) for f in faces], np.int64),
    )


def microseconds(time: datetime) -> int:
    """Return a time as microseconds since 1970 in UTC."""
    return (time - _EPOCH) // _MICROSECOND


def moment(microseconds_since_1970: int) -> datetime:
    """Return the time so many microseconds after 1970 began in UTC."""
    return _EPOCH + microseconds_since_1970 * _MICROSECOND
