"""One LanceDB table with a key, and its errors as ours."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pyarrow as pa
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from facefolk_server.errors import StorageError
from facefolk_server.memory import give_back
from facefolk_server.store import purging
from facefolk_server.store.disk import TableFiles
from facefolk_server.store.records import TableInfo

_BATCH_ROWS = 8192
_KEYS_A_DELETE = 500
# Small fragments are merged after this many commits, where tables are small or much is new.
_COMMITS_BETWEEN = 64
_MAX_COMMITS_BETWEEN = 256
_NEW_SHARE = 8
# Readers of a version are done with it by then; nothing here reads for minutes.
_KEPT = timedelta(minutes=10)
_FOREVER = timedelta(days=36500)

_logger = logging.getLogger(__name__)


class Table:
    """A table with a key; what it writes is durable when a method returns.

    Blocking. One thread at a time writes; any may read.
    """

    def __init__(self, table: Any, files: TableFiles | None, *, synced: bool) -> None:
        self._table = table
        self._files = files
        self._synced = synced
        # What a process that is gone left in small pieces is merged by this one.
        stats = table.stats()
        self._commits = int(stats["fragment_stats"]["num_small_fragments"])
        self._new_rows = int(stats["num_rows"])

    @property
    def name(self) -> str:
        """The name of the table."""
        return str(self._table.name)

    @property
    def schema(self) -> pa.Schema:
        """The schema of the table."""
        return self._table.schema

    def add_column(self, name: str, expression: str) -> None:
        """Add a column with the value of an SQL expression in every row, if it is not there."""
        if name not in self.schema.names:
            self._write(lambda: self._table.add_columns({name: expression}))

    def add(self, rows: pa.Table) -> None:
        """Add rows whose keys are not there yet, which is not looked at."""
        if len(rows):
            self._write(lambda: self._table.add(rows), rows=len(rows))

    def upsert(self, rows: pa.Table, key: Sequence[str]) -> None:
        """Add rows, or replace those of the same key."""

        def write() -> Any:
            merge = self._table.merge_insert(list(key))
            return merge.when_matched_update_all().when_not_matched_insert_all().execute(rows)

        if len(rows):
            self._write(write, rows=len(rows))

    def insert(self, rows: pa.Table, key: str) -> int:
        """Add the rows whose key is not there yet; return how many were added."""

        def write() -> Any:
            return self._table.merge_insert(key).when_not_matched_insert_all().execute(rows)

        return int(self._write(write, rows=len(rows)).num_inserted_rows)

    def delete(self, key: str, values: Sequence[str]) -> None:
        """Remove the rows of these keys, which are texts without quotes."""
        for start in range(0, len(values), _KEYS_A_DELETE):
            told = ", ".join(f"'{value}'" for value in values[start : start + _KEYS_A_DELETE])
            self._write(lambda told=told: self._table.delete(f"{key} IN ({told})"))

    def delete_where(self, condition: str) -> None:
        """Remove the rows that meet an SQL condition."""
        self._write(lambda: self._table.delete(condition))

    def batches(
        self, columns: Sequence[str] | None = None, *, where: str | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Yield the rows, all or those that meet an SQL condition, in no order."""
        with storage_errors(f"table {self.name} cannot be read"):
            query = self._table.search()
            if where is not None:
                query = query.where(where)
            if columns is not None:
                query = query.select(list(columns))
            yield from query.limit(None).to_batches(_BATCH_ROWS)

    def rows(
        self, columns: Sequence[str] | None = None, *, where: str | None = None
    ) -> list[dict[str, Any]]:
        """Return the rows as `batches` yields them."""
        return [
            row for batch in self.batches(columns, where=where) for row in batch.to_pylist()
        ]

    def info(self, name: str) -> TableInfo:
        """Tell about the table under the name it is to have."""
        with storage_errors(f"table {self.name} cannot be read"):
            stats = self._table.stats()
            return TableInfo(name, stats["num_rows"], self._table.version, stats["total_bytes"])

    @property
    def is_due(self) -> bool:
        """Whether enough small commits have come together to be merged."""
        if self._commits < _COMMITS_BETWEEN:
            return False
        if self._commits >= _MAX_COMMITS_BETWEEN:
            return True
        return self._new_rows * _NEW_SHARE >= int(self._table.count_rows())

    def compact(self) -> None:
        """Merge small fragments and remove versions that nobody reads any more.

        The merged version is synced before older ones go, so that there is always a whole one.
        """
        try:
            with storage_errors(f"table {self.name} cannot be compacted"):
                self._table.optimize(cleanup_older_than=_FOREVER)
                self.sync()
                self._table.optimize(cleanup_older_than=_KEPT)
                self.sync()
        except StorageError as error:
            # Another process wrote at the same time: the next turn tries again.
            _logger.info("%s", error)
        self._commits = self._new_rows = 0
        # All rows have been in memory, in pieces; what is free of that is of no use for long.
        give_back()

    def sync(self) -> None:
        """Bring the last commit to the disk."""
        if self._files is not None and self._synced:
            self._files.sync()

    def remove(self, column: str, values: Sequence[str]) -> None:
        """Remove the rows that have one of these texts in a column.

        What the table's files say of the removal does not tell the texts.
        """
        for start in range(0, len(values), _KEYS_A_DELETE):
            told = ", ".join(map(_quoted, values[start : start + _KEYS_A_DELETE]))
            self._write(partial(purging.remove, self._table, f"{column} IN ({told})"))

    def rewrite(self) -> int:
        """Write files that hold deleted rows anew and return the version then.

        The files of that version and of later ones hold nothing that is deleted now.
        """
        return int(self._write(partial(purging.rewrite, self._table)))

    def purge(self, *, older_than: timedelta) -> int:
        """Remove older versions, and what no version names; return the oldest one left."""
        self._write(lambda: purging.drop_versions(self._table, older_than))
        if self._files is not None:
            with storage_errors(f"the files of table {self.name} cannot be removed"):
                count = purging.data_files(self._table)
                self._files.sweep(data_files=count, older_than=older_than)
        return purging.oldest_version(self._table)

    def _write(self, write: Any, *, rows: int = 0) -> Any:
        with storage_errors(f"table {self.name} cannot be written"):
            result = _on_conflict()(write)
            self.sync()
            self._commits += 1
            self._new_rows += rows
            return result


def _on_conflict() -> Retrying:
    """Repeat what another process's commit kept from being committed."""
    return Retrying(
        retry=retry_if_exception(lambda error: "conflict" in str(error).lower()),
        wait=wait_random_exponential(multiplier=0.02, max=1.0),
        stop=stop_after_attempt(8),
        reraise=True,
    )


def _quoted(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


@contextmanager
def storage_errors(what: str) -> Iterator[None]:
    """Turn the errors of LanceDB and of the disk into ours.

    Raises:
        StorageError: Reading or writing failed.
    """
    try:
        yield
    except (OSError, RuntimeError, ValueError, pa.ArrowException) as error:
        _logger.warning("%s: %s", what, error)
        raise StorageError(
            f"The store does not answer as it should: {what}. See the server's log; the disk "
            "may be full or the directory not writable."
        ) from error
