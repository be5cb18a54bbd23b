"""Rounds: `python -m bench.rounds`; `--large` for a million faces (an hour).

An ALL round and a MISSING round over generated faces, beside the bare matrix product that any
exact way has to compute, and scikit-learn's DBSCAN. Each runs in a process of its own, so that
peak memory is its own.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import numpy as np
import typer
from facefolk_server.clustering import RoundInput, RoundParameters, run_round
from facefolk_server.types import RoundMode

from bench.faces import DIMENSION, generated
from bench.harness import QUICK, Report, figure

DISTANCE, MINIMUM = 0.5, 3
BLOCK = 2048
TIMES = 1 if QUICK else 3


def main(
    large: Annotated[bool, typer.Option(help="a million faces; takes an hour")] = False,
) -> None:
    """Measure rounds against the bare product and scikit-learn."""
    count = 1_000_000 if large else 20_000 if QUICK else 100_000
    sample = 50_000 if large else count
    peer_count = 8_000 if QUICK else 20_000
    report = Report(f"Rounds over {count:,} generated faces, E {DISTANCE}, m {MINIMUM}")
    runs = {"all": [], "product": [], "missing": [], "queued product": []}  # type: dict[str, list[Mapping[str, float]]]
    for _ in range(1 if large else TIMES):
        for name in runs:
            size = sample if name == "product" else count
            runs[name].append(_apart(name, size))
    scale = (count / sample) ** 2
    product = report.add(
        figure(
            "bare symmetric product", "s", [one["seconds"] * scale for one in runs["product"]]
        )
    )
    whole = figure("ALL round", "s", [one["seconds"] for one in runs["all"]])
    report.add(whole.against(product, aim="under 1.5"))
    vectors = count * DIMENSION * 4 / 1e6
    peak = figure("ALL round, peak memory", "MB", [one["peak_mb"] for one in runs["all"]])
    limit = figure("2x the vectors + 300 MB", "MB", [2 * vectors + 300])
    report.add(peak.against(limit, aim="under 1"))
    few = report.add(
        figure("bare product, 1,000 x all", "s", [o["seconds"] for o in runs["queued product"]])
    )
    missing = figure(
        "MISSING round, 1,000 new faces", "s", [o["seconds"] for o in runs["missing"]]
    )
    report.add(missing.against(few, aim="under 2"))
    if not large:
        peer = _apart("dbscan", peer_count)
        ours = _apart("all", peer_count)
        scaled = report.add(
            figure(
                f"scikit-learn DBSCAN at {peer_count:,}, scaled by n squared",
                "s",
                [peer["seconds"] * (count / peer_count) ** 2],
            )
        )
        report.add(whole.against(scaled, aim="10", inverse=True))
        same = 1.0 if peer["digest"] == ours["digest"] else 0.0
        report.add(figure("identical groups of core faces", "0 or 1", [same]))
    report.finish("rounds-large" if large else "rounds")


def _apart(name: str, count: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.rounds", "--run", name, str(count)]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    if name in {"product", "dbscan", "queued product"}:
        environment.pop("OPENBLAS_NUM_THREADS")
    done = subprocess.run(
        command, stdout=subprocess.PIPE, check=True, text=True, env=environment
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _given(embeddings: np.ndarray, persons: list[str | None]) -> RoundInput:
    count = len(embeddings)
    nothing = np.zeros(count, bool)
    return RoundInput(
        face_ids=[f"f{row:08d}" for row in range(count)],
        embeddings=embeddings,
        asset_ids=[f"a{row}" for row in range(count)],
        frame_offsets_us=np.zeros(count, np.int64),
        person_ids=persons,
        manual=nothing,
        not_a_face=nothing,
        stranger=nothing,
        barred={},
        quality=np.full(count, 0.5, np.float32),
        kept_people=frozenset(),
    )


def _round(mode: RoundMode, given: RoundInput) -> tuple[float, Any]:
    parameters = RoundParameters(mode, DISTANCE, MINIMUM)
    started = time.perf_counter()
    result = run_round(given, parameters, threads=len(os.sched_getaffinity(0)))
    return time.perf_counter() - started, result


def run_all(count: int) -> dict[str, Any]:
    embeddings, _ = generated(count)
    taken, result = _round(RoundMode.ALL, _given(embeddings, [None] * count))
    persons = np.unique([p or "" for p in result.person_ids], return_inverse=True)[1]
    return {"seconds": taken, "digest": _digest(persons, result.core)}


def run_missing(count: int) -> dict[str, Any]:
    embeddings, people = generated(count)
    persons: list[str | None] = [f"p{person}" for person in people.tolist()]
    persons[-1000:] = [None] * 1000
    return {"seconds": _round(RoundMode.MISSING, _given(embeddings, persons))[0]}


def run_product(count: int) -> dict[str, Any]:
    embeddings, _ = generated(count)
    started = time.perf_counter()
    for row in range(0, count, BLOCK):
        block = embeddings[row : row + BLOCK]
        for column in range(row, count, BLOCK * 4):
            block @ embeddings[column : column + BLOCK * 4].T
    return {"seconds": time.perf_counter() - started}


def run_queued_product(count: int) -> dict[str, Any]:
    embeddings, _ = generated(count)
    new = embeddings[-1000:]
    started = time.perf_counter()
    for column in range(0, count, BLOCK * 4):
        new @ embeddings[column : column + BLOCK * 4].T
    return {"seconds": time.perf_counter() - started}


def run_dbscan(count: int) -> dict[str, Any]:
    from sklearn.cluster import DBSCAN

    embeddings, _ = generated(count)
    started = time.perf_counter()
    model = DBSCAN(
        eps=DISTANCE, min_samples=MINIMUM, metric="cosine", algorithm="brute", n_jobs=-1
    ).fit(embeddings)
    taken = time.perf_counter() - started
    core = np.zeros(count, bool)
    core[model.core_sample_indices_] = True
    return {"seconds": taken, "digest": _digest(model.labels_, core)}


def _digest(groups: np.ndarray, core: np.ndarray) -> int:
    """Return a number that two groupings of the core faces share if they are the same."""
    rows = np.flatnonzero(core)
    smallest: dict[int, int] = {}
    for row, group in zip(rows.tolist(), groups[rows].tolist(), strict=True):
        smallest.setdefault(group, row)
    return hash(
        tuple(
            (row, smallest[g])
            for row, g in zip(rows.tolist(), groups[rows].tolist(), strict=True)
        )
    )


RUNS: Mapping[str, Callable[[int], dict[str, Any]]] = {
    "all": run_all,
    "missing": run_missing,
    "product": run_product,
    "queued product": run_queued_product,
    "dbscan": run_dbscan,
}

if __name__ == "__main__":
    if "--run" in sys.argv:
        answer = RUNS[sys.argv[2]](int(sys.argv[3]))
        answer["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        sys.stdout.write(json.dumps(answer))
    else:
        typer.run(main)
