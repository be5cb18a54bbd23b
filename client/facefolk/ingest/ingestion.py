"""Folders of photos and videos into the server."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol

from facefolk._pages import AsyncPages
from facefolk.errors import IngestInterruptedError, MissingExtraError, UnreadableFileError
from facefolk.ingest.delivery import Delivery, PatienceLostError, Recognizer
from facefolk.ingest.files import SourceFile, find_files
from facefolk.ingest.known import KnownFrames, read_known
from facefolk.ingest.report import IngestOptions, IngestProgress, IngestReport
from facefolk.ingest.tally import Tally
from facefolk.types import Asset, Outcome

_MOST_WORKERS: Final = 4
_NOTHING_KNOWN: Final[KnownFrames] = frozenset()


class IngestClient(Recognizer, Protocol):
    """What an ingestion needs of a client."""

    def list_assets(self) -> AsyncPages[Asset]:
        """List what the server has."""
        ...


async def ingest(
    client: IngestClient,
    paths: Sequence[str | Path],
    *,
    redetect: bool,
    progress: Callable[[IngestProgress], None] | None,
    options: IngestOptions,
) -> IngestReport:
    """Submit previews of photos and videos; see `AsyncClient.ingest`."""
    _require_previews()
    listing = await asyncio.to_thread(find_files, paths, root=options.root)
    known = {} if redetect else await read_known(client.list_assets())
    tally = Tally(listing, progress)
    ingestion = _Ingestion(client, known, tally, options)
    try:
        await ingestion.run(listing.files)
    except PatienceLostError as error:
        raise IngestInterruptedError(
            f"The server has taken nothing for {options.patience_seconds:g} s ({error}). "
            "What it has taken stays; ingest again to go on from there.",
            report=tally.report(),
        ) from error
    return tally.report()


class _Ingestion:
    """One ingestion under way.

    `max_in_flight` files at a time hold a place from their preparation to the outcome of
    their last frame, so memory does not grow with the album.
    """

    def __init__(
        self,
        client: IngestClient,
        known: Mapping[str, KnownFrames],
        tally: Tally,
        options: IngestOptions,
    ) -> None:
        self._known = known
        self._tally = tally
        self._options = options
        self._places = asyncio.Semaphore(options.max_in_flight)
        self._numbers = itertools.count()
        self._frames_left: dict[SourceFile, int] = {}
        self._file_of: dict[str, SourceFile] = {}
        self._delivery = Delivery(
            client, settle=self._settle, patience_seconds=options.patience_seconds
        )

    async def run(self, files: Sequence[SourceFile]) -> None:
        workers = self._options.workers or min(os.cpu_count() or 1, _MOST_WORKERS)
        with ThreadPoolExecutor(workers, thread_name_prefix="facefolk-preview") as pool:
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._delivery.run())
                    group.create_task(self._prepare_all(files, pool))
            except BaseExceptionGroup as errors:
                raise _first(errors) from errors
            finally:
                pool.shutdown(wait=False, cancel_futures=True)

    async def _prepare_all(self, files: Sequence[SourceFile], pool: ThreadPoolExecutor) -> None:
        async with asyncio.TaskGroup() as group:
            for file in files:
                await self._places.acquire()
                group.create_task(self._prepare(file, pool))
        self._delivery.close()

    async def _prepare(self, file: SourceFile, pool: ThreadPoolExecutor) -> None:
        from facefolk.ingest.prepare import prepare

        known = self._known.get(file.asset_id, _NOTHING_KNOWN)
        loop = asyncio.get_running_loop()
        try:
            prepared = await loop.run_in_executor(
                pool, lambda: prepare(file, known=known, options=self._options)
            )
        except UnreadableFileError as error:
            self._tally.complain(file, error.message)
            self._finish()
            return
        if prepared.complaint:
            self._tally.complain(file, prepared.complaint)
        elif not prepared.submissions:
            self._tally.skip()
        if not prepared.submissions:
            self._finish()
            return
        self._frames_left[file] = len(prepared.submissions)
        for submission in prepared.submissions:
            correlation_id = str(next(self._numbers))
            self._file_of[correlation_id] = file
            self._delivery.put(replace(submission, correlation_id=correlation_id))

    def _settle(self, outcome: Outcome) -> None:
        file = self._file_of.pop(outcome.correlation_id)
        if outcome.error is not None:
            self._tally.complain(file, outcome.error.message)
        elif outcome.recognition is not None:
            self._tally.submit(len(outcome.recognition.faces))
        self._frames_left[file] -= 1
        if not self._frames_left[file]:
            del self._frames_left[file]
            self._finish()

    def _finish(self) -> None:
        self._tally.finish()
        self._places.release()


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _require_previews() -> None:
    try:
        import facefolk.ingest.prepare  # noqa: F401
    except ModuleNotFoundError as error:
        if error.name and error.name.startswith("facefolk"):
            raise
        raise MissingExtraError(
            f"Previews need {error.name}: pip install 'facefolk[preview]'."
        ) from error
