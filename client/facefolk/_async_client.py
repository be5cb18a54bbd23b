"""The async client."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self, TypeVar

from facefolk._callers import AsyncCaller
from facefolk._calls import Calls
from facefolk._calls.base import CallOptions
from facefolk._channel import Connection, Stubs, Tls
from facefolk._convert.recognition import outcome_from_proto
from facefolk._convert.stream import async_stream_requests
from facefolk._moving import Progress, Upload, WholeFile, still_pending
from facefolk._status import errors_mapped
from facefolk.errors import UnavailableError
from facefolk.ingest.ingestion import ingest
from facefolk.ingest.report import IngestOptions, IngestProgress, IngestReport
from facefolk.types import (
    Erasure,
    ErasureState,
    Imported,
    ImportFormat,
    Outcome,
    Round,
    RoundMode,
    RoundSettings,
    Submission,
)

REWATCH_SECONDS = 0.5
ERASURE_SECONDS = 1.0
REFUSAL_SECONDS = 0.1

T = TypeVar("T")


class AsyncClient(AsyncCaller, Calls):
    """A client for asyncio, to be made and used within one event loop.

    The arguments and methods are those of `Client`; calls answer awaitables, lists and
    streams async iterators.
    """

    def __init__(
        self,
        address: str,
        *,
        tls: Tls | None = None,
        token: str = "",
        plaintext_token: bool = False,
        library_id: str = "",
        timeout_seconds: float | None = 60.0,
    ) -> None:
        super().__init__(
            Connection(address, tls, token, plaintext_token),
            CallOptions(library_id, timeout_seconds),
        )

    @classmethod
    def of(cls, connection: Connection, options: CallOptions) -> Self:
        """Return a client of a connection that is described already."""
        client = cls.__new__(cls)
        AsyncCaller.__init__(client, connection, options)
        return client

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connection, also for the clients that `with_options` made of this one."""
        await self._channel.close()

    async def check_health(self, *, timeout_seconds: float = 5.0) -> bool:
        """Tell whether the server serves; one that cannot be reached raises."""
        return await self._health(timeout_seconds)

    async def recognize_stream(
        self, submissions: AsyncIterable[Submission] | Iterable[Submission]
    ) -> AsyncIterator[Outcome]:
        """Recognize many frames; outcomes come in any order, each with its correlation id."""
        ended = asyncio.Event()
        replies = self._stubs.recognition.RecognizeStream(
            _begun_late(async_stream_requests(submissions, library_id=self.library_id), ended),
            metadata=self._connection.metadata,
        )
        replies.add_done_callback(lambda _: ended.set())
        try:
            with errors_mapped():
                async for reply in replies:
                    yield outcome_from_proto(reply)
        finally:
            replies.cancel()

    async def run_round(
        self,
        mode: RoundMode = RoundMode.MISSING,
        *,
        preview: bool = False,
        settings: RoundSettings = RoundSettings(),
        skip_waiting: bool = False,
        progress: Callable[[Round], None] | None = None,
    ) -> Round:
        """Start a round, wait for its end, and answer it with what it changed or would change.

        Look at `state` for how it ended. `progress` is called whenever the round goes on. A
        `preview` is made real by `commit_round`; `settings` are for previews alone.
        """
        current = await self.start_round(
            mode, preview=preview, settings=settings, skip_waiting=skip_waiting
        )
        while not current.state.ended:
            try:
                async for step in self.watch_round(current.round_id):
                    if progress:
                        progress(step)
            except UnavailableError:
                await asyncio.sleep(REWATCH_SECONDS)
            current = await self.get_round(current.round_id)
        return await self.get_round(current.round_id)

    async def wait_for_erasure(
        self, erasure_id: str, *, timeout_seconds: float | None = None
    ) -> Erasure:
        """Wait until no file of the server holds what was erased, and answer the receipt.

        That is after the longest read and a minute. Past the timeout it raises DeadlineError.
        """
        end = time.monotonic() + (math.inf if timeout_seconds is None else timeout_seconds)
        while True:
            receipt = await self.get_erasure(erasure_id)
            if receipt.state is ErasureState.DONE:
                return receipt
            if time.monotonic() >= end:
                raise still_pending(erasure_id)
            await asyncio.sleep(ERASURE_SECONDS)

    async def export_people(
        self,
        path: str | Path,
        *,
        include_embedding: bool = False,
        progress: Progress | None = None,
    ) -> int:
        """Write the people of the library to a file, which appears once it is whole.

        Answers its bytes; `progress` is told them as they come.
        """
        with WholeFile(Path(path)) as file:
            async for chunk in self.read_bundle(include_embedding=include_embedding):
                await asyncio.to_thread(file.write, chunk)
                if progress is not None:
                    progress(file.written)
        return file.written

    async def import_people(
        self,
        path: str | Path,
        *,
        form: ImportFormat = ImportFormat.BUNDLE,
        progress: Progress | None = None,
    ) -> Imported:
        """Import people from a bundle or JSON lines; importing again changes nothing.

        `progress` is told by another thread how many bytes have been sent.
        """
        channel = self._connection.open()
        try:
            upload = Upload(
                Path(path),
                Stubs.over(channel),
                metadata=self._connection.metadata,
                library_id=self.library_id,
                form=form,
                progress=progress,
            )
            try:
                return await asyncio.to_thread(upload.result)
            finally:
                upload.cancel()
        finally:
            channel.close()

    async def ingest(
        self,
        paths: Sequence[str | Path],
        *,
        redetect: bool = False,
        progress: Callable[[IngestProgress], None] | None = None,
        options: IngestOptions = IngestOptions(),
    ) -> IngestReport:
        """Submit previews of photos and videos, skipping what the server already has.

        Folders are walked. An asset's id is the path below the folder given. Broken files are
        listed in the report; a server that goes away is waited for.

        Args:
            paths: files and folders.
            redetect: send what the server already has too.
            progress: called after each file.
            options: sizes, numbers and patience.

        Raises:
            IngestInterruptedError: the server stayed away for longer than the patience.
            MissingExtraError: `pip install 'facefolk[preview]'` has not been done.
        """
        return await ingest(self, paths, redetect=redetect, progress=progress, options=options)


async def _begun_late(requests: AsyncIterator[T], ended: asyncio.Event) -> AsyncIterator[T]:
    """Yield requests, but leave a server that refuses the stream the time to say so.

    Where a write meets the end of a call whose status has not been read yet, grpc.aio says
    INTERNAL in place of that status.
    """
    with suppress(TimeoutError):
        await asyncio.wait_for(ended.wait(), REFUSAL_SECONDS)
        return
    async for request in requests:
        yield request
