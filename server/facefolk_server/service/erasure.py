"""Erasing assets and people for good, and the receipts of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from facefolk_server.errors import (
    AssetNotFoundError,
    ErasureNotFoundError,
    FacefolkError,
    InvalidRequestError,
)
from facefolk_server.service.call import Call
from facefolk_server.service.departures import people_left_empty
from facefolk_server.service.frames.writer import FrameWriter
from facefolk_server.service.identifiers import (
    check_asset_id,
    random_erasure_id,
    request_erasure_id,
)
from facefolk_server.service.libraries import Libraries
from facefolk_server.service.people import check_etag
from facefolk_server.service.reading import Reading, etag_of
from facefolk_server.store import ErasureRecord, Library, LibraryState, Phase, Scope
from facefolk_server.types import (
    UNPLACED,
    EventKind,
    MarkChange,
    PlacementChange,
)

MAX_ASSETS_PER_CALL = 1000
WAIT = timedelta(minutes=2)
"""The longest read, which takes less than a minute, and a minute."""

_REPEATABLE = timedelta(hours=24)
_TICK_SECONDS = 5.0
_SHOWN = 64
_log = logging.getLogger(__name__)

FrameKeys = set[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is or was removed, how far that is, and which backups still hold it."""

    record: ErasureRecord
    backups: tuple[str, ...] = ()

    @property
    def done(self) -> bool:
        """Whether it is in no file any more."""
        return self.record.phase is Phase.DONE


