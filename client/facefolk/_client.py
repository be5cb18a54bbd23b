"""The sync client."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Self

from facefolk._apart import run_apart
from facefolk._async_client import AsyncClient
from facefolk._callers import SyncCaller
from facefolk._calls import Calls
from facefolk._calls.base import CallOptions
from facefolk._channel import Connection, Tls
from facefolk._convert.recognition import outcome_from_proto
from facefolk._convert.stream import stream_requests
from facefolk._moving import Progress, Upload, WholeFile, still_pending
from facefolk._status import errors_mapped
from facefolk.errors import UnavailableError
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


class Client(SyncCaller, Calls):
    """A client that waits for each answer; threads may share it.

    Args:
        address: HOST:PORT, `dns:///HOST:PORT` or `unix:PATH`.
        tls: how to verify the server; None for a plaintext connection.
        token: sent as a bearer token with every call.
        plaintext_token: allow a token without TLS to another machine.
        library_id: the library that calls are about.
        timeout_seconds: how long a call may take, retries included; None for no limit.
            Streams have no limit.

    Methods raise the errors of `facefolk.errors`. Calls that find the server unavailable or
    overloaded are repeated a few times by gRPC; those that change something carry an id that
    makes repeating safe.
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

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection, also for the clients that `with_options` made of this one."""
        self._channel.close()

    def check_health(self, *, timeout_seconds: float = 5.0) -> bool:
        """Tell whether the server serves; one that cannot be reached raises."""
        return self._health(timeout_seconds)

    def recognize_stream(self, submissions: Iterable[Submission]) -> Iterator[Outcome]:
        """Recognize many frames; outcomes come in any order, each with its correlation id.

        `submissions` is read by another thread, as fast as the server takes them.
        """
        replies = self._stubs.recognition.RecognizeStream(
            stream_requests(submissions, library_id=self.library_id),
            metadata=self._connection.metadata,
        )
        try:
            with errors_mapped():
                for reply in replies:
                    yield outcome_from_proto(reply)
        finally:
            replies.cancel()

    def run_round(
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
        current = self.start_round(
            mode, preview=preview, settings=settings, skip_waiting=skip_waiting
        )
        while not current.state.ended:
            try:
                for step in self.watch_round(current.round_id):
                    if progress:
                        progress(step)
            except UnavailableError:
                time.sleep(REWATCH_SECONDS)
            current = self.get_round(current.round_id)
        return self.get_round(current.round_id)

    def wait_for_erasure(
        self, erasure_id: str, *, timeout_seconds: float | None = None
    ) -> Erasure:
        """Wait until no file of the server holds what was erased, and answer the receipt.

        That is after the longest read and a minute. Past the timeout it raises DeadlineError.
        """
        end = time.monotonic() + (math.inf if timeout_seconds is None else timeout_seconds)
        while True:
            receipt = self.get_erasure(erasure_id)
            if receipt.state is ErasureState.DONE:
                return receipt
            if time.monotonic() >= end:
                raise still_pending(erasure_id)
            time.sleep(ERASURE_SECONDS)

    def export_people(
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
            for chunk in self.read_bundle(include_embedding=include_embedding):
                file.write(chunk)
                if progress is not None:
                    progress(file.written)
        return file.written

    def import_people(
        self,
        path: str | Path,
        *,
        form: ImportFormat = ImportFormat.BUNDLE,
        progress: Progress | None = None,
    ) -> Imported:
        """Import people from a bundle or JSON lines; importing again changes nothing.

        `progress` is told by another thread how many bytes have been sent.
        """
        return Upload(
            Path(path),
            self._stubs,
            metadata=self._connection.metadata,
            library_id=self.library_id,
            form=form,
            progress=progress,
        ).result()

    def ingest(
        self,
        paths: Sequence[str | Path],
        *,
        redetect: bool = False,
        progress: Callable[[IngestProgress], None] | None = None,
        options: IngestOptions = IngestOptions(),
    ) -> IngestReport:
        """Submit previews of photos and videos, skipping what the server already has.

        Does the work of `AsyncClient.ingest` in a thread of its own, which is also the one
        that calls `progress`.
        """

        async def work() -> IngestReport:
            async with AsyncClient.of(self._connection, self._options) as client:
                return await client.ingest(
                    paths, redetect=redetect, progress=progress, options=options
                )

        return run_apart(work)
