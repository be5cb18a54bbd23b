"""SearchFaces against plain LanceDB: `python -m bench.search`, `--large` for a million."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import lancedb
import numpy as np
import typer
from facefolk import Client

from bench.faces import generated
from bench.harness import QUICK, Figure, Report, alternate
from bench.servers import serving
from bench.stored import filled

HITS = 10


def main(
    *,
    quick: Annotated[bool, typer.Option(help="20,000 faces, few queries")] = QUICK,
    large: Annotated[bool, typer.Option(help="a million faces")] = False,
    data: Annotated[
        Path | None, typer.Option(help="where the store is kept that is filled")
    ] = None,
) -> None:
    """Measure the ten nearest faces of one embedding."""
    count = 1_000_000 if large else 20_000 if quick else 100_000
    queries = 20 if quick else 100
    report = Report(f"Search, the {HITS} nearest of {count:,} faces", live=True)
    with tempfile.TemporaryDirectory(dir=".") as folder:
        store = filled(data or Path(folder) / "full", count)
        embeddings, _ = generated(count)
        probes = embeddings[:: count // queries][:queries]
        table = lancedb.connect(store / "libraries/default").open_table("faces_open")
        with serving(store, durability="process") as server, Client(server.address) as client:

            def plain(probe: np.ndarray) -> None:
                nearest = table.search(probe).distance_type("cosine").limit(HITS)
                assert nearest.select(["face_id", "_distance"]).to_list()

            def ours(probe: np.ndarray) -> None:
                assert client.search_faces(probe.tolist(), k=HITS)

            works = {
                "plain LanceDB, exact": _asking(plain, probes),
                "SearchFaces over gRPC": _asking(ours, probes),
            }
            taken = alternate(works, times=queries, warm_up=5)
    (peer, theirs), (name, mine) = taken.items()
    for percent in (50, 99):
        limit = report.add(_percentile(f"{peer}, p{percent}", theirs, percent))
        report.add(
            _percentile(f"{name}, p{percent}", mine, percent).against(limit, aim="under 1")
        )
    report.finish("search-large" if large else "search")


def _asking(ask: Callable[[np.ndarray], None], probes: np.ndarray) -> Callable[[], float]:
    """Return what asks about the next probe and answers how many ms it took."""
    turn = iter(np.tile(probes, (2, 1)))

    def work() -> float:
        probe = next(turn)
        started = time.perf_counter()
        ask(probe)
        return (time.perf_counter() - started) * 1000

    return work


def _percentile(name: str, values: list[float], percent: int) -> Figure:
    value = float(np.percentile(values, percent))
    return Figure(name, "ms", value, min(values), max(values))


if __name__ == "__main__":
    sys.exit(typer.run(main))
