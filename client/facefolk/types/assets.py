"""Photos and videos as the server knows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from facefolk.types.enums import AssetState


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame of an asset and what became of its last submission.

    `stale` tells that it was made with another pack or other detection settings than the
    current ones; `error` why it failed; `looks` which further ones were taken for faces:
    "close", "turned" and "tiny", with a space between.
    """

    frame_offset: timedelta
    state: AssetState
    width: int
    height: int
    pack: str
    pack_digest: str
    min_detection_score: float
    face_count: int
    content_digest: str
    update_time: datetime | None
    error: str
    stale: bool
    looks: str = ""


@dataclass(frozen=True, slots=True)
class Asset:
    """A photo or a video with its frames in order."""

    asset_id: str
    frames: tuple[Frame, ...]
    capture_time: datetime | None
    face_count: int
