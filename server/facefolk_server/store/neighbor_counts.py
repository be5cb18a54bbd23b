"""Neighbor counts that rounds leave for the next one: one row a pack, written as a whole."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from facefolk_server.store.database import Database
from facefolk_server.store.table import Table

NEIGHBOR_COUNTS = "neighbor_counts"

_KEY = "pack"
_SCHEMA = pa.schema(
    [
        pa.field(_KEY, pa.string(), nullable=False),
        pa.field("conditions", pa.string(), nullable=False),
        pa.field("keys", pa.large_binary(), nullable=False),
        pa.field("counts", pa.large_binary(), nullable=False),
        pa.field("able", pa.large_binary(), nullable=False),
    ]
)


@dataclass(frozen=True, slots=True, eq=False)
class KeptCounts:
    """What a round counted: `keys` `(k,) int64`, `counts` `(k,) int32`, `able` `(k,) bool`.

    They hold for embeddings of this digest, this distance and this quality gate (its fewest
    quality and share, if there was one). `recall` is the share of neighbors that was found.
    """

    pack_digest: str
    max_distance: float
    gate: tuple[float, float] | None
    recall: float
    keys: NDArray[np.int64]
    counts: NDArray[np.int32]
    able: NDArray[np.bool_]


class CountsTable:
    """The counts of each pack on disk; blocking, one thread at a time writes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        known = NEIGHBOR_COUNTS in database.names()
        self._table = database.open(NEIGHBOR_COUNTS) if known else None

    @property
    def tables(self) -> tuple[Table, ...]:
        """The table, once there is one."""
        return () if self._table is None else (self._table,)

    def read(self, pack: str) -> KeptCounts | None:
        """Return the counts of a pack, None where none were kept.

        Raises:
            StorageError: They cannot be read.
        """
        if self._table is None:
            return None
        rows = self._table.rows(where=f"{_KEY} = '{pack}'")
        if not rows:
            return None
        row = rows[0]
        told = json.loads(row["conditions"])
        return KeptCounts(
            pack_digest=told["pack_digest"],
            max_distance=told["max_distance"],
            gate=None if told["gate"] is None else (told["gate"][0], told["gate"][1]),
            recall=told["recall"],
            keys=np.frombuffer(row["keys"], np.int64),
            counts=np.frombuffer(row["counts"], np.int32),
            able=np.frombuffer(row["able"], np.bool_),
        )

    def write(self, pack: str, kept: KeptCounts) -> None:
        """Keep the counts of a pack in place of those before.

        Raises:
            StorageError: They cannot be written.
        """
        conditions = {
            "pack_digest": kept.pack_digest,
            "max_distance": kept.max_distance,
            "gate": kept.gate,
            "recall": kept.recall,
        }
        columns: dict[str, Sequence[str | bytes]] = {
            _KEY: [pack],
            "conditions": [json.dumps(conditions)],
            "keys": [kept.keys.astype(np.int64).tobytes()],
            "counts": [kept.counts.astype(np.int32).tobytes()],
            "able": [kept.able.astype(np.bool_).tobytes()],
        }
        if self._table is None:
            self._table = self._database.create(NEIGHBOR_COUNTS, _SCHEMA, [_KEY])
        self._table.upsert(pa.table(columns, schema=_SCHEMA), [_KEY])
        # Every version is as large as the last one: older ones go at once.
        self._table.compact()
