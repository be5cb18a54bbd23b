"""LanceDB databases as the store uses them: where they lie, and their tables."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from facefolk_server.store.disk import TableFiles
from facefolk_server.store.quick_import import import_lancedb
from facefolk_server.store.table import Table, storage_errors

lancedb = import_lancedb()

Durability = Literal["process", "power"]

# A commit, or the two steps of a compaction, may have been under way when the power went.
_TORN_AT_MOST = 3
_CACHE_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class Place:
    """Where databases lie and how they are written.

    `uri` is a local directory or the address of a bucket. `durability` is what commits to a
    local directory survive; object stores answer once the data is safe.
    """

    uri: str
    durability: Durability = "power"
    storage_options: Mapping[str, str] | None = None

    def __truediv__(self, name: str) -> Place:
        """Return the place of this name inside."""
        inner = f"{self.uri.rstrip('/')}/{name}"
        return Place(inner, self.durability, self.storage_options)

    @property
    def path(self) -> Path | None:
        """The local directory, None for a bucket."""
        return None if "://" in self.uri else Path(self.uri)


class Database:
    """The tables at one place, made where they are missing."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._connection: Any = None
        self._lock = threading.Lock()
        self._whole: set[str] = set()

    def names(self) -> list[str]:
        """List the tables; one whose making was cut off is not there.

        Those in a local directory have gone back to their last whole versions then.

        Raises:
            StorageError: They cannot be listed, or one is damaged.
        """
        with storage_errors(f"the tables at {self._place.uri} cannot be listed"):
            path = self._place.path
            if path is not None:  # LanceDB would import its catalogs for the answer
                found = sorted(table.stem for table in path.glob("*.lance"))
                return [name for name in found if self._has_version(name)]
            names: list[str] = []
            while True:
                answer = self._connect().list_tables(
                    page_token=names[-1] if names else None, limit=1000
                )
                names.extend(answer.tables)
                if not answer.page_token or not answer.tables:
                    return names

    @property
    def path(self) -> Path | None:
        """The local directory of the tables, None where they are in a bucket."""
        return self._place.path

    @property
    def syncs(self) -> bool:
        """Whether what is acknowledged has to survive a power cut."""
        return self._place.durability == "power"

    def open(self, name: str) -> Table:
        """Open a table that is among the names."""
        with storage_errors(f"table {name} cannot be opened"):
            table = self._connect().open_table(name)
            return Table(table, self._files(name), synced=self.syncs)

    def create(self, name: str, schema: pa.Schema, key: Sequence[str]) -> Table:
        """Make a table whose rows are told apart by `key`; open it where it exists."""
        with storage_errors(f"table {name} cannot be made"):
            made = self._connect().create_table(name, schema=schema, exist_ok=True)
            if made.version == 1:
                made.set_unenforced_primary_key(list(key))
            table = Table(made, self._files(name), synced=self.syncs)
            table.sync()
            return table

    def _connect(self) -> Any:
        with self._lock:
            if self._connection is None:
                path = self._place.path
                if path is not None:
                    path.mkdir(mode=0o700, parents=True, exist_ok=True)
                # A handle that may be stale updates nothing and duplicates, silently.
                self._connection = lancedb.connect(
                    self._place.uri,
                    read_consistency_interval=timedelta(0),
                    storage_options=dict(self._place.storage_options or {}) or None,
                    session=_session(),
                )
            return self._connection

    def _has_version(self, name: str) -> bool:
        files = self._files(name)
        if files is None or name in self._whole:
            return True
        files.drop_torn_versions(at_most=self._torn_at_most)
        if files.has_versions:
            self._whole.add(name)
        return name in self._whole

    def _files(self, name: str) -> TableFiles | None:
        path = self._place.path
        return None if path is None else TableFiles(path / f"{name}.lance")

    @property
    def _torn_at_most(self) -> int | None:
        return _TORN_AT_MOST if self.syncs else None


@cache
def _session() -> Any:
    """Return the caches that all databases share.

    By default they take gigabytes, filled with the manifests of versions that nobody reads
    again; what is read often is in memory here.
    """
    return lancedb.Session(
        index_cache_size_bytes=_CACHE_BYTES, metadata_cache_size_bytes=_CACHE_BYTES
    )
