"""The ledger: one append-only table of events, whose tail is a compare-and-swap.

An event is appended as `sequence = last + 1` by a conditional insert on the key; whoever
inserts nothing has lost a race, reads what came before and decides again. Every so often the
state is written down as a snapshot, so that a start reads few events.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pyarrow as pa

from facefolk_server.store.codec import (
    EVENT_SCHEMA,
    event_row,
    read_changes,
    read_event,
    read_round,
    round_json,
    snapshot_row,
)
from facefolk_server.store.database import Database
from facefolk_server.store.records import Lease
from facefolk_server.store.redaction import Redactor
from facefolk_server.store.state import LibraryState
from facefolk_server.store.table import Table
from facefolk_server.types import (
    UNPLACED,
    Changes,
    Event,
    EventKind,
    MarkChange,
    PersonChange,
    PlacementChange,
    RecognitionSettings,
    SettingsChange,
)

LEDGER = "ledger"
SNAPSHOTS = "snapshots"

_KEY = "sequence"
_READ_AT_ONCE = 1000
_EVENTS_BETWEEN_SNAPSHOTS = 512


class Ledger:
    """The events of one library; one thread at a time appends, any may read."""

    def __init__(self, database: Database) -> None:
        self._database = database
        names = set(database.names())
        self._events = database.open(LEDGER) if LEDGER in names else None
        self._snapshots = database.open(SNAPSHOTS) if SNAPSHOTS in names else None
        self._snapshot_at = 0

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables that exist."""
        return tuple(table for table in (self._events, self._snapshots) if table is not None)

    def load(self) -> LibraryState:
        """Return the state after the last event.

        Raises:
            StorageError: It cannot be read.
        """
        state = LibraryState()
        self._restore(state)
        self._snapshot_at = state.sequence
        for event in self.after(state.sequence):
            state.apply(event)
        return state

    def after(self, sequence: int) -> Iterator[Event]:
        """Yield the events after this one in order."""
        while events := self.read(sequence, _READ_AT_ONCE):
            yield from events
            sequence = events[-1].sequence

    def read(self, after: int, limit: int) -> list[Event]:
        """Return up to `limit` events after one in order."""
        if self._events is None:
            return []
        where = f"{_KEY} > {after} AND {_KEY} <= {after + limit}"
        rows = self._events.rows(where=where)
        return sorted(map(read_event, rows), key=lambda event: event.sequence)

    def append(self, event: Event) -> bool:
        """Append an event; false where another one has its number.

        Raises:
            StorageError: It is not known whether it was written.
        """
        if self._events is None:
            self._events = self._database.create(LEDGER, EVENT_SCHEMA, [_KEY])
        return self._events.insert(event_row(event), _KEY) == 1

    def commit_detail(self, round_id: str) -> dict[str, str]:
        """Return the detail of the event that made a round real, empty where none did."""
        if self._events is None:
            return {}
        committed = EventKind.ROUND_COMMITTED.value
        where = f"kind = '{committed}' AND changes LIKE '%\"round_id\":\"{round_id}\"%'"
        rows = self._events.rows(["detail"], where=where)
        return dict(json.loads(rows[0]["detail"])) if rows else {}

    def requests_since(self, time: datetime) -> list[tuple[str, str, int, datetime]]:
        """Return actor, request id, sequence and time of what was asked for since then."""
        if self._events is None:
            return []
        wanted = f"request_id != '' AND time >= timestamp '{time.astimezone(UTC):%F %T}'"
        columns = ["actor", "request_id", _KEY, "time"]
        rows = self._events.rows(columns, where=wanted)
        return sorted((row["actor"], row["request_id"], row[_KEY], row["time"]) for row in rows)

    def wants_snapshot(self, sequence: int) -> bool:
        """Tell whether many events came after the last snapshot."""
        return sequence - self._snapshot_at >= _EVENTS_BETWEEN_SNAPSHOTS

    def write_snapshot(self, state: LibraryState, time: datetime) -> None:
        """Write the state down and remove older snapshots; nobody may change it meanwhile."""
        if self._snapshots is None:
            self._snapshots = self._database.create(SNAPSHOTS, EVENT_SCHEMA, [_KEY])
        detail = {
            "rounds": json.dumps([round_json(record) for record in state.rounds.values()]),
            "merged": json.dumps(dict(state.merged)),
            "answers": state.answers.told(),
        }
        if state.lease is not None:
            lease = [state.lease.round_id, state.lease.holder, state.lease.expires.isoformat()]
            detail["lease"] = json.dumps(lease)
        row = snapshot_row(state.sequence, _all_of(state), detail, time)
        self._snapshots.upsert(row, [_KEY])
        self._snapshots.delete_where(f"{_KEY} < {state.sequence}")
        self._snapshot_at = state.sequence

    def redact(self, redactor: Redactor) -> set[int]:
        """Take what is erased out of all events and return the numbers of those changed.

        Nobody may append meanwhile. The files still hold what the events were.
        """
        changed: set[int] = set()
        sequence = 0
        while self._events is not None and (events := self.read(sequence, _READ_AT_ONCE)):
            told = [redactor.event(event) for event in events]
            rows = [new for new, old in zip(told, events, strict=True) if new is not old]
            if rows:
                self._events.upsert(pa.concat_tables(map(event_row, rows)), [_KEY])
                changed.update(event.sequence for event in rows)
            sequence = events[-1].sequence
        return changed

    def _restore(self, state: LibraryState) -> None:
        rows = self._snapshots.rows() if self._snapshots is not None else []
        if not rows:
            return
        row = max(rows, key=lambda row: int(row[_KEY]))
        detail = json.loads(row["detail"])
        rounds = [read_round(one) for one in json.loads(detail["rounds"])]
        lease = None
        if "lease" in detail:
            round_id, holder, expires = json.loads(detail["lease"])
            lease = Lease(round_id, holder, datetime.fromisoformat(expires))
        state.restore(
            row[_KEY],
            read_changes(row),
            rounds={record.round_id: record for record in rounds},
            merged=json.loads(detail["merged"]),
            lease=lease,
            answers=detail.get("answers"),
        )


def _all_of(state: LibraryState) -> Changes:
    """Return the changes that make the state out of nothing."""
    return Changes(
        placements=tuple(
            PlacementChange(face_id, UNPLACED, place)
            for face_id, place in state.placements.items()
        ),
        people=tuple(
            PersonChange(person.person_id, None, person) for person in state.people.values()
        ),
        marks=tuple(
            MarkChange(mark, added=True) for marks in state.marked.values() for mark in marks
        ),
        settings=SettingsChange(RecognitionSettings(), state.settings),
    )
