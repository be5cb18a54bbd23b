"""Previews of the frames of films, with OpenCV."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import cv2

from facefolk.errors import UnreadableFileError

_DEFAULT_FRAMES_PER_SECOND: Final = 25.0


@dataclass(frozen=True, slots=True)
class Moment:
    """One frame of a film by its index and its time."""

    index: int
    offset: timedelta


class Film:
    """An open film; to be used as a context and by one thread.

    Raises:
        UnreadableFileError: the file is not a film, or has no frames.
    """

    def __init__(self, path: Path) -> None:
        self._capture = cv2.VideoCapture(str(path))
        if not self._capture.isOpened():
            raise UnreadableFileError("It is not a video of a known format.")
        rate = self._capture.get(cv2.CAP_PROP_FPS)
        self._frames_per_second = (
            rate if math.isfinite(rate) and rate > 0 else _DEFAULT_FRAMES_PER_SECOND
        )
        # Some containers do not tell; their first frame is there all the same.
        self._frame_count = max(1, int(self._capture.get(cv2.CAP_PROP_FRAME_COUNT)))
        self._next_index = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._capture.release()

    def plan(
        self, *, interval_seconds: float, min_frames: int, max_frames: int
    ) -> tuple[Moment, ...]:
        """Return moments spread evenly over the film: the middles of parts of equal length."""
        by_length = math.ceil(self._frame_count / self._frames_per_second / interval_seconds)
        count = min(max(by_length, min_frames), max_frames, self._frame_count)
        indexes = [int((part + 0.5) * self._frame_count / count) for part in range(count)]
        return tuple(Moment(index, self._offset(index)) for index in indexes)

    def preview(
        self, moment: Moment, *, max_side: int = 1440, quality: int = 90
    ) -> bytes | None:
        """Return a JPEG of a moment no longer than `max_side`, None where it is broken."""
        if moment.index != self._next_index:
            self._capture.set(cv2.CAP_PROP_POS_FRAMES, moment.index)
        read, frame = self._capture.read()
        self._next_index = moment.index + 1 if read else -1
        if not read:
            return None
        height, width = frame.shape[:2]
        scale = max_side / max(height, width)
        if scale < 1:
            size = (max(1, round(width * scale)), max(1, round(height * scale)))
            frame = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
        encoded, jpeg = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, quality])
        return jpeg.tobytes() if encoded else None

    def _offset(self, index: int) -> timedelta:
        return timedelta(microseconds=round(index / self._frames_per_second * 1_000_000))
