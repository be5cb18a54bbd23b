"""Counting what an ingestion does."""

from __future__ import annotations

import time
from collections.abc import Callable

from facefolk.ingest.files import Listing, SourceFile
from facefolk.ingest.report import IngestProgress, IngestReport


class Tally:
    """What has been done so far; tells `progress` after each file."""

    def __init__(
        self, listing: Listing, progress: Callable[[IngestProgress], None] | None
    ) -> None:
        self._progress = progress
        self._begin = time.monotonic()
        self._refused = list(listing.refused)
        self._passed_over = dict(listing.passed_over)
        self._total = len(listing.files) + len(self._refused)
        self._done = len(self._refused)
        self._complaints: dict[SourceFile, str] = {}
        self._skipped = 0
        self._submitted = 0
        self._faces = 0
        self._tell()

    def submit(self, faces: int) -> None:
        """Count a frame that the server has taken."""
        self._submitted += 1
        self._faces += faces

    def skip(self) -> None:
        """Count a file that the server had already."""
        self._skipped += 1

    def complain(self, file: SourceFile, reason: str) -> None:
        """Note why a file, or a part of it, failed; the first reason stays."""
        self._complaints.setdefault(file, reason)

    def finish(self) -> None:
        """Count a file that is through, one way or another."""
        self._done += 1
        self._tell()

    def report(self) -> IngestReport:
        """Return what has been done so far."""
        broken = [(str(file.path), reason) for file, reason in self._complaints.items()]
        return IngestReport(
            files=self._total,
            submitted=self._submitted,
            skipped=self._skipped,
            failed=self._refused + sorted(broken),
            faces=self._faces,
            seconds=time.monotonic() - self._begin,
            passed_over=self._passed_over,
        )

    def _tell(self) -> None:
        if self._progress is None:
            return
        failed = len(self._refused) + len(self._complaints)
        self._progress(
            IngestProgress(self._done, self._total, failed, self._skipped, self._faces)
        )
