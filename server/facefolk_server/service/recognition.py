"""Finding, embedding and storing the faces of images."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from facefolk_server.errors import InvalidImageError, InvalidRequestError
from facefolk_server.service.births import latest_day
from facefolk_server.service.call import Call
from facefolk_server.service.frames.writer import (
    FrameContent,
    FrameFacts,
    FrameWriter,
    StoredFaces,
)
from facefolk_server.service.gate import IngestionGate
from facefolk_server.service.identifiers import (
    MAX_CONTENT_DIGEST_LENGTH,
    check_asset_id,
    check_library_id,
    check_text,
)
from facefolk_server.service.images import ImageDesk, detected_faces, stateless_faces
from facefolk_server.service.libraries import Libraries
from facefolk_server.service.matching import Asked, Finder, MatchRule
from facefolk_server.service.near_lists import NearLists
from facefolk_server.service.pipelines import Analysis, FloatArray
from facefolk_server.service.resolver import Ready, Resolver
from facefolk_server.service.views import (
    Embeddings,
    FaceView,
    ImageFaces,
    Match,
    RecognizedFace,
)
from facefolk_server.types import UNPLACED

MAX_FRAME_OFFSET_US = 2**53
_Embedding = Callable[[], FloatArray]


@dataclass(frozen=True, slots=True)
class FrameSubmission:
    """One frame to be recognized; see `RecognizeRequest` in the API."""

    asset_id: str
    data: bytes
    frame_offset_us: int = 0
    content_digest: str = ""
    capture_time: datetime | None = None
    dry_run: bool = False
    include_embedding: bool = False
    include_hidden: bool = False


class Recognition:
    """The calls that take images."""

    def __init__(
        self,
        *,
        libraries: Libraries,
        resolver: Resolver,
        desk: ImageDesk,
        writer: FrameWriter,
        gate: IngestionGate,
        lists: NearLists | None = None,
    ) -> None:
        self._libraries = libraries
        self._resolver = resolver
        self._desk = desk
        self._writer = writer
        self._gate = gate
        self._lists = lists or NearLists()

    async def detect(
        self, call: Call, data: bytes, *, min_score: float | None = None
    ) -> ImageFaces:
        """Find the faces of an image; `min_score` 0..1 stands in for the library's setting.

        Raises:
            InvalidImageError: It is no image, damaged, or over a limit.
            InvalidRequestError: The score is out of range.
            OverloadedError: Too much is in flight.
            ModelUnavailableError: The pack is not to be had.
        """
        if min_score is not None and not 0.0 <= min_score <= 1.0:
            raise InvalidRequestError(
                f"min_score is {min_score:g}: it has to be within 0 and 1.", field="min_score"
            )
        ready = await self._resolver.ready(call)
        score = ready.settings.min_detection_score if min_score is None else min_score
        async with self._desk.admit(call, [data]):
            analysis, queued_ms = await self._desk.run(
                call,
                partial(
                    ready.pipeline.detect, data, min_score=score, looks=ready.settings.looks
                ),
            )
        faces = [
            RecognizedFace(view, None) for view in stateless_faces(analysis, ready.settings)
        ]
        return _answer(faces, analysis, ready, {"queue": queued_ms})

    async def embed_faces(self, call: Call, data: bytes, landmarks: FloatArray) -> Embeddings:
        """Embed faces of an image by their landmarks, `(n, 5, 2)` in pixels.

        Raises:
            InvalidImageError: It is no image, damaged, or over a limit.
            InvalidRequestError: Landmarks are not finite, or all in one place.
            OverloadedError: Too much is in flight.
            ModelUnavailableError: The pack is not to be had.
        """
        ready = await self._resolver.ready(call)
        async with self._desk.admit(call, [data]):
            return await self._embedded(
                call, ready, lambda: ready.pipeline.embed_faces(data, landmarks)
            )

    async def embed_crops(self, call: Call, crops: Sequence[bytes]) -> Embeddings:
        """Embed encoded aligned crops of exactly the pack's input size.

        Raises:
            InvalidImageError: One is no image, or of another size.
            OverloadedError: Too much is in flight.
            ModelUnavailableError: The pack is not to be had.
        """
        ready = await self._resolver.ready(call)
        async with self._desk.admit(call, crops):
            return await self._embedded(call, ready, lambda: ready.pipeline.embed_crops(crops))

    async def recognize(self, call: Call, submission: FrameSubmission) -> ImageFaces:
        """Find, embed and store the faces of a frame, and tell the nearest person of each.

        A frame that cannot be read is noted as failed and keeps the faces it had.

        Raises:
            InvalidImageError: It is no image, damaged, or over a limit.
            InvalidRequestError: An id or a text cannot be.
            OverloadedError: Too much is in flight.
            ModelUnavailableError: The pack is not to be had.
            StorageError: The faces cannot be stored.
        """
        facts = _facts(submission)
        with self._gate.open(check_library_id(call.library_id)):
            ready = await self._resolver.ready(call)
            try:
                async with self._desk.admit(call, [submission.data]):
                    return await self._recognized(call, ready, submission, facts)
            except InvalidImageError as exc:
                if not submission.dry_run:
                    await self._writer.record_failure(
                        call, facts, ready.settings, error=exc.message
                    )
                raise

    async def _recognized(
        self, call: Call, ready: Ready, submission: FrameSubmission, facts: FrameFacts
    ) -> ImageFaces:
        analysis, queued_ms = await self._desk.run(
            call,
            partial(
                ready.pipeline.analyze,
                submission.data,
                min_score=ready.settings.min_detection_score,
                thumbnails=not submission.dry_run,
                looks=ready.settings.looks,
            ),
        )
        timings = {"queue": queued_ms}
        if submission.dry_run:
            views = stateless_faces(analysis, ready.settings)
        else:
            began = time.perf_counter()
            stored = await self._store(call, ready, facts, analysis)
            views = [
                FaceView(f, stored.placements.get(f.face_id, UNPLACED)) for f in stored.faces
            ]
            timings["store"] = (time.perf_counter() - began) * 1000
        day = latest_day(facts.capture_time)
        asked = [Asked(view.face.face_id, day) for view in views]
        rule = MatchRule.of(ready.settings, include_hidden=submission.include_hidden)
        matches = await self._matches(call, ready, analysis, asked, rule)
        if submission.include_embedding:
            views = _with_embeddings(views, analysis.embeddings)
        faces = [
            RecognizedFace(view, match) for view, match in zip(views, matches, strict=True)
        ]
        return _answer(faces, analysis, ready, timings)

    async def _store(
        self, call: Call, ready: Ready, facts: FrameFacts, analysis: Analysis
    ) -> StoredFaces:
        content = FrameContent(
            analysis.width,
            analysis.height,
            detected_faces(analysis),
            analysis.embeddings,
            analysis.thumbnails,
        )
        return await self._writer.store(call, facts, content, ready.settings)

    async def _matches(
        self,
        call: Call,
        ready: Ready,
        analysis: Analysis,
        asked: Sequence[Asked],
        rule: MatchRule,
    ) -> list[Match | None]:
        if not asked:
            return []
        library = await self._libraries.library(call)
        matches, _ = await self._desk.run(
            call,
            lambda: Finder(library, ready.settings.pack, lists=self._lists).matches(
                analysis.embeddings, rule, asked=asked
            ),
        )
        return matches

    async def _embedded(self, call: Call, ready: Ready, work: _Embedding) -> Embeddings:
        began = time.perf_counter()
        vectors, queued_ms = await self._desk.run(call, work)
        whole_ms = (time.perf_counter() - began) * 1000
        return Embeddings(
            vectors,
            ready.settings.pack,
            ready.settings.pack_digest,
            {"queue": queued_ms, "embed": whole_ms - queued_ms},
        )


def _facts(submission: FrameSubmission) -> FrameFacts:
    if not 0 <= submission.frame_offset_us <= MAX_FRAME_OFFSET_US:
        raise InvalidRequestError(
            "frame_offset is negative or absurdly late: give the time from the start of the "
            "film.",
            field="frame_offset",
        )
    return FrameFacts(
        check_asset_id(submission.asset_id),
        submission.frame_offset_us,
        check_text(
            submission.content_digest, "content_digest", max_length=MAX_CONTENT_DIGEST_LENGTH
        ),
        submission.capture_time,
    )


def _with_embeddings(views: Sequence[FaceView], embeddings: FloatArray) -> list[FaceView]:
    return [
        replace(view, embedding=embedding)
        for view, embedding in zip(views, embeddings, strict=True)
    ]


def _answer(
    faces: Sequence[RecognizedFace],
    analysis: Analysis,
    ready: Ready,
    timings: Mapping[str, float],
) -> ImageFaces:
    """Return the reply with the highest score first; ties from the top left."""
    ordered = sorted(faces, key=lambda one: _rank(one.view))
    return ImageFaces(
        tuple(ordered),
        analysis.width,
        analysis.height,
        ready.settings.pack,
        {**timings, **analysis.timings},
    )


def _rank(view: FaceView) -> tuple[float, float, float]:
    return (-view.face.score, view.face.box.y_min, view.face.box.x_min)
