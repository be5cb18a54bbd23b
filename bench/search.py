"""SearchFaces against plain LanceDB: `python -m bench.search`, `--large` for a million."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import lancedb
import numpy as np
import typer
from facefolk import Client

from bench.faces import generated
from bench.harness import QUICK, Figure, Report
from bench.servers import serving
from bench.stored import fill

QUERIES = 20 if QUICK else 60
HITS = 10


def main(
    large: Annotated[bool, typer.Option(help="a million faces")] = False,
) -> None:
    """Measure the ten nearest faces of one embedding."""
    count = 1_000_000 if large else 20_000 if QUICK else 100_000
    report = Report(f"Search, the {HITS} nearest of {count:,} faces")
    with tempfile.TemporaryDirectory(dir=".") as folder:
        data = Path(folder)
        fill(data, count)
        embeddings, _ = generated(count)
        probes = embeddings[:: max(1, count // QUERIES)][:QUERIES]
        table = lancedb.connect(data / "libraries/default").open_table("faces_open")
        with serving(data, durability="process") as server, Client(server.address) as client:
            ours: list[float] = []
            plain: list[float] = []
            for probe in [*probes[:5], *probes]:
                started = time.perf_counter()
                hits = client.search_faces(probe.tolist(), k=HITS)
                middle = time.perf_counter()
                rows = (
                    table.search(probe)
                    .distance_type("cosine")
                    .select(["face_id", "_distance"])
                    .limit(HITS)
                ).to_list()
                ended = time.perf_counter()
                assert hits
                assert rows[0]["face_id"]
                ours.append((middle - started) * 1000)
                plain.append((ended - middle) * 1000)
    for name, values in (("plain LanceDB", plain[5:]), ("SearchFaces over gRPC", ours[5:])):
        for percent in (50, 99):
            value = float(np.percentile(values, percent))
            one = Figure(f"{name}, p{percent}", "ms", value, min(values), max(values))
            others = {f.name: f for f in report.figures}
            other = others.get(f"plain LanceDB, p{percent}")
            report.add(one.against(other, aim="under 1") if other else one)
    report.finish("search-large" if large else "search")


if __name__ == "__main__":
    sys.exit(typer.run(main))
