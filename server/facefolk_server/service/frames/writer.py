"""Stores what became of the frames that are submitted."""

from __future__ import annotations

import asyncio
from collections.abc import (
    AsyncIterator,
    Callable,
    Coroutine,
    Iterable,
    Mapping,
    Sequence,
)
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from facefolk_server.service.call import Call
from facefolk_server.service.departures import people_left_empty
from facefolk_server.service.frames.locks import FrameLocks
from facefolk_server.service.frames.plan import Detected, FramePlan, Place, by_hand, plan_frame
from facefolk_server.service.libraries import Libraries
from facefolk_server.service.pipelines import FloatArray
from facefolk_server.service.reading import Reading
from facefolk_server.service.resolved import Resolved
from facefolk_server.store import Draft, FrameWrite
from facefolk_server.types import (
    UNPLACED,
    AssetState,
    Changes,
    EventKind,
    Face,
    Frame,
    MarkChange,
    Placement,
    PlacementChange,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FrameFacts:
    """What a caller says of a frame; texts are checked already."""

    asset_id: str
    frame_offset_us: int
    content_digest: str = ""
    capture_time: datetime | None = None


@dataclass(frozen=True, slots=True, eq=False)
class FrameContent:
    """What a pipeline found in a frame of `width` x `height` pixels.

    `embeddings` are `(n, d) float32` and `thumbnails` n JPEGs, in the order of `detected`.
    """

    width: int
    height: int
    detected: Sequence[Detected]
    embeddings: FloatArray
    thumbnails: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class StoredFaces:
    """The faces of a frame in the order of its detections, with their people."""

    faces: tuple[Face, ...]
    placements: Mapping[str, Placement]


class FrameWriter:
    """Replaces the faces of frames, one submission of a frame at a time."""

    def __init__(self, libraries: Libraries, *, clock: Callable[[], datetime]) -> None:
        self._libraries = libraries
        self._clock = clock
        self._locks = FrameLocks()

    async def store(
        self, call: Call, facts: FrameFacts, content: FrameContent, settings: Resolved
    ) -> StoredFaces:
        """Replace the faces of a frame and return them once they are durable.

        Work that has begun is brought to its end though the caller goes away.

        Raises:
            StorageError: The store cannot be written; what was there before is still there.
        """
        key = (call.library_id, facts.asset_id, facts.frame_offset_us)
        async with self._locks.hold(key):
            return await _to_the_end(self._replace(call, facts, content, settings))

    @asynccontextmanager
    async def hold(
        self, library_id: str, frames: Iterable[tuple[str, int]]
    ) -> AsyncIterator[None]:
        """Keep submissions of frames, as (asset, offset in microseconds), waiting."""
        async with AsyncExitStack() as held:
            for asset_id, offset in sorted(set(frames)):
                await held.enter_async_context(self._locks.hold((library_id, asset_id, offset)))
            yield

    async def record_failure(
        self, call: Call, facts: FrameFacts, settings: Resolved, *, error: str
    ) -> None:
        """Note that a frame could not be read; the faces it has from before stay."""
        key = (call.library_id, facts.asset_id, facts.frame_offset_us)
        async with self._locks.hold(key):
            await _to_the_end(self._fail(call, facts, settings, error))

    async def _replace(
        self, call: Call, facts: FrameFacts, content: FrameContent, settings: Resolved
    ) -> StoredFaces:
        # The caller's deadline ends where writing begins, or half of it could be done.
        call = replace(call, request_id="", deadline=None)
        now = self._clock()
        place = Place(
            call.library_id,
            facts.asset_id,
            facts.frame_offset_us,
            content.width,
            content.height,
            settings.pack,
            settings.pack_digest,
            now,
        )

        def decide(reading: Reading) -> tuple[FramePlan, Frame | None]:
            old = reading.faces_of_frame(facts.asset_id, facts.frame_offset_us)
            before = reading.library.frame(facts.asset_id, facts.frame_offset_us)
            return plan_frame(place, content.detected, old, reading.state.placements), before

        plan, before = await self._libraries.read(call, decide)
        gone = await self._release(call, plan.gone)
        kept = len(plan.kept) + len(plan.gone) - len(gone)
        frame = Frame(
            facts.asset_id,
            facts.frame_offset_us,
            AssetState.DONE,
            content.width,
            content.height,
            settings.pack,
            settings.pack_digest,
            settings.min_detection_score,
            len(plan.faces) + kept,
            facts.content_digest,
            facts.capture_time or (before.capture_time if before else None),
            now,
            looks=str(settings.looks),
        )
        write = FrameWrite(
            frame=frame,
            faces=plan.faces,
            embeddings=content.embeddings,
            thumbnails=tuple(content.thumbnails),
            removed_face_ids=tuple(face.face_id for face in gone),
        )
        await self._write(call, write)
        await self._release(call, gone)
        ids = [face.face_id for face in plan.faces]
        placements = await self._libraries.read(call, lambda reading: reading.placed(ids))
        return StoredFaces(plan.faces, placements)

    async def _fail(
        self, call: Call, facts: FrameFacts, settings: Resolved, error: str
    ) -> None:
        call = replace(call, request_id="", deadline=None)
        library = await self._libraries.library(call)
        before = await self._libraries.run(
            call, lambda: library.frame(facts.asset_id, facts.frame_offset_us)
        )
        frame = Frame(
            facts.asset_id,
            facts.frame_offset_us,
            AssetState.FAILED,
            before.width if before else 0,
            before.height if before else 0,
            settings.pack,
            settings.pack_digest,
            settings.min_detection_score,
            before.face_count if before else 0,
            facts.content_digest,
            facts.capture_time or (before.capture_time if before else None),
            self._clock(),
            error,
            str(settings.looks),
        )
        await self._write(call, FrameWrite(frame=frame))

    async def _release(self, call: Call, faces: Sequence[Face]) -> tuple[Face, ...]:
        """Take faces that go from their people; return them but for those assigned by hand.

        Done before the rows go, so that no person ever counts a face that is not there, and
        once more after, for what a user did in between.
        """
        ids = [face.face_id for face in faces]
        if not ids or not await self._libraries.read(call, lambda r: r.is_said(ids)):
            return tuple(faces)
        by_user: set[str] = set()

        def decide(reading: Reading) -> Draft | None:
            by_user.clear()
            by_user.update(i for i in ids if by_hand(i, reading.state.placements))
            leaving = [i for i in ids if i not in by_user]
            changes = _farewell(reading, leaving)
            return Draft(EventKind.FACES_REPLACED, changes) if changes else None

        await self._libraries.change(call, EventKind.FACES_REPLACED, decide)
        return tuple(face for face in faces if face.face_id not in by_user)

    async def _write(self, call: Call, write: FrameWrite) -> None:
        library = await self._libraries.library(call)
        written = library.write_frame(write)  # queues it, which needs no thread
        # Not wrapped bare: a caller that goes away would cancel a commit others share.
        await asyncio.shield(asyncio.wrap_future(written))


def _farewell(reading: Reading, leaving: Sequence[str]) -> Changes:
    state = reading.state
    moved = tuple(
        PlacementChange(face_id, before, UNPLACED)
        for face_id in leaving
        if (before := reading.placement(face_id)) != UNPLACED
    )
    marks = tuple(
        MarkChange(mark, added=False)
        for face_id in leaving
        for mark in sorted(state.marks(face_id), key=lambda m: (m.kind, m.person_id))
    )
    people = people_left_empty(state, moved, marks=marks)
    return Changes(placements=moved, people=people, marks=marks)


async def _to_the_end(work: Coroutine[object, object, T]) -> T:
    """Await the work; when cancelled, let it finish before the cancellation goes on."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # looked at, so that it is not reported as forgotten
        raise