class Erasure:
    """The calls that erase, and the work that goes on after them.

    Args:
        wait: How long old versions of tables may still be read.
        sleep: Waits so many seconds; work that is left is looked at after each.
    """

    def __init__(
        self,
        libraries: Libraries,
        *,
        writer: FrameWriter,
        clock: Callable[[], datetime],
        wait: timedelta = WAIT,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._libraries = libraries
        self._writer = writer
        self._clock = clock
        self._wait = wait
        self._sleep = sleep

    async def delete_assets(self, call: Call, asset_ids: Sequence[str]) -> Receipt:
        """Erase assets with their frames, faces, embeddings, thumbnails and history.

        They are in no list when this returns. People who lose their last face go, too, unless
        somebody said something about them.

        Raises:
            InvalidRequestError: There are no assets, or too many, or an id cannot be.
            AssetNotFoundError: One of them was never submitted; then none is erased.
        """
        if not 1 <= len(asset_ids) <= MAX_ASSETS_PER_CALL:
            raise InvalidRequestError(
                f"asset_ids has {len(asset_ids)} ids: give 1 to {MAX_ASSETS_PER_CALL}.",
                field="asset_ids",
            )
        assets = tuple(dict.fromkeys(map(check_asset_id, asset_ids)))

        def frames(reading: Reading) -> FrameKeys:
            found = (f for asset_id in assets for f in reading.library.frames(asset_id))
            return {(frame.asset_id, frame.frame_offset_us) for frame in found}

        return await self._erase(
            call, EventKind.ASSETS_DELETED, lambda r: scope_of_assets(r, assets), frames
        )

    async def erase_person(self, call: Call, person_id: str, *, etag: str = "") -> Receipt:
        """Erase a person with its faces, their embeddings, thumbnails and history.

        The assets stay, and so do the faces of others in them.

        Raises:
            PersonNotFoundError: There is no such person.
            ConflictError: The etag is not the current one.
        """

        def decide(reading: Reading) -> Scope:
            person = reading.person(person_id)
            check_etag(etag, etag_of(person.revision))
            return scope_of_person(reading, person_id)

        def frames(reading: Reading) -> FrameKeys:
            faces = map(reading.find_face, reading.state.members(person_id))
            return {(face.asset_id, face.frame_offset_us) for face in faces if face}

        return await self._erase(call, EventKind.PERSON_ERASED, decide, frames)

    async def get_erasure(self, call: Call, erasure_id: str) -> Receipt:
        """Answer the receipt of an erasure.

        Raises:
            ErasureNotFoundError: There is none of this id.
        """
        library = await self._libraries.library(call)
        record = await self._libraries.run(call, lambda: library.eraser.find(erasure_id))
        if record is None:
            shown = erasure_id[:_SHOWN]
            raise ErasureNotFoundError(
                f"No erasure has the id {shown!r} in this library.", erasure_id=shown
            )
        return await self._receipt(record)

    async def run(self) -> None:
        """Bring erasures to their ends until cancelled."""
        while True:
            await self.tick()
            await self._sleep(_TICK_SECONDS)

    async def tick(self) -> None:
        """Bring the erasures of all libraries as far as they can go now."""
        for library_id in await self._libraries.library_ids():
            call = Call(library_id=library_id, actor="facefolk")
            try:
                library = await self._libraries.library(call)
                if library.eraser.pending():
                    await self._libraries.run(
                        call, partial(library.eraser.go_on, wait=self._wait)
                    )
            except FacefolkError as error:
                _log.warning("library %r: an erasure waits: %s", library_id, error)

    async def _erase(
        self,
        call: Call,
        kind: EventKind,
        scope: Callable[[Reading], Scope],
        frames: Callable[[Reading], FrameKeys],
    ) -> Receipt:
        library = await self._libraries.library(call)
        erasure_id = await self._libraries.run(call, lambda: self._id_for(library, call))

        def decide(state: LibraryState) -> Scope:
            return scope(Reading(library, state))

        def work() -> ErasureRecord:
            return library.eraser.erase(erasure_id, kind, decide, actor=call.actor)

        # What is being submitted is stored before, so that it does not come back after.
        held: FrameKeys = set()
        while True:
            held |= await self._libraries.read(call, frames)
            async with self._writer.hold(call.library_id, held):
                if not await self._libraries.read(call, frames) <= held:
                    continue
                record = await self._libraries.run(call, work)
                break
        if record.kind is not kind:
            raise InvalidRequestError(
                "request_id was used for another change before: make a new one.",
                field="request_id",
                event_kind=record.kind.value,
            )
        return await self._receipt(record)

    def _id_for(self, library: Library, call: Call) -> str:
        """Return the id that a request led to within a day, or else one for it."""
        if not call.request_id:
            return random_erasure_id()
        attempt = 0
        while True:
            erasure_id = request_erasure_id(call.actor, call.request_id, attempt)
            found = library.eraser.find(erasure_id)
            if found is None or found.create_time + _REPEATABLE > self._clock():
                return erasure_id
            attempt += 1

    async def _receipt(self, record: ErasureRecord) -> Receipt:
        backups = await self._libraries.backups()
        holding = (name for name, time in backups.items() if time <= record.create_time)
        return Receipt(record, tuple(sorted(holding)))


def scope_of_assets(reading: Reading, asset_ids: Sequence[str]) -> Scope:
    """Return what goes with assets.

    Raises:
        AssetNotFoundError: One of them was never submitted.
    """
    faces: list[str] = []
    for asset_id in asset_ids:
        if not reading.library.frames(asset_id):
            raise AssetNotFoundError(
                f"No frame of asset {asset_id[:_SHOWN]!r} was ever submitted: nothing was "
                "erased.",
                asset_id=asset_id,
            )
        faces += sorted(face.face_id for face in reading.faces_of_asset(asset_id))
    return Scope(tuple(asset_ids), tuple(faces), _people(reading, faces, ()))


def scope_of_person(reading: Reading, person_id: str) -> Scope:
    """Return what goes with a person who is there."""
    faces = sorted(reading.state.members(person_id))
    return Scope((), tuple(faces), _people(reading, faces, (person_id,)))


def _people(reading: Reading, face_ids: Iterable[str], named: Iterable[str]) -> tuple[str, ...]:
    """Return the people who go with faces, and everybody ever merged into them."""
    state = reading.state
    faces = list(face_ids)
    placements = [
        PlacementChange(face_id, before, UNPLACED)
        for face_id in faces
        if (before := reading.placement(face_id)).person_id is not None
    ]
    marks = [MarkChange(m, added=False) for face_id in faces for m in state.marks(face_id)]
    gone = {
        *named,
        *(change.person_id for change in people_left_empty(state, placements, marks=marks)),
    }
    new = gone
    while new := {source for source, to in state.merged.items() if to in new} - gone:
        gone |= new
    return tuple(sorted(gone))
