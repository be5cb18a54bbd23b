"""From a file to the frames that are to be submitted; runs in worker threads."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta

from facefolk.errors import UnreadableFileError
from facefolk.ingest.files import SourceFile
from facefolk.ingest.known import KnownFrames
from facefolk.ingest.report import IngestOptions
from facefolk.previews.photos import make_photo_preview
from facefolk.previews.videos import Film
from facefolk.types import Submission

PHOTO_OFFSET = timedelta()


@dataclass(frozen=True, slots=True)
class PreparedFile:
    """The frames to submit, none where the server has them all, and what was wrong."""

    submissions: tuple[Submission, ...]
    complaint: str = ""


def prepare(file: SourceFile, *, known: KnownFrames, options: IngestOptions) -> PreparedFile:
    """Return the frames of a file that the server does not have.

    Raises:
        UnreadableFileError: nothing of the file can be read.
    """
    try:
        with file.path.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
    except OSError as error:
        raise UnreadableFileError(f"It cannot be read: {error.strerror}.") from error
    have = frozenset(offset for offset, its_digest in known if its_digest == digest)
    blank = Submission(file.asset_id, b"", content_digest=digest)
    if file.is_video:
        return _film_frames(file, blank, have=have, options=options)
    if PHOTO_OFFSET in have:
        return PreparedFile(())
    preview = make_photo_preview(
        file.path, max_side=options.max_side, quality=options.jpeg_quality
    )
    return PreparedFile(
        (replace(blank, image=preview.image, capture_time=preview.capture_time),)
    )


def _film_frames(
    file: SourceFile, blank: Submission, *, have: frozenset[timedelta], options: IngestOptions
) -> PreparedFile:
    with Film(file.path) as film:
        planned = film.plan(
            interval_seconds=options.video_interval_seconds,
            min_frames=options.min_video_frames,
            max_frames=options.max_video_frames,
        )
        wanted = [moment for moment in planned if moment.offset not in have]
        frames = [
            (
                moment,
                film.preview(moment, max_side=options.max_side, quality=options.jpeg_quality),
            )
            for moment in wanted
        ]
    submissions = tuple(
        replace(blank, image=image, frame_offset=moment.offset)
        for moment, image in frames
        if image is not None
    )
    missing = len(wanted) - len(submissions)
    if missing and missing == len(planned):
        raise UnreadableFileError("None of its frames can be decoded.")
    complaint = f"{missing} of {len(planned)} frames cannot be decoded." if missing else ""
    return PreparedFile(submissions, complaint)
