"""What is being erased, and the receipts of it.

The receipt of an erasure is written before anything is removed, with all that is to go, so
that a server which dies in the middle goes on with it. Those ids are traces themselves: they
leave the receipt before it says that the erasure is done.
"""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from facefolk_server.store.database import Database
from facefolk_server.store.table import Table
from facefolk_server.types import EventKind

ERASURES = "erasures"

_KEY = "erasure_id"
_SCHEMA = pa.schema(
    [
        pa.field(_KEY, pa.string(), nullable=False),
        pa.field("phase", pa.int8(), nullable=False),
        pa.field("create_time", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("rest", pa.string(), nullable=False),
    ]
)
# For so long a process tells what was erased after it is done.
_REMEMBERED = timedelta(days=1)
# Nobody but the library itself reads receipts, under its lock.
_AT_ONCE = timedelta(milliseconds=1)


class Phase(enum.IntEnum):
    """How far an erasure is; the numbers are stored."""

    RECORDED = 1
    """Written down; not everything is out of sight."""
    HIDDEN = 2
    """In no row of any table any more."""
    REWRITTEN = 3
    """In none of the files that the tables are made of now."""
    PURGED = 4
    """In no file at all but for the receipt."""
    DONE = 5
    """Nowhere."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is erased: whole assets, faces, and people with those merged into them."""

    asset_ids: tuple[str, ...] = ()
    face_ids: tuple[str, ...] = ()
    person_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ErasureRecord:
    """One erasure: what is or was removed, how much of it, how far it is.

    `versions` are those of the tables from which on their files are free of it, written at
    `rewrite_time` by the clock of the machine, as the times of LanceDB's versions are.
    """

    erasure_id: str
    kind: EventKind
    actor: str
    phase: Phase
    scope: Scope
    create_time: datetime
    done_time: datetime | None = None
    rewrite_time: datetime | None = None
    versions: dict[str, int] = field(default_factory=dict)
    assets: int = 0
    faces: int = 0
    people: int = 0


class ErasureTable:
    """The receipts of one library; used by one thread at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        known = ERASURES in database.names()
        self._table = database.open(ERASURES) if known else None
        self._records = {}
        for row in self._table.rows() if self._table is not None else ():
            self._records[row[_KEY]] = _read(row)

    @property
    def tables(self) -> tuple[Table, ...]:
        """The table, once there is one."""
        return () if self._table is None else (self._table,)

    def find(self, erasure_id: str) -> ErasureRecord | None:
        """Return a receipt, None where there is none."""
        return self._records.get(erasure_id)

    def pending(self) -> list[ErasureRecord]:
        """Return the erasures that are not done, the oldest first."""
        found = [r for r in self._records.values() if r.phase is not Phase.DONE]
        return sorted(found, key=lambda record: record.create_time)

    def put(self, record: ErasureRecord) -> ErasureRecord:
        """Write a receipt down; durable on return."""
        self._write(record)
        self._records[record.erasure_id] = record
        return record

    def finish(self, record: ErasureRecord, now: datetime) -> ErasureRecord:
        """Take the ids out of a receipt, and then say that it is done.

        What was erased is still told for a day, out of memory.
        """
        bare = replace(record, phase=Phase.PURGED, scope=Scope(), versions={})
        self._write(bare)
        table = self._open()
        table.rewrite()
        table.purge(older_than=_AT_ONCE)
        self._write(replace(bare, phase=Phase.DONE, done_time=now))
        done = replace(record, phase=Phase.DONE, done_time=now)
        self._records[record.erasure_id] = done
        self._forget(now)
        return done

    def _forget(self, now: datetime) -> None:
        for record in list(self._records.values()):
            if record.done_time is not None and record.done_time + _REMEMBERED <= now:
                self._records[record.erasure_id] = replace(record, scope=Scope())

    def _write(self, record: ErasureRecord) -> None:
        self._open().upsert(_row(record), [_KEY])

    def _open(self) -> Table:
        if self._table is None:
            self._table = self._database.create(ERASURES, _SCHEMA, [_KEY])
        return self._table


def _row(record: ErasureRecord) -> pa.Table:
    rest = {
        "kind": record.kind,
        "actor": record.actor,
        "versions": record.versions,
        "done_time": record.done_time.isoformat() if record.done_time else None,
        "rewrite_time": record.rewrite_time.isoformat() if record.rewrite_time else None,
        "counts": [record.assets, record.faces, record.people],
        "scope": {one.name: getattr(record.scope, one.name) for one in fields(Scope)},
    }
    values = {
        _KEY: [record.erasure_id],
        "phase": [int(record.phase)],
        "create_time": [record.create_time.astimezone(UTC)],
        "rest": [json.dumps(rest, ensure_ascii=False)],
    }
    return pa.table(values, schema=_SCHEMA)


def _read(row: dict[str, Any]) -> ErasureRecord:
    rest = json.loads(row["rest"])
    assets, faces, people = rest["counts"]
    return ErasureRecord(
        erasure_id=row[_KEY],
        kind=EventKind(rest["kind"]),
        actor=rest["actor"],
        phase=Phase(row["phase"]),
        scope=Scope(**{name: tuple(ids) for name, ids in rest["scope"].items()}),
        create_time=row["create_time"],
        done_time=_time(rest["done_time"]),
        rewrite_time=_time(rest["rewrite_time"]),
        versions=rest["versions"],
        assets=assets,
        faces=faces,
        people=people,
    )


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
