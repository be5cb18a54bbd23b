"""Faces near a new one, without looking at all: for the match that Recognize reports.

A frame that comes in is matched while thousands wait; a look at every stored face would cost
more than finding and embedding the new ones. So past some thousand faces those of a table
are kept by inverted lists (see `clustering.lists`), and only the lists nearest to a face are
looked into. Nearly always these hold its nearest face; rounds and searches, which decide
something, do not rest on it.
"""

from __future__ import annotations

import logging
import threading
import weakref
from array import array
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from facefolk_server.clustering import SAMPLED_PER_LIST, make_lists
from facefolk_server.service.nearest import FloatArray, NearRows, lowest, refined, rows_within
from facefolk_server.store import FaceTable

# Up to here the product with all faces takes about a millisecond.
MOST_SCANNED = 20_000
_GROWN_BY = 2.0
_LISTS_PER_ROOT = 2.0
# As many lists are looked into as hold the nearest neighbor of 99.8 of 100 sampled faces, but
# no more than ingestion can bear: 16 of 2,000, among a million generated faces, find the person
# of a scan for 99.5 of 100 new faces; 32 find all, at twice the time.
_SAMPLED = 500
_AIM = 0.998
_MIN_PROBES, _MAX_PROBES = 4, 16
_ROWS_AT_ONCE = 16_384
_SEED = 13

_log = logging.getLogger(__name__)


class NearLists:
    """The lists of every table that is large enough; safe for threads.

    Args:
        start: Runs work beside the caller's; lists are made there, and until they are there
            faces are looked for among all.
    """

    def __init__(
        self,
        *,
        most_scanned: int = MOST_SCANNED,
        start: Callable[[Callable[[], None]], None] | None = None,
    ) -> None:
        self._most_scanned = most_scanned
        self._start = start or _in_thread
        self._lock = threading.Lock()
        self._lists: weakref.WeakKeyDictionary[FaceTable, _TableLists]
        self._lists = weakref.WeakKeyDictionary()
        self._making: weakref.WeakSet[FaceTable] = weakref.WeakSet()

    def near(
        self, table: FaceTable, matrix: FloatArray, queries: FloatArray, *, max_distance: float
    ) -> list[NearRows]:
        """Return for each query `(q, d)` the rows within a distance that were found.

        `matrix` are the embeddings of the table. Distances and order are those of
        `rows_within`.
        """
        lists = self._current(table, matrix)
        if lists is None:
            return rows_within(matrix, queries, max_distance=max_distance)
        return lists.near(matrix, queries, max_distance=max_distance)

    def near_in_turns(
        self, table: FaceTable, matrix: FloatArray, query: FloatArray, *, max_distance: float
    ) -> Iterator[NearRows]:
        """Yield what `near` finds for one query `(1, d)`, first what takes the least work."""
        lists = self._current(table, matrix)
        if lists is None:
            return iter(rows_within(matrix, query, max_distance=max_distance))
        return lists.near_in_turns(matrix, query, max_distance=max_distance)

    def _current(self, table: FaceTable, matrix: FloatArray) -> _TableLists | None:
        """Return the lists with all rows of the matrix; None where all are to be scanned."""
        if len(matrix) <= self._most_scanned:
            return None
        lists = self._of(table, matrix)
        if lists is not None:
            lists.catch_up(matrix)
        return lists

    def _of(self, table: FaceTable, matrix: FloatArray) -> _TableLists | None:
        with self._lock:
            found = self._lists.get(table)
            outgrown = found is not None and len(matrix) > _GROWN_BY * found.made_for
            if (found is not None and not outgrown) or table in self._making:
                return found
            self._making.add(table)
        self._start(lambda: self._make(table, matrix))
        return found

    def _make(self, table: FaceTable, matrix: FloatArray) -> None:
        try:
            live = np.flatnonzero(matrix.any(axis=1))
            if len(live) > 1:
                made = _TableLists(matrix, live)
                with self._lock:
                    self._lists[table] = made
        finally:
            with self._lock:
                self._making.discard(table)


