"""Start and memory: `python -m bench.start PHOTOS`.

How long a server with cached models takes to SERVING, what it holds idle, and after many
images that are all different assets.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer
from facefolk import Client

from bench.harness import QUICK, Figure, Report, figure
from bench.load import drive
from bench.servers import Running, serving

STARTS = 2 if QUICK else 5
IMAGES = 500 if QUICK else 10_000
STEP_SECONDS = 5.0


def main(photos: Annotated[Path, typer.Argument(help="a folder of small photos")]) -> None:
    """Measure start and memory."""
    files = sorted(path for path in photos.rglob("*") if path.suffix in {".jpg", ".png"})[:64]
    report = Report("Start to SERVING, and resident memory")
    with tempfile.TemporaryDirectory(dir=".") as folder:
        starts = []
        for _ in range(STARTS + 1):
            with serving(Path(folder) / "starts") as server:
                starts.append(server.start_seconds + _until_serving(server))
        report.add(_bounded(figure("start to SERVING", "s", starts[1:]), 3.0, "3 s"))
        with serving(Path(folder) / "memory", durability="process") as server:
            _until_serving(server)
            _grow(server, files, 100)
            idle = server.resident_bytes / 1e6
            sent = _grow(server, files, IMAGES)
            after = server.resident_bytes / 1e6
            peak = server.peak_bytes / 1e6
    report.add(_bounded(figure("idle, after 100 images", "MB", [idle]), 500, "500 MB"))
    report.add(_bounded(figure(f"after {sent:,} images more", "MB", [after]), 500, "500 MB"))
    report.add(figure("peak", "MB", [peak]))
    slope = figure("slope a thousand images", "MB", [(after - idle) / sent * 1000])
    report.add(_bounded(slope, 1.0, "1 MB"))
    report.finish("start")


def _until_serving(server: Running) -> float:
    started = time.perf_counter()
    with Client(server.address) as client:
        while not client.check_health():
            time.sleep(0.02)
    return time.perf_counter() - started


def _grow(server: Running, files: list[Path], count: int) -> int:
    """Submit at least so many images as new assets; return how many it were."""
    sent = 0
    while sent < count:
        sent += int(drive(server.address, "recognize", 8, STEP_SECONDS, files)["answered"])
    return sent


def _bounded(one: Figure, limit: float, name: str) -> Figure:
    bound = Figure(name, one.unit, limit, limit, limit)
    return one.against(bound, aim="under 1")


if __name__ == "__main__":
    sys.exit(typer.run(main))
