"""One run over generated faces: `python -m bench.round_runs NAME COUNT`, one JSON line.

Each run is a process of its own, so that its peak memory is its own. Wall and CPU seconds are
of the work alone, and so is the peak: it is reset once the faces are there.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from facefolk_server.clustering import (
    ChainGuard,
    KnownCounts,
    Neighbors,
    RoundInput,
    RoundParameters,
    RoundResult,
    face_keys,
    run_round,
)
from facefolk_server.types import RoundMode
from facefolk_server.vision.byte_products import tried_multiplier

from bench.faces import generated
from bench.stored import asset_id, face_id, person_id

DISTANCE, MINIMUM = 0.5, 3
NEW_FACES = 1000
# Blocks of a bare product that stay in the cache: the fastest of the sizes tried.
_BLOCK_ROWS, _BLOCK_COLUMNS = 1024, 2048
_ORIGIN = "generated"


@dataclass(slots=True)
class Run:
    """What a run took: seconds, and MB; `told` is what else is to be known of it."""

    wall: float
    cpu: float
    peak_mb: float
    told: dict[str, Any] = field(default_factory=dict)


def run_apart(name: str, count: int) -> Run:
    """Run in a process of its own, with a BLAS library that uses one thread a product."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.round_runs", name, str(count)],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    return Run(**json.loads(done.stdout))


def _measured(work: Callable[[], dict[str, Any]]) -> Run:
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    wall, cpu = time.perf_counter(), time.process_time()
    told = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    status = Path("/proc/self/status").read_text()
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return Run(wall, cpu, int(peak.split()[1]) / 1024, told)


def _threads() -> int:
    return len(os.sched_getaffinity(0))


def _given(embeddings: np.ndarray, persons: list[str | None]) -> RoundInput:
    count = len(embeddings)
    nothing = np.zeros(count, bool)
    return RoundInput(
        face_ids=[face_id(row) for row in range(count)],
        embeddings=embeddings,
        asset_ids=[asset_id(row) for row in range(count)],
        frame_offsets_us=np.zeros(count, np.int64),
        person_ids=persons,
        manual=nothing,
        not_a_face=nothing,
        stranger=nothing,
        barred={},
        quality=np.full(count, 0.5, np.float32),
        kept_people=frozenset(),
        origin=_ORIGIN,
    )


def _keyed(given: RoundInput) -> RoundInput:
    """Return the input with numbers for its faces, as the server makes them."""
    return replace(given, keys=face_keys(given.face_ids, given.embeddings, given.quality))


def _all(
    count: int, *, guard: ChainGuard | None = None, neighbors: Neighbors = Neighbors.EXACT
) -> Run:
    embeddings, _ = generated(count)
    given = _given(embeddings, [None] * count)
    del embeddings
    parameters = RoundParameters(
        RoundMode.ALL, DISTANCE, MINIMUM, False, guard, neighbors=neighbors
    )
    multiply = tried_multiplier()

    def work() -> dict[str, Any]:
        result = run_round(_keyed(given), parameters, threads=_threads(), multiply=multiply)
        return {
            "core_groups": core_groups(_numbers(result), result.core),
            "people": len(result.created),
            "recall": result.stats.neighbor_recall,
        }

    return _measured(work)


def _missing(count: int, *, guard: ChainGuard | None = None) -> Run:
    """Run a MISSING round with the counts that a round before left.

    Counting a million faces takes half an hour, so what is left is made up: as many
    neighbors as the person of each face has faces.
    """
    embeddings, owners = generated(count)
    placed = count - NEW_FACES
    names = {owner: person_id(owner) for owner in np.unique(owners).tolist()}
    persons: list[str | None] = [names[owner] for owner in owners.tolist()]
    persons[placed:] = [None] * NEW_FACES
    given = _given(embeddings, persons)
    known = _left_behind(given, owners[:placed])
    parameters = RoundParameters(RoundMode.MISSING, DISTANCE, MINIMUM, False, guard)
    multiply = tried_multiplier()

    def work() -> dict[str, Any]:
        result = run_round(
            _keyed(given), parameters, known=known, threads=_threads(), multiply=multiply
        )
        assert not result.stats.recount, result.stats.recount
        return {"assigned": result.stats.assigned, "people": len(result.created)}

    return _measured(work)