class _TableLists:
    """The rows of one table by their nearest center."""

    def __init__(self, matrix: FloatArray, live: NDArray[np.intp]) -> None:
        count = max(2, round(_LISTS_PER_ROOT * len(matrix) ** 0.5))
        random = np.random.default_rng(_SEED)
        some = random.permutation(live)[: count * SAMPLED_PER_LIST]
        self.made_for = len(matrix)
        self._lists = make_lists(matrix[np.sort(some)], count)
        self._members = [array("i") for _ in range(len(self._lists))]
        self._until = 0
        self._lock = threading.Lock()
        self.catch_up(matrix)
        self._probes = self._enough(matrix, random.permutation(live)[:_SAMPLED])
        _log.info("faces are kept in %d lists; %d are looked into", count, self._probes)

    def catch_up(self, matrix: FloatArray) -> None:
        """Take in the rows that came since."""
        if self._until >= len(matrix):
            return
        with self._lock:
            first = self._until
            homes = self._lists.nearest(matrix[first:], count=1)[:, 0]
            for row, home in enumerate(homes.tolist(), first):
                self._members[home].append(row)
            self._until = max(first, len(matrix))

    def near(
        self, matrix: FloatArray, queries: FloatArray, *, max_distance: float
    ) -> list[NearRows]:
        """Return the rows within a distance in the nearest lists of each query."""
        probed = self._lists.nearest(queries, count=self._probes)
        return [
            self._look(matrix, query, lists, max_distance)
            for query, lists in zip(queries, probed.tolist(), strict=True)
        ]

    def near_in_turns(
        self, matrix: FloatArray, query: FloatArray, *, max_distance: float
    ) -> Iterator[NearRows]:
        """Yield the same for one query: what its nearest list holds, then all the others."""
        home, *others = self._lists.nearest(query, count=self._probes)[0].tolist()
        for lists in ([home], others):
            yield self._look(matrix, query[0], lists, max_distance)

    def _look(
        self, matrix: FloatArray, query: FloatArray, lists: list[int], max_distance: float
    ) -> NearRows:
        # Copies, each in one step: an array that is looked at cannot grow.
        members = b"".join([self._members[one].tobytes() for one in lists])
        rows = np.frombuffer(members, np.int32).astype(np.int64)
        rows = rows[rows < len(matrix)]
        products = np.take(matrix, rows, axis=0) @ query
        return refined(matrix, query, rows[products >= lowest(max_distance)], max_distance)

    def _enough(self, matrix: FloatArray, rows: NDArray[np.intp]) -> int:
        """Return how many lists have to be looked into for the nearest neighbor of rows."""
        nearest = _nearest_others(matrix, rows)
        homes = self._lists.nearest(matrix[nearest], count=1)[:, 0]
        ranks = self._lists.ranks(matrix[rows], homes)
        needed = 1 + int(np.quantile(ranks, _AIM, method="higher"))
        return min(max(needed, _MIN_PROBES), _MAX_PROBES, len(self._lists))


def _nearest_others(matrix: FloatArray, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the nearest other row of each row."""
    found = np.zeros(len(rows), np.intp)
    best = np.full(len(rows), -np.inf, np.float32)
    places = np.arange(len(rows))
    for start in range(0, len(matrix), _ROWS_AT_ONCE):
        products = matrix[rows] @ matrix[start : start + _ROWS_AT_ONCE].T
        own = np.flatnonzero((rows >= start) & (rows < start + products.shape[1]))
        products[own, rows[own] - start] = -np.inf
        nearest = products.argmax(axis=1)
        better = products[places, nearest] > best
        best[better] = products[places, nearest][better]
        found[better] = nearest[better] + start
    return found


def _in_thread(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="lists", daemon=True).start()
