"""Where frames come in: at once into a journal, a little later into the tables.

A commit of LanceDB takes some 20 ms of a processor and, where it is synced, 90 ms, however few
rows it has; a record of the journal takes 2 and 4. So frames are durable as soon as they are in
the journal, and all that came within some seconds goes to the tables in one commit. A file of
the journal goes when its rows are in the tables; writing them again changes nothing, so that
it does not matter when a server is killed. In a bucket there is no journal.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock

from facefolk_server.errors import StorageError
from facefolk_server.store.batches import Batch
from facefolk_server.store.database import Database
from facefolk_server.store.frames import FrameStore
from facefolk_server.store.journal import Journal, JournalFile
from facefolk_server.store.records import TableInfo
from facefolk_server.store.row_groups import RowGroup, decode, merged
from facefolk_server.store.table import storage_errors
from facefolk_server.types import Frame

JOURNAL = "journal"

# What waits is moved after this time, or when it is so much.
_SECONDS = 5.0
_MUCH_BYTES = 8 << 20
_MUCH_FRAMES = 1000
# Where moving does not keep up, or failed, the next commit waits for it.
_MOST_BYTES = 4 * _MUCH_BYTES
_MOST_FRAMES = 4 * _MUCH_FRAMES

_logger = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class _Part:
    """A file of the journal with its rows that no table has yet."""

    file: JournalFile
    groups: list[RowGroup] = field(default_factory=list)
    thumbnails: dict[str, bytes] = field(default_factory=dict)
    frames: int = 0


class Intake:
    """The frames of a library on their way to its tables; blocking and safe for threads.

    What servers that are gone left in their journals is brought to the tables first.

    Raises:
        StorageError: A journal is damaged, or its rows cannot be written.
    """

    def __init__(self, database: Database) -> None:
        self.store = FrameStore(database)
        """The tables, which do not have what waits."""
        path = database.path
        self._journal = Journal(path / JOURNAL, synced=database.syncs) if path else None
        # Replaced and never changed, for those who look for thumbnails without a lock.
        self._parts: tuple[_Part, ...] = ()
        self._is_open = False  # whether the last part takes more
        self._appending = Lock()
        self._failure = ""
        if self._journal is not None:
            frames = self._recover(self._journal)
            if frames:
                _logger.info("%s: %d frames that a server left in its journal", path, frames)

    @property
    def failure(self) -> str:
        """Why the last try to write failed, empty where it did not."""
        return self._failure

    @property
    def seconds_left(self) -> float:
        """How soon `settle` should be called."""
        waiting = self.waiting
        much = waiting.size_bytes >= _MUCH_BYTES or waiting.rows >= _MUCH_FRAMES
        return 0.0 if much or self._journal is None else _SECONDS

    @property
    def waiting(self) -> TableInfo:
        """Tell about the journal as if it were a table; its rows are frames."""
        parts = self._parts
        frames = sum(part.frames for part in parts)
        return TableInfo(JOURNAL, frames, 0, sum(part.file.size for part in parts))

    def commit(self, batch: Batch) -> None:
        """Take frames in; durable on return.

        Raises:
            StorageError: They are not written; or in a bucket not all of them.
        """
        group = batch.rows()
        if self._journal is None:
            self.store.write(group)
            return
        waiting = self.waiting
        full = waiting.size_bytes >= _MOST_BYTES or waiting.rows >= _MOST_FRAMES
        if full or self._failure:
            self.settle()
        with self._appending:
            try:
                with storage_errors("the journal of frames cannot be written"):
                    part = self._open_part(self._journal)
                    part.file.append(group.encode())
            except StorageError as error:
                # Nothing may come after what may be half a record.
                self._failure, self._is_open = error.message, False
                raise
            part.groups.append(group)
            part.frames += len(batch.frames)
            part.thumbnails.update(batch.thumbnails)

    def thumbnail(self, face_id: str) -> bytes | None:
        """Return the picture of a face, None where there is none."""
        for part in reversed(self._parts):
            if (jpeg := part.thumbnails.get(face_id)) is not None:
                return jpeg
        return self.store.thumbnail(face_id)

    def settle(self) -> None:
        """Bring what waits to the tables.

        Raises:
            StorageError: Not all of it is there; the rest still waits.
        """
        with self.store.lock:
            with self._appending:
                parts, self._is_open = self._parts, False
            try:
                for part in parts:
                    self._move(part)
            except StorageError as error:
                self._failure = error.message
                raise
            self._failure = ""

    def erase(
        self, asset_ids: Sequence[str], face_ids: Sequence[str], frames: Sequence[Frame]
    ) -> None:
        """Remove rows from the tables, as `FrameStore.erase` does, and from the journal.

        Nobody may commit meanwhile.

        Raises:
            StorageError: Not all of it is removed; the same again removes the rest.
        """
        with self.store.lock:
            self.settle()
            self.store.erase(asset_ids, face_ids, frames)

    def close(self) -> None:
        """Bring what waits to the tables; what cannot be is there at the next start."""
        try:
            self.settle()
        except StorageError as error:
            _logger.error("frames are left in the journal for the next start: %s", error)
        for part in self._parts:
            part.file.release()

    def _open_part(self, journal: Journal) -> _Part:
        if not self._is_open:
            self._parts = (*self._parts, _Part(journal.make()))
            self._is_open = True
        return self._parts[-1]

    def _move(self, part: _Part) -> None:
        """Bring a part that takes no more to the tables."""
        try:
            for group in merged(part.groups):
                self.store.write(group)
        except StorageError:
            part.groups = [group.again() for group in part.groups]
            raise
        part.groups = []
        with storage_errors("a file of the journal cannot be removed"):
            part.file.drop()
        with self._appending:
            self._parts = tuple(other for other in self._parts if other is not part)

    def _recover(self, journal: Journal) -> int:
        """Bring what others left to the tables, and return how many frames that were."""
        frames = 0
        with storage_errors("the journal of frames cannot be read"):
            for file in journal.left():
                try:
                    part = _Part(file, [decode(record) for record in file.records()])
                    frames += sum(len(group.frames) for group in part.groups)
                    self._move(part)
                finally:
                    file.release()
        return frames
