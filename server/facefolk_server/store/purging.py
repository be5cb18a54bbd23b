"""How rows leave the files of a LanceDB table, not only the table.

A deleted row is marked in a file beside the data, and compaction leaves a file as it is that
has few of them. What tells of a version names its deletions: `delete` keeps the text of its
condition, so rows are deleted by their addresses here. Facts of LanceDB 0.40: the upper half
of a row's address is its fragment, a number that is never used again; updating all rows of a
fragment writes them elsewhere, and the fragment goes.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

_FOREVER = timedelta(days=36500)
# LanceDB warns of 0, which would remove versions that are being made.
_SHORTEST = timedelta(milliseconds=1)
_ADDRESS = "_rowid"
_ADDRESSES_A_DELETE = 1000
_BATCH_ROWS = 65536
_FRAGMENT_BITS = 32


def remove(table: Any, condition: str) -> None:
    """Delete the rows that meet an SQL condition, by their addresses."""
    # Another process may have moved them in between; then they are looked for again.
    while len(found := _addresses(table, condition)):
        for start in range(0, len(found), _ADDRESSES_A_DELETE):
            told = ", ".join(map(str, found[start : start + _ADDRESSES_A_DELETE].tolist()))
            table.delete(f"{_ADDRESS} IN ({told})")


def rewrite(table: Any) -> int:
    """Write every file that holds deleted rows anew; return the version after that."""
    table.optimize(cleanup_older_than=_FOREVER)
    if _deleted_rows(table):
        for fragment in _suspects(_addresses(table)):
            if not _deleted_rows(table):
                break
            first, end = fragment << _FRAGMENT_BITS, (fragment + 1) << _FRAGMENT_BITS
            key = table.schema.names[0]
            table.update(
                where=f"{_ADDRESS} >= {first} AND {_ADDRESS} < {end}", values_sql={key: key}
            )
        table.optimize(cleanup_older_than=_FOREVER)
    return int(table.version)


def drop_versions(table: Any, older_than: timedelta) -> None:
    """Remove versions that were made so long ago, but for the newest."""
    table.optimize(cleanup_older_than=max(older_than, _SHORTEST))


def oldest_version(table: Any) -> int:
    """Return the number of the oldest version that is kept."""
    return min(int(version["version"]) for version in table.list_versions())


def data_files(table: Any) -> int:
    """Return how many data files the newest version has."""
    return int(_newest(table)["total_data_files"])


def _deleted_rows(table: Any) -> int:
    """Return how many deleted rows the files of the newest version hold."""
    return int(_newest(table)["total_deletion_file_rows"])


def _newest(table: Any) -> dict[str, str]:
    newest = max(table.list_versions(), key=lambda version: int(version["version"]))
    return dict(newest["metadata"])


def _addresses(table: Any, condition: str | None = None) -> NDArray[np.int64]:
    query = table.search().with_row_id(True).select([table.schema.names[0]])  # noqa: FBT003
    if condition is not None:
        query = query.where(condition)
    parts = [
        np.asarray(batch.column(_ADDRESS), np.int64)
        for batch in query.limit(None).to_batches(_BATCH_ROWS)
    ]
    return np.concatenate([np.empty(0, np.int64), *parts])


def _suspects(addresses: NDArray[np.int64]) -> list[int]:
    """Return the fragments, first those with gaps between rows, then by number of rows.

    Deleted rows at the end of a fragment leave no gap, so any of them may hold some.
    """
    fragments, counts = np.unique(addresses >> _FRAGMENT_BITS, return_counts=True)
    ends = np.zeros(len(fragments), np.int64)
    offsets = addresses & ((1 << _FRAGMENT_BITS) - 1)
    np.maximum.at(ends, np.searchsorted(fragments, addresses >> _FRAGMENT_BITS), offsets + 1)
    order = np.lexsort((counts, ends == counts))
    return [int(fragment) for fragment in fragments[order]]
