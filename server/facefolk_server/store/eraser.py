"""Erasing for good: out of sight at once, out of all files once nobody reads old ones.

LanceDB never changes a file. A row that is deleted or replaced stays where it was until its
file is written anew, and the old file stays until no version of the table names it. So an
erasure goes through the phases of `Phase`: its receipt is written down; rows are deleted,
the history is rewritten; files that hold deleted rows are written anew; and when the longest
read is over the old versions go, with whatever a killed process left lying about.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from facefolk_server.errors import StorageError
from facefolk_server.store.database import Database
from facefolk_server.store.erasures import ErasureRecord, ErasureTable, Phase, Scope
from facefolk_server.store.face_table import FaceTable
from facefolk_server.store.frame_table import FrameTable
from facefolk_server.store.intake import Intake
from facefolk_server.store.ledger import Ledger
from facefolk_server.store.records import Draft
from facefolk_server.store.redaction import Redactor, farewell
from facefolk_server.store.state import LibraryState
from facefolk_server.store.table import Table
from facefolk_server.types import Event, EventKind, Frame

Decide = Callable[[LibraryState], Draft | None]

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """What a library is made of, with the locks that keep its parts still.

    Whoever takes several locks takes them in this order: `appending`, `writing`, that of the
    tables, `reading`.
    """

    ledger: Ledger
    intake: Intake
    state: LibraryState
    frames: FrameTable
    faces: dict[str, FaceTable]
    appending: threading.Lock
    writing: threading.Lock
    reading: threading.RLock


class Eraser:
    """Brings the erasures of one library to their ends; blocking.

    Args:
        append: Appends what it is given decides as one event, by this actor; the lock for
            appending is held.
        forget: Told the sequence numbers of events whose requests are not to be repeated.
    """

    def __init__(
        self,
        database: Database,
        parts: Parts,
        *,
        append: Callable[[Decide, str], Event | None],
        forget: Callable[[set[int]], None],
        clock: Callable[[], datetime],
    ) -> None:
        self._parts = parts
        self._append = append
        self._clock = clock
        self._forget = forget
        self._table = ErasureTable(database)
        self._receipts = threading.RLock()

    @property
    def tables(self) -> tuple[Table, ...]:
        """The table of receipts, once there is one."""
        return self._table.tables

    def find(self, erasure_id: str) -> ErasureRecord | None:
        """Return a receipt, None where there is none."""
        with self._receipts:
            return self._table.find(erasure_id)

    def pending(self) -> list[ErasureRecord]:
        """Return the erasures that are not done, the oldest first."""
        with self._receipts:
            return self._table.pending()

    def erase(
        self,
        erasure_id: str,
        kind: EventKind,
        decide: Callable[[LibraryState], Scope],
        *,
        actor: str,
    ) -> ErasureRecord:
        """Erase what `decide` makes of the current state; gone from every list on return.

        An id that was used before returns its receipt. `go_on` does the rest.

        Raises:
            StorageError: It cannot be written; what has begun is brought to its end later.
        """
        with self._parts.appending:
            record = self.find(erasure_id)
            if record is not None:
                return self._carry_out(record, begun=True)
            with self._parts.reading:
                scope = decide(self._parts.state)
            record = ErasureRecord(
                erasure_id=erasure_id,
                kind=kind,
                actor=actor,
                phase=Phase.RECORDED,
                scope=scope,
                create_time=self._clock(),
                assets=len(scope.asset_ids),
                faces=len(scope.face_ids),
                people=len(scope.person_ids),
            )
            return self._carry_out(self._put(record), begun=False)

    def resume(self) -> None:
        """Take out of sight what was recorded and not hidden; for the start."""
        with self._parts.appending:
            for record in self.pending():
                try:
                    self._carry_out(record, begun=True)
                except StorageError as error:
                    _logger.warning("an erasure is tried again later: %s", error)

    def _carry_out(self, record: ErasureRecord, *, begun: bool) -> ErasureRecord:
        """Write the event of an erasure and hide what it erases, unless that is done."""
        if record.phase is not Phase.RECORDED:
            return record
        detail = {
            "erasure_id": record.erasure_id,
            "assets": str(record.assets),
            "faces": str(record.faces),
            "people": str(record.people),
        }

        def decide(state: LibraryState) -> Draft | None:
            changes = farewell(state, record.scope)
            # One that was begun may have its event already.
            return Draft(record.kind, changes, detail) if changes or not begun else None

        self._append(decide, record.actor)
        return self._hide(record)

    def _hide(self, record: ErasureRecord) -> ErasureRecord:
        scope = record.scope
        with self._parts.writing:
            with self._parts.reading:
                frames = self._diminished(scope)
            self._parts.intake.erase(scope.asset_ids, scope.face_ids, frames)
            with self._parts.reading:
                self._leave(scope, frames)
        # The snapshot comes first: events before it are not read at a start, so that nothing
        # is missed once they have been rewritten.
        if self._parts.state.sequence:
            self._parts.ledger.write_snapshot(self._parts.state, self._clock())
            self._forget(self._parts.ledger.redact(Redactor(scope)))
        return self._put(replace(record, phase=Phase.HIDDEN))

    def go_on(self, *, wait: timedelta) -> None:
        """Bring every erasure as far as it can go now.

        `wait` is how long old versions of tables may still be read.

        Raises:
            StorageError: The store cannot be written; the next turn tries again.
        """
        for pending in self.pending():
            with self._parts.appending:
                record = self._carry_out(pending, begun=True)
            if record.phase is Phase.HIDDEN:
                record = self._rewrite(record)
            if record.phase is Phase.REWRITTEN:
                self._purge(record, wait)
            elif record.phase is Phase.PURGED:
                with self._receipts:
                    self._table.finish(record, self._clock())

    def _diminished(self, scope: Scope) -> list[Frame]:
        """Return the frames that stay with fewer faces."""
        gone, assets = frozenset(scope.face_ids), frozenset(scope.asset_ids)
        tables = self._parts.faces.values()
        touched: set[tuple[str, int]] = set()
        for table in tables:
            for face_id in scope.face_ids:
                row = table.row_of(face_id)
                if row is not None and table.asset_of(row) not in assets:
                    touched.add((table.asset_of(row), table.face(row).frame_offset_us))
        frames = []
        for asset_id, offset in sorted(touched):
            frame = self._parts.frames.get(asset_id, offset)
            if frame is not None:
                faces = (f for table in tables for f in table.faces_of_frame(asset_id, offset))
                count = sum(face.face_id not in gone for face in faces)
                frames.append(replace(frame, face_count=count))
        return frames

    def _leave(self, scope: Scope, frames: list[Frame]) -> None:
        """Take faces and assets out of memory."""
        for table in self._parts.faces.values():
            table.remove(scope.face_ids)
        for asset_id in scope.asset_ids:
            self._parts.frames.remove(asset_id)
        self._parts.frames.put(frames)

    def _rewrite(self, record: ErasureRecord) -> ErasureRecord:
        versions: dict[str, int] = {}
        for tables, lock in self._locked():
            for table in tables:
                with lock:
                    versions[table.name] = table.rewrite()
        return self._put(
            replace(
                record,
                phase=Phase.REWRITTEN,
                versions=versions,
                rewrite_time=datetime.now(UTC),
            )
        )

    def _purge(self, record: ErasureRecord, wait: timedelta) -> None:
        if record.rewrite_time is None or datetime.now(UTC) < record.rewrite_time + wait:
            return
        clean = True
        for tables, lock in self._locked():
            for table in tables:
                with lock:
                    oldest = table.purge(older_than=wait)
                clean &= oldest >= record.versions.get(table.name, 0)
        if clean:
            with self._receipts:
                self._table.finish(record, self._clock())
            _logger.info("erasure %s is done", record.erasure_id)

    def _locked(self) -> Iterator[tuple[tuple[Table, ...], AbstractContextManager[object]]]:
        """Yield the tables with the lock that keeps others from writing to them."""
        yield self._parts.intake.store.tables, self._parts.intake.store.lock
        yield self._parts.ledger.tables, self._parts.appending

    def _put(self, record: ErasureRecord) -> ErasureRecord:
        with self._receipts:
            return self._table.put(record)
