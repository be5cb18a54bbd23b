"""Images on their way through a pipeline: admission, threads, conversion."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol, TypeVar

from facefolk_server.errors import InvalidImageError
from facefolk_server.service.budget import AdmissionBudget
from facefolk_server.service.call import Call
from facefolk_server.service.frames.plan import Detected
from facefolk_server.service.pipelines import Analysis
from facefolk_server.service.resolved import Resolved
from facefolk_server.service.views import FaceView
from facefolk_server.service.workers import WorkerPool
from facefolk_server.types import BoundingBox, Face, Point

T = TypeVar("T")


class Header(Protocol):
    """The size of an upright image in pixels, before it is decoded."""

    @property
    def width(self) -> int:
        """The width."""

    @property
    def height(self) -> int:
        """The height."""


HeaderReader = Callable[[bytes], Header]

NEVER = datetime.fromtimestamp(0, UTC)
"""The creation time of faces that are not stored."""


class ImageDesk:
    """Checks headers, holds the budget, and runs pipelines in worker threads.

    Args:
        budget: What may be in flight.
        workers: The threads that decode and infer.
        read_header: Refuses what is no image or too large with InvalidImageError, cheaply.
    """

    def __init__(
        self, *, budget: AdmissionBudget, workers: WorkerPool, read_header: HeaderReader
    ) -> None:
        self._budget = budget
        self._workers = workers
        self._read_header = read_header

    @asynccontextmanager
    async def admit(self, call: Call, images: Sequence[bytes]) -> AsyncIterator[None]:
        """Check the headers of images and hold their share of the budget.

        Raises:
            InvalidImageError: One is no image, or over a limit.
            OverloadedError: Too much is in flight and the caller does not wait.
        """
        pixels = 0
        for data in images:
            if not data:
                raise InvalidImageError("The image is empty: send a JPEG, PNG or WebP.")
            header = self._read_header(data)
            pixels += header.width * header.height
        size = sum(len(data) for data in images)
        async with self._budget.admit(image_bytes=size, pixels=pixels, patient=call.patient):
            yield

    async def run(self, call: Call, work: Callable[[], T]) -> tuple[T, float]:
        """Run the work in a thread; return its result and how long it waited, in ms."""
        asked = time.perf_counter()

        def timed() -> tuple[T, float]:
            queued = (time.perf_counter() - asked) * 1000
            return work(), queued

        return await self._workers.run(timed, deadline=call.deadline)


def detected_faces(analysis: Analysis) -> list[Detected]:
    """Return the detections as records, in the order of the analysis."""
    found = analysis.detections
    boxes, points = found.boxes.tolist(), found.landmarks.tolist()
    scores, qualities = found.scores.tolist(), found.qualities.tolist()
    return [
        Detected(
            box=BoundingBox(*box),
            landmarks=_five(landmarks),
            score=score,
            quality=quality,
        )
        for box, landmarks, score, quality in zip(boxes, points, scores, qualities, strict=True)
    ]


def stateless_faces(analysis: Analysis, settings: Resolved) -> list[FaceView]:
    """Return the detections as faces that are stored nowhere and have no ids."""
    unseen = unseen_face(settings)
    return [
        FaceView(
            replace(
                unseen,
                box=one.box,
                landmarks=one.landmarks,
                score=one.score,
                quality=one.quality,
                image_width=analysis.width,
                image_height=analysis.height,
            )
        )
        for one in detected_faces(analysis)
    ]


def unseen_face(settings: Resolved) -> Face:
    """Return the face of an embedding that came without a picture."""
    nowhere = Point(0.0, 0.0)
    return Face(
        face_id="",
        asset_id="",
        frame_offset_us=0,
        box=BoundingBox(0.0, 0.0, 0.0, 0.0),
        landmarks=(nowhere, nowhere, nowhere, nowhere, nowhere),
        score=0.0,
        quality=0.0,
        image_width=0,
        image_height=0,
        pack=settings.pack,
        pack_digest=settings.pack_digest,
        create_time=NEVER,
    )


def nameless(view: FaceView) -> FaceView:
    """Return a face without what ties it to the store."""
    face = replace(view.face, face_id="", asset_id="", frame_offset_us=0, create_time=NEVER)
    return FaceView(face)


def _five(points: list[list[float]]) -> tuple[Point, Point, Point, Point, Point]:
    one, two, three, four, five = (Point(x, y) for x, y in points)
    return (one, two, three, four, five)
