"""Bundles of people on their way between the server and files, and erasures that take long."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from facefolk._channel import Stubs
from facefolk._convert.moving import import_requests, imported_from_proto
from facefolk._status import errors_mapped
from facefolk.errors import DeadlineError, UnreadableFileError, UsageError
from facefolk.types import Imported, ImportFormat

CHUNK_BYTES: Final = 256 * 1024
Progress = Callable[[int], None]


class WholeFile:
    """A file that appears under its name once it is whole, for its owner's eyes alone."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.written = 0

    def __enter__(self) -> Self:
        try:
            self._part = tempfile.NamedTemporaryFile(  # closed at the end
                dir=self._path.parent, prefix=f".{self._path.name}.", delete=False
            )
        except OSError as error:
            raise self._unwritable(error) from error
        return self

    def write(self, data: bytes) -> None:
        """Write the next bytes."""
        try:
            self.written += self._part.write(data)
        except OSError as error:
            raise self._unwritable(error) from error

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        part = Path(self._part.name)
        try:
            with self._part:
                if error is None:
                    self._part.flush()
                    os.fsync(self._part.fileno())
            if error is None:
                part.replace(self._path)
        except OSError as reason:
            raise self._unwritable(reason) from reason
        finally:
            part.unlink(missing_ok=True)

    def _unwritable(self, error: OSError) -> UsageError:
        return UsageError(f"{self._path} cannot be written: {error.strerror}.")


class Upload:
    """A file on its way to the server, sent piece by piece by a thread of gRPC's.

    Calls of grpc.aio say INTERNAL where the server refuses a stream halfway, in place of why;
    so both clients send over a channel of this kind.
    """

    def __init__(
        self,
        path: Path,
        stubs: Stubs,
        *,
        metadata: Any,
        library_id: str,
        form: ImportFormat,
        progress: Progress | None,
    ) -> None:
        self._path = path
        self._progress = progress
        self._trouble: OSError | None = None
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise self._unreadable(error) from error
        requests = import_requests(self._chunks(), library_id=library_id, form=form)
        self._call = stubs.admin.ImportPeople.future(requests, metadata=metadata)

    def result(self) -> Imported:
        """Wait for the end and return what the import did; leaving early ends it."""
        try:
            with errors_mapped():
                return imported_from_proto(self._call.result())
        except BaseException:
            if self._trouble is not None:
                raise self._unreadable(self._trouble) from self._trouble
            raise
        finally:
            self.cancel()

    def cancel(self) -> None:
        """End it where it is."""
        self._call.cancel()
        self._file.close()

    def _chunks(self) -> Iterator[bytes]:
        sent = 0
        try:
            while chunk := self._file.read(CHUNK_BYTES):
                yield chunk
                sent += len(chunk)
                if self._progress is not None:
                    self._progress(sent)
        except OSError as error:
            self._trouble = error
            self._call.cancel()  # half a file is not to be imported
        except ValueError:  # closed: the call has ended
            return

    def _unreadable(self, error: OSError) -> UnreadableFileError:
        return UnreadableFileError(f"{self._path} cannot be read: {error.strerror}.")


def still_pending(erasure_id: str) -> DeadlineError:
    """Return the error that tells of an erasure which is not done in time."""
    return DeadlineError(
        f"Erasure {erasure_id} is still pending; it goes on by itself.",
        reason="ERASURE_PENDING",
        metadata={"erasure_id": erasure_id},
    )