def _left_behind(given: RoundInput, owners: np.ndarray) -> KnownCounts:
    placed = len(owners)
    keys = face_keys(given.face_ids[:placed], given.embeddings[:placed], given.quality[:placed])
    order = np.argsort(keys)
    sizes = np.bincount(owners)[owners].astype(np.int32)
    return KnownCounts(
        _ORIGIN, DISTANCE, None, keys[order], sizes[order], np.ones(placed, bool)
    )


def _product(rows: int, columns: int, starts: list[tuple[int, int]], whole: np.ndarray) -> Run:
    """Multiply blocks of the last `rows` faces and all, and do nothing else."""
    some = whole[len(whole) - rows :]
    memory = threading.local()

    def multiply(start: tuple[int, int]) -> None:
        left = some[start[0] : start[0] + _BLOCK_ROWS]
        right = whole[start[1] : min(start[1] + _BLOCK_COLUMNS, columns)]
        if not hasattr(memory, "block"):
            memory.block = np.empty(_BLOCK_ROWS * _BLOCK_COLUMNS, np.float32)
        block = memory.block[: len(left) * len(right)].reshape(len(left), len(right))
        np.matmul(left, right.T, out=block)

    def work() -> dict[str, Any]:
        with ThreadPoolExecutor(_threads()) as pool:
            for _ in pool.map(multiply, starts):
                pass
        return {}

    return _measured(work)


def _symmetric(count: int) -> Run:
    whole, _ = generated(count)
    starts = [
        (row, column)
        for row in range(0, count, _BLOCK_ROWS)
        for column in range(row, count, _BLOCK_COLUMNS)
    ]
    return _product(count, count, starts, whole)


def _queued(count: int) -> Run:
    whole, _ = generated(count)
    starts = [(0, column) for column in range(0, count, _BLOCK_COLUMNS)]
    return _product(NEW_FACES, count, starts, whole)


def _dbscan(count: int) -> Run:
    from sklearn.cluster import DBSCAN

    embeddings, _ = generated(count)
    model = DBSCAN(
        eps=DISTANCE, min_samples=MINIMUM, metric="cosine", algorithm="brute", n_jobs=-1
    )

    def work() -> dict[str, Any]:
        model.fit(embeddings)
        core = np.zeros(count, bool)
        core[model.core_sample_indices_] = True
        return {"core_groups": core_groups(model.labels_, core)}

    return _measured(work)


def _numbers(result: RoundResult) -> np.ndarray:
    return np.unique([person or "" for person in result.person_ids], return_inverse=True)[1]


def core_groups(groups: np.ndarray, core: np.ndarray) -> str:
    """Return a text that groupings share if their core faces are the same, grouped the same."""
    rows = np.flatnonzero(core)
    _, first, which = np.unique(groups[rows], return_index=True, return_inverse=True)
    told = hashlib.sha256(rows.astype(np.int64).tobytes())
    told.update(rows[first[which]].astype(np.int64).tobytes())
    return told.hexdigest()


def _guard() -> ChainGuard:
    return ChainGuard.at(DISTANCE)


RUNS: Mapping[str, Callable[[int], Run]] = {
    "all": _all,
    "all, guarded": lambda count: _all(count, guard=_guard()),
    "all, approximate": lambda count: _all(count, neighbors=Neighbors.APPROXIMATE),
    "missing": _missing,
    "missing, guarded": lambda count: _missing(count, guard=_guard()),
    "product": _symmetric,
    "queued product": _queued,
    "dbscan": _dbscan,
}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(RUNS[sys.argv[1]](int(sys.argv[2])))) + "\n")
