"""What is compared, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np
from facefolk_server.clustering import RoundParameters
from facefolk_server.types import RoundMode

from bench.quality import ours, peers
from bench.quality.embedded import Faces
from bench.quality.scores import IntArray, Scores, score
from bench.quality.variants import Extras

ORDERS = 20
Method = Callable[..., list[tuple[str, Scores]]]


def _parameters(
    mode: RoundMode, *, distance: float, minimum: int, extras: Extras
) -> RoundParameters:
    return RoundParameters(
        mode=mode,
        max_distance=distance,
        min_faces=minimum,
        one_face_per_asset=True,
        **extras(distance),
    )


def _round(
    faces: Faces,
    *,
    distance: float,
    minimum: int,
    extras: Extras,
    name: str,
    run: Callable[..., IntArray],
) -> list[tuple[str, Scores]]:
    parameters = partial(_parameters, distance=distance, minimum=minimum, extras=extras)
    return [(name, score(run(faces, parameters), faces.labels, minimum=minimum))]


def _dbscan(faces: Faces, *, distance: float, minimum: int) -> list[tuple[str, Scores]]:
    groups = peers.dbscan(faces.distances(), distance=distance, minimum=minimum)
    return [("DBSCAN", score(groups, faces.labels, minimum=minimum))]


def _greedy(faces: Faces, *, distance: float, minimum: int) -> list[tuple[str, Scores]]:
    between = faces.distances()
    results = []
    for seed in range(ORDERS):
        order = np.random.default_rng(seed).permutation(len(faces))
        groups = peers.greedy(between, distance=distance, minimum=minimum, order=order)
        results.append(score(groups, faces.labels, minimum=minimum))
    results.sort(key=lambda result: result.ari)
    return [
        (f"greedy, worst of {ORDERS}", results[0]),
        (f"greedy, median of {ORDERS}", results[ORDERS // 2]),
        (f"greedy, best of {ORDERS}", results[-1]),
    ]


OURS: Mapping[str, Method] = MappingProxyType(
    {
        "all": partial(_round, name="one ALL round", run=ours.one_round),
        "missing": partial(_round, name="ten MISSING rounds", run=ours.missing_rounds),
    }
)
PEERS: Mapping[str, Method] = MappingProxyType({"dbscan": _dbscan, "greedy": _greedy})
METHODS = (*OURS, *PEERS, "hdbscan")


def judge(
    faces: Faces,
    *,
    methods: Sequence[str],
    distances: Sequence[float],
    minimums: Sequence[int],
    settings: Mapping[str, Extras],
) -> list[dict[str, Any]]:
    """Run every method over the grid, ours under each of the named settings."""
    runs: list[tuple[str, Method]] = [
        (f", {setting}", partial(OURS[name], extras=extras))
        for name in methods
        if name in OURS
        for setting, extras in settings.items()
    ]
    runs.extend(("", PEERS[name]) for name in methods if name in PEERS)
    rows: list[dict[str, Any]] = []
    for minimum in minimums:
        for suffix, run in runs:
            for distance in distances:
                for title, scores in run(faces, distance=distance, minimum=minimum):
                    rows.append(_row(title + suffix, distance, minimum, scores))
        if "hdbscan" in methods:
            groups = peers.hdbscan(faces.distances(), minimum=minimum)
            scores = score(groups, faces.labels, minimum=minimum)
            rows.append(_row("HDBSCAN", None, minimum, scores))
    return sorted(rows, key=lambda row: (row["minimum"], row["method"]))


def _row(method: str, distance: float | None, minimum: int, scores: Scores) -> dict[str, Any]:
    facts = {"section": "clusters", "method": method, "distance": distance, "minimum": minimum}
    return {**facts, **scores.as_dict()}
