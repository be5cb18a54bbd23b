"""The store: libraries side by side, and what belongs to the server as a whole."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from facefolk_server.errors import StorageError, UnavailableError
from facefolk_server.store.database import Database, Durability, Place
from facefolk_server.store.library import Library
from facefolk_server.store.records import StoreStatus
from facefolk_server.store.table import Table

SCHEMA_VERSION = "3"
OLDER_VERSIONS = frozenset({"1", "2"})
"""Versions whose tables get what they lack when they are opened."""
LIBRARIES = "libraries"
META = "meta"

_SCHEMA_KEY = "schema_version"
_PACK_KEY = "pack"
_DIGEST_KEY = "pack_digest"
_BACKUP_KEY = "backup/"
_META_SCHEMA = pa.schema(
    [
        pa.field("key", pa.string(), nullable=False),
        pa.field("value", pa.string(), nullable=False),
    ]
)
_LIBRARY_SCHEMA = pa.schema(
    [
        pa.field("library_id", pa.string(), nullable=False),
        pa.field("create_time", pa.timestamp("us", tz="UTC"), nullable=False),
    ]
)


class Store:
    """Everything that is kept; blocking and safe for threads.

    Each library is a LanceDB database of its own under `libraries/`; the database at the top
    lists them, and holds the schema version and the pack that was chosen.
    """

    def __init__(self, place: Place, *, clock: Callable[[], datetime]) -> None:
        self._place = place
        self._clock = clock
        self._lock = threading.Lock()
        self._loading: dict[str, threading.Lock] = {}
        self._database = Database(place)
        names = set(self._database.names())
        self._meta = self._table(META, _META_SCHEMA, "key", names)
        self._known = self._table(LIBRARIES, _LIBRARY_SCHEMA, "library_id", names)
        self._check_schema()
        # Libraries that have something are kept; others only as long as somebody holds them.
        self._kept: dict[str, Library] = {}
        self._held: weakref.WeakValueDictionary[str, Library] = weakref.WeakValueDictionary()
        self._ids = {row["library_id"] for row in self._known.rows()}
        self._closed = False

    @classmethod
    def open(
        cls,
        uri: str | Path,
        *,
        durability: Durability = "power",
        storage_options: Mapping[str, str] | None = None,
        clock: Callable[[], datetime] | None = None,
    ) -> Store:
        """Open the store at a directory or the address of a bucket; make it where it is new.

        Raises:
            StorageError: It cannot be read or written, or a newer version made it.
        """
        place = Place(str(uri), durability, storage_options)
        return cls(place, clock=clock or (lambda: datetime.now(UTC)))

    def opened(self, library_id: str) -> Library | None:
        """Return a library that was read before, at once; None where it was not."""
        with self._lock:
            return self._held.get(library_id)

    def library(self, library_id: str) -> Library:
        """Return a library, read from disk the first time; one that is new is empty.

        Raises:
            StorageError: It cannot be read.
            UnavailableError: The store is closed.
        """
        with self._lock:
            found = self._held.get(library_id)
            if found is not None:
                return found
            loading = self._loading.setdefault(library_id, threading.Lock())
        with loading:
            with self._lock:
                found = self._held.get(library_id)
                if found is not None:
                    return found
                if self._closed:
                    raise UnavailableError("The store is closed: the server stops.")
            library = Library(
                library_id,
                Database(self._place / "libraries" / _folder(library_id)),
                clock=self._clock,
                announce=lambda: self._announce(library_id),
            )
            with self._lock:
                self._held[library_id] = library
                if library_id in self._ids:
                    self._kept[library_id] = library
                self._loading.pop(library_id, None)
            return library

    def library_ids(self) -> list[str]:
        """List the libraries that something was written to."""
        with self._lock:
            return sorted(self._ids)

    def status(self) -> StoreStatus:
        """Tell about tables and queues."""
        with self._lock:
            libraries = list(self._kept.values())
        return StoreStatus(
            tables=tuple(info for library in libraries for info in library.tables()),
            writes_queued=sum(library.writes_queued for library in libraries),
            failures=tuple(
                f"Library {one.library_id!r} takes no frames at present: {one.failure}"
                for one in libraries
                if one.failure
            ),
        )

    def read_pin(self) -> str | None:
        """Return the pack that `auto` became, None before the choice."""
        return self._read_meta().get(_PACK_KEY)

    def write_pin(self, name: str, digest: str) -> str:
        """Keep what `auto` became and return the choice that holds, the first one."""
        self._write_meta({_PACK_KEY: name, _DIGEST_KEY: digest})
        return self._read_meta()[_PACK_KEY]

    def note_backup(self, name: str) -> None:
        """Remember that a backup was made now, which holds what is erased later."""
        self._write_meta({f"{_BACKUP_KEY}{name}": self._clock().isoformat()})

    def backups(self) -> dict[str, datetime]:
        """Return when each backup was made."""
        return {
            key.removeprefix(_BACKUP_KEY): datetime.fromisoformat(value)
            for key, value in self._read_meta().items()
            if key.startswith(_BACKUP_KEY)
        }

    def close(self) -> None:
        """Write what is queued; nothing is written any more."""
        with self._lock:
            self._closed = True
            libraries = list(self._held.values())
        for library in libraries:
            library.close()

    def _announce(self, library_id: str) -> None:
        with self._lock:
            if library_id in self._ids:
                return
        row = {"library_id": [library_id], "create_time": [self._clock()]}
        self._known.insert(pa.table(row, schema=_LIBRARY_SCHEMA), "library_id")
        with self._lock:
            self._ids.add(library_id)
            self._kept[library_id] = self._held[library_id]

    def _table(self, name: str, schema: pa.Schema, key: str, names: set[str]) -> Table:
        if name in names:
            return self._database.open(name)
        return self._database.create(name, schema, [key])

    def _check_schema(self) -> None:
        found = self._read_meta().get(_SCHEMA_KEY)
        if found is None:
            self._write_meta({_SCHEMA_KEY: SCHEMA_VERSION})
        elif found in OLDER_VERSIONS:
            rows = {"key": [_SCHEMA_KEY], "value": [SCHEMA_VERSION]}
            self._meta.upsert(pa.table(rows, schema=_META_SCHEMA), ["key"])
        elif found != SCHEMA_VERSION:
            raise StorageError(
                f"The store at {self._place.uri} is of schema version {found}, this server "
                f"knows version {SCHEMA_VERSION}: start the version that made it, or a newer "
                "one."
            )

    def _read_meta(self) -> dict[str, str]:
        return {row["key"]: row["value"] for row in self._meta.rows()}

    def _write_meta(self, values: dict[str, str]) -> None:
        rows: dict[str, Any] = {"key": list(values), "value": list(values.values())}
        self._meta.insert(pa.table(rows, schema=_META_SCHEMA), "key")


def _folder(library_id: str) -> str:
    """Return the name of a library's folder, safe in any file system and address."""
    return f"id-{library_id}" if library_id else "default"
