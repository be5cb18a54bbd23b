"""Exporting people, and importing them."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import BinaryIO

from facefolk_server.errors import InvalidRequestError
from facefolk_server.service.call import Call
from facefolk_server.service.frames.writer import FrameWriter
from facefolk_server.service.libraries import Libraries
from facefolk_server.service.moving.bundles import claims_of
from facefolk_server.service.moving.claims import Claims
from facefolk_server.service.moving.json_lines import MAX_LINE_BYTES, read_json_lines
from facefolk_server.service.moving.newcomers import Newcomers, newcomers_of
from facefolk_server.service.moving.plan import ImportReport, plan_import
from facefolk_server.service.reading import Reading
from facefolk_server.service.resolver import Resolver
from facefolk_server.store import (
    Bundle,
    BundledFace,
    BundleHeader,
    Draft,
    Library,
    read_bundle,
    write_bundle,
)
from facefolk_server.store.answers import Pair
from facefolk_server.types import EventKind, Mark, Person, Placement

MAX_IMPORT_BYTES = 4 << 30
_IN_MEMORY_BYTES = 16 << 20
_FACES_AT_ONCE = 1000
_WRITES_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class _Content:
    """What of a library is exported, all of one moment."""

    people: tuple[Person, ...]
    faces: tuple[tuple[str, Placement], ...]
    marks: tuple[Mark, ...]
    apart: tuple[Pair, ...]


class Moving:
    """The calls that bring people from one server to another."""

    def __init__(
        self,
        libraries: Libraries,
        *,
        resolver: Resolver,
        writer: FrameWriter,
        clock: Callable[[], datetime],
    ) -> None:
        self._libraries = libraries
        self._resolver = resolver
        self._writer = writer
        self._clock = clock

    async def export_people(
        self, call: Call, *, include_embedding: bool = False
    ) -> AsyncIterator[bytes]:
        """Yield a bundle of all people in pieces, hidden ones too.

        With them go their faces, faces with marks, and all marks; a face that is removed
        meanwhile is left out.
        """
        settings = await self._resolver.resolved(call)
        header = BundleHeader(
            call.library_id, settings.pack, settings.pack_digest, self._clock()
        )
        library = await self._libraries.library(call)
        content = await self._libraries.read(call, _content)
        faces = _faces(library, content.faces, include_embedding=include_embedding)
        pieces = write_bundle(header, content.people, faces, content.marks, content.apart)
        while (
            piece := await self._libraries.run(
                replace(call, deadline=None), lambda: next(pieces, None)
            )
        ) is not None:
            if piece:
                yield piece

    async def import_bundle(self, call: Call, chunks: AsyncIterator[bytes]) -> ImportReport:
        """Read people from a bundle into the library, in one event.

        Faces that are not here and whose frames were never submitted are added, where the
        bundle has embeddings of the pack in use.

        Raises:
            InvalidRequestError: It is no bundle, or was damaged; nothing has changed then.
        """
        today = self._clock().date()
        with await _spooled(chunks) as file:

            def read() -> tuple[Bundle, Claims]:
                bundle = read_bundle(file)
                return bundle, claims_of(bundle, today=today)

            bundle, claims = await self._libraries.run(call, read)
        added = await self._add(call, bundle)
        return replace(await self._import(call, claims), faces_added=added)

    async def import_json_lines(self, call: Call, chunks: AsyncIterator[bytes]) -> ImportReport:
        """Read names and face boxes into the library, in one event.

        Raises:
            InvalidRequestError: A line is wrong; nothing has changed then.
        """
        today = self._clock().date()
        with await _spooled(chunks) as file:
            claims = await self._libraries.run(
                call, lambda: read_json_lines(_lines(file), today=today)
            )
        return await self._import(call, claims)

    async def _import(self, call: Call, claims: Claims) -> ImportReport:
        report = ImportReport()
        now = self._clock()

        def decide(reading: Reading) -> Draft | None:
            nonlocal report
            draft, report = plan_import(reading, claims, now=now)
            return draft

        await self._libraries.change(
            replace(call, deadline=None), EventKind.PEOPLE_IMPORTED, decide
        )
        return report

    async def _add(self, call: Call, bundle: Bundle) -> int:
        settings = await self._resolver.resolved(call)
        call, now = replace(call, deadline=None), self._clock()

        def look(reading: Reading) -> Newcomers:
            return newcomers_of(reading, bundle.faces, settings, now=now)

        wanted = await self._libraries.read(call, look)
        if not wanted.writes:
            return 0
        async with self._writer.hold(call.library_id, wanted.frames):
            newcomers = await self._libraries.read(call, look)
            library = await self._libraries.library(call)
            for start in range(0, len(newcomers.writes), _WRITES_AT_ONCE):
                some = newcomers.writes[start : start + _WRITES_AT_ONCE]
                written = [
                    await self._libraries.run(call, partial(library.write_frame, write))
                    for write in some
                ]
                for future in written:
                    await asyncio.shield(asyncio.wrap_future(future))
        return newcomers.faces


async def _spooled(chunks: AsyncIterator[bytes]) -> BinaryIO:
    """Return what comes in as a file of no name, which is gone when the process is.

    Raises:
        InvalidRequestError: It is too much.
    """
    file = tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES)  # noqa: SIM115  # the caller closes it
    try:
        async for chunk in chunks:
            if file.tell() + len(chunk) > MAX_IMPORT_BYTES:
                raise InvalidRequestError(
                    f"The import is larger than {MAX_IMPORT_BYTES >> 30} GiB: divide it.",
                    field="chunk",
                )
            await asyncio.to_thread(file.write, chunk)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file  # type: ignore[return-value]  # it is one, but for its type


def _lines(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(MAX_LINE_BYTES + 2):
        yield line.rstrip(b"\r\n")


def _content(reading: Reading) -> _Content:
    state = reading.state
    marked = {face_id for face_id in state.marked if reading.has_face(face_id)}
    placed = {i: p for i, p in state.placements.items() if p.person_id is not None}
    faces = [(i, reading.placement(i)) for i in placed.keys() | marked]
    return _Content(
        tuple(sorted(state.people.values(), key=lambda person: person.person_id)),
        tuple(sorted(faces, key=lambda pair: (pair[1].person_id or "", pair[0]))),
        tuple(
            mark
            for face_id in sorted(marked)
            for mark in sorted(state.marks(face_id), key=lambda m: (m.kind, m.person_id))
        ),
        tuple(sorted(reading.apart)),
    )


def _faces(
    library: Library,
    wanted: tuple[tuple[str, Placement], ...],
    *,
    include_embedding: bool,
) -> Iterator[BundledFace]:
    for start in range(0, len(wanted), _FACES_AT_ONCE):
        with library.read() as state:
            reading = Reading(library, state)
            views = [
                (reading.face_view(face, include_embedding=include_embedding), placement)
                for face_id, placement in wanted[start : start + _FACES_AT_ONCE]
                if (face := reading.find_face(face_id)) is not None
            ]
        for view, placement in views:
            yield BundledFace(view.face, placement, view.embedding)
