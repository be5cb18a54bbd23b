"""One library: its ledger and its faces, in memory as on disk."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from facefolk_server.errors import StorageError, UnavailableError
from facefolk_server.store.batches import batch_of, take_in
from facefolk_server.store.database import Database
from facefolk_server.store.eraser import Decide, Eraser, Parts
from facefolk_server.store.face_table import FaceTable
from facefolk_server.store.frame_table import FrameTable
from facefolk_server.store.intake import JOURNAL, Intake
from facefolk_server.store.ledger import Ledger
from facefolk_server.store.neighbor_counts import CountsTable, KeptCounts
from facefolk_server.store.records import Draft, FrameWrite, TableInfo
from facefolk_server.store.requests import RequestLog
from facefolk_server.store.state import LibraryState, lease_detail
from facefolk_server.store.summaries import Summaries, Summary
from facefolk_server.store.upkeep import Upkeep
from facefolk_server.store.writer import GroupWriter
from facefolk_server.types import Event, Frame

_TRIES = 64


class Library:
    """An isolated collection of faces and people; blocking and safe for threads.

    Nothing is made on disk before the first write.

    Args:
        announce: Called before the first write of a library that is new.
    """

    def __init__(
        self,
        library_id: str,
        database: Database,
        *,
        clock: Callable[[], datetime],
        announce: Callable[[], None],
    ) -> None:
        self.library_id = library_id
        self._clock = clock
        self._announce = announce
        self._lock = threading.RLock()
        self._appending = threading.Lock()
        self._ledger = Ledger(database)
        self._state = self._ledger.load()
        self._intake = Intake(database)
        self._frames: FrameTable = self._intake.store.load_frames()
        self._faces: dict[str, FaceTable] = self._intake.store.load_faces()
        self._summaries = Summaries(self._state, self._faces)
        self._counts = CountsTable(database)
        self._counting = threading.Lock()
        self._requests = RequestLog(clock, self._ledger.requests_since)
        self._writing = threading.Lock()
        self._eraser = Eraser(
            database,
            Parts(
                self._ledger,
                self._intake,
                self._state,
                self._frames,
                self._faces,
                self._appending,
                self._writing,
                self._lock,
            ),
            append=self._append,
            forget=self._requests.forget,
            clock=clock,
        )
        self._closed = False
        name = library_id or "default"
        self._writer = GroupWriter(f"store-{name}", commit=self._commit)
        self._upkeep = Upkeep(f"upkeep-{name}", self._maintain)
        self._eraser.resume()
        if any(table.is_due for table in (*self._ledger.tables, *self._intake.store.tables)):
            self._upkeep.request()

    @contextmanager
    def read(self) -> Iterator[LibraryState]:
        """Look at the state and the faces while nothing changes; keep it short."""
        with self._lock:
            yield self._state

    def append(
        self,
        decide: Callable[[LibraryState], Draft | None],
        *,
        actor: str,
        request_id: str = "",
    ) -> Event | None:
        """Append what `decide` makes of the current state as one event; durable on return.

        `decide` may be called several times, where other servers append too. A request id
        that this actor used within 24 hours returns the event it led to.

        Raises:
            StorageError: It cannot be written.
        """
        with self._appending:
            self._check_open()
            known = self._requests.find(actor, request_id)
            if known is not None:
                return self._ledger.read(known - 1, 1)[0]
            return self._append(decide, actor, request_id)

    @property
    def eraser(self) -> Eraser:
        """What erases for good."""
        return self._eraser

    def events(self, after: int, limit: int = 1000) -> list[Event]:
        """Return up to `limit` events after a sequence number, in order."""
        return self._ledger.read(after, limit)

    def commit_detail(self, round_id: str) -> Mapping[str, str]:
        """Return the detail of the event that made a round real, empty where none did."""
        with self._lock:
            if round_id not in self._state.rounds:
                return {}
        return self._ledger.commit_detail(round_id)

    def write_frame(self, write: FrameWrite) -> Future[None]:
        """Queue a frame with its faces; the future ends when they are durable and seen."""
        return self._writer.submit(write)

    def frame(self, asset_id: str, frame_offset_us: int) -> Frame | None:
        """Return the last submission of a frame, None where there was none."""
        with self._lock:
            return self._frames.get(asset_id, frame_offset_us)

    def frames(self, asset_id: str) -> list[Frame]:
        """Return the frames of an asset in order."""
        with self._lock:
            return self._frames.of_asset(asset_id)

    def all_frames(self) -> list[Frame]:
        """Return all frames, in no order."""
        with self._lock:
            return list(self._frames)

    def thumbnail(self, face_id: str) -> bytes | None:
        """Return the picture of a face that there is, a JPEG; None where it has none."""
        with self._lock:
            if all(table.row_of(face_id) is None for table in self._faces.values()):
                return None
        return self._intake.thumbnail(face_id)

    def packs(self) -> list[str]:
        """List the packs that found faces."""
        with self._lock:
            return sorted(self._faces)

    def faces(self, pack: str) -> FaceTable:
        """Return the faces that a pack found; empty where it found none."""
        with self._lock:
            return self._faces.get(pack) or FaceTable(pack, 0)

    def summary(self, person_id: str) -> Summary:
        """Return what is counted of a person's faces."""
        with self._lock:
            return self._summaries.of(person_id)

    def neighbor_counts(self, pack: str) -> KeptCounts | None:
        """Return what the last round counted, None where nothing was kept.

        Raises:
            StorageError: It cannot be read.
        """
        with self._counting:
            return self._counts.read(pack)

    def keep_neighbor_counts(self, pack: str, kept: KeptCounts, *, departed_until: int) -> None:
        """Keep what a round counted; faces that had departed before it are forgotten.

        Raises:
            StorageError: It cannot be written.
        """
        with self._counting:
            self._check_open()
            self._announce()
            self._counts.write(pack, kept)
        with self._lock:
            self.faces(pack).forget_departed(departed_until)

    @property
    def failure(self) -> str:
        """Why frames cannot be written at present, empty where they can."""
        return self._intake.failure

    @property
    def writes_queued(self) -> int:
        """How many frames wait for a commit."""
        return self._writer.queued

    def tables(self) -> list[TableInfo]:
        """Tell about the tables."""
        prefix = self.library_id or "default"
        tables = (
            *self._ledger.tables,
            *self._intake.store.tables,
            *self._counts.tables,
            *self._eraser.tables,
        )
        waiting = replace(self._intake.waiting, name=f"{prefix}/{JOURNAL}")
        found = [table.info(f"{prefix}/{table.name}") for table in tables]
        return [*found, waiting] if waiting.rows else found

    def close(self) -> None:
        """Write what is queued; nothing is written any more."""
        self._writer.close()
        self._upkeep.close()
        self._intake.close()
        with self._appending:
            self._closed = True

    def _append(self, decide: Decide, actor: str, request_id: str = "") -> Event | None:
        self._check_open()
        for _ in range(_TRIES):
            with self._lock:
                draft = decide(self._state)
                sequence = self._state.sequence + 1
            if draft is None:
                return None
            self._announce()
            event = self._event(draft, sequence, actor, request_id)
            if self._ledger.append(event):
                self._take_in([event])
                return event
            self._take_in(self._ledger.after(sequence - 1))
        raise StorageError("Too many servers write to this library at once: try again.")

    def _event(self, draft: Draft, sequence: int, actor: str, request_id: str) -> Event:
        lease = lease_detail(draft.lease) if draft.lease else {}
        return Event(
            sequence=sequence,
            kind=draft.kind,
            actor=actor,
            time=self._clock(),
            changes=draft.changes,
            request_id=request_id,
            detail={**draft.detail, **lease},
        )

    def _take_in(self, events: Iterator[Event] | Sequence[Event]) -> None:
        for event in events:
            with self._lock:
                self._state.apply(event)
                self._summaries.forget_changed(event.changes)
            self._requests.note(event)
        due = any(table.is_due for table in self._ledger.tables)
        if due or self._ledger.wants_snapshot(self._state.sequence):
            self._upkeep.request()

    def _commit(self, writes: Sequence[FrameWrite]) -> None:
        self._announce()
        with self._writing:
            self._write(writes)
        self._upkeep.request(within=self._intake.seconds_left)

    def _write(self, writes: Sequence[FrameWrite]) -> None:
        with self._lock:
            batch = batch_of(writes, self._faces, self._frames)
        self._intake.commit(batch)
        with self._lock:
            take_in(batch, self._faces, self._frames, self._summaries)

    def _maintain(self) -> None:
        """Bring frames to the tables, compact one that needs it, and write a due snapshot."""
        self._intake.settle()
        due = [table for table in self._intake.store.tables if table.is_due]
        if due:
            with self._intake.store.lock:
                due[0].compact()
            self._upkeep.request()
            return
        ledger_due = [table for table in self._ledger.tables if table.is_due]
        if not ledger_due and not self._ledger.wants_snapshot(self._state.sequence):
            return
        with self._appending:
            if self._ledger.wants_snapshot(self._state.sequence):
                self._ledger.write_snapshot(self._state, self._clock())
            for table in ledger_due:
                table.compact()

    def _check_open(self) -> None:
        if self._closed:
            raise UnavailableError("The store is closed: the server stops.")
