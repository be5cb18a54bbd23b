"""What an ingestion is asked, and what it tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """Sizes, numbers and patience of an ingestion.

    Args:
        root: asset ids are paths below it; None for the folder given, or a file's own.
        max_side: the longer side of a preview in pixels.
        jpeg_quality: of previews, 1..100.
        video_interval_seconds: one frame of a film for each so many seconds, but
        min_video_frames: at least so many (as far as the film has them), and
        max_video_frames: at most so many.
        workers: threads that make previews; None for one for each core, at most four.
        max_in_flight: how many files are being prepared or worked on by the server at once.
        patience_seconds: how long a server that is away is waited for.
    """

    root: Path | None = None
    max_side: int = 1440
    jpeg_quality: int = 90
    video_interval_seconds: float = 5.0
    min_video_frames: int = 5
    max_video_frames: int = 20
    workers: int | None = None
    max_in_flight: int = 16
    patience_seconds: float = 120.0


@dataclass(frozen=True, slots=True)
class IngestProgress:
    """How far an ingestion is, in files; `faces` counts those found so far."""

    done: int
    total: int
    failed: int
    skipped: int
    faces: int


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an ingestion did.

    `submitted` counts frames that the server has taken, `skipped` files that it had already;
    `failed` holds paths and reasons; `faces` counts the faces of the submitted frames;
    `passed_over` counts, by suffix, files of folders that are no photos and no videos.
    """

    files: int
    submitted: int
    skipped: int
    failed: list[tuple[str, str]]
    faces: int
    seconds: float
    passed_over: Mapping[str, int] = field(default_factory=dict)
