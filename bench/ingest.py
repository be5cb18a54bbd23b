"""Ingestion: `python -m bench.ingest ALBUM`, a folder of photos.

`Client.ingest` over gRPC, which makes previews, submits them in a stream and keeps no more in
flight than the server allows, beside the same previews in the pipeline with nothing stored.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from facefolk import Client

from bench.harness import QUICK, Report, alternate, figure, seconds
from bench.quality.packs import load_pack
from bench.serve import Meter, in_threads
from bench.servers import Running, serving

COUNT = 100 if QUICK else 400
TIMES = 2 if QUICK else 3
MIN_SCORE = 0.7
LIMIT = "in one process, nothing stored"


def main(
    album: Annotated[Path, typer.Argument(help="a folder of photos")],
    cache: Annotated[Path, typer.Option(help="keeps models")] = Path(".cache/bench"),
) -> None:
    """Measure how fast an album comes in."""
    files = sorted(path for path in album.rglob("*") if path.suffix in {".jpg", ".png"})[:COUNT]
    report = Report(f"Ingestion of {len(files)} photos")
    pipeline = load_pack("open", cache_dir=cache)
    images = [path.read_bytes() for path in files]
    meter = Meter()

    def limit() -> float:
        return in_threads(
            LIMIT, meter, images, lambda data: pipeline.analyze(data, min_score=MIN_SCORE)
        )

    with tempfile.TemporaryDirectory(dir=".") as data, serving(Path(data)) as server:
        values = alternate(
            {LIMIT: limit, "ingest": lambda: _ingested(server, files)}, times=TIMES
        )
    peer = report.add(figure(LIMIT, "photos/s", values[LIMIT]))
    report.add(figure("ingest over gRPC", "photos/s", values["ingest"]).against(peer, aim=""))
    report.finish("ingest")


_libraries = iter(range(1000))


def _ingested(server: Running, files: list[Path]) -> float:
    """Return photos a second, into a library of their own."""
    with Client(server.address, library_id=f"turn-{next(_libraries)}") as client:
        taken = seconds(lambda: client.ingest(files))
    return len(files) / taken


if __name__ == "__main__":
    sys.exit(typer.run(main))
