"""Serving: `python -m bench.serve PHOTOS`, PHOTOS being a folder of previews.

Recognize, Detect and Embed over gRPC at several concurrencies, beside the same pipeline in one
process with nothing stored, and beside the insightface library in a loop where an environment
with it is named (`PEERS=.venv-peers/bin/python`).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer
from facefolk_server.vision.pipeline import Pipeline

from bench.harness import QUICK, Report, alternate, figure
from bench.load import drive
from bench.quality.packs import load_pack
from bench.servers import serving

CONCURRENCIES = (8,) if QUICK else (1, 2, 8, 32)
SECONDS = 2.0 if QUICK else 4.0
TIMES = 2 if QUICK else 3
MIN_SCORE = 0.7
PEER = "insightface, two threads"
LIMIT = "in one process, nothing stored"


def main(
    photos: Annotated[Path, typer.Argument(help="a folder of previews")],
    pack: Annotated[str, typer.Option(help="the pack to serve")] = "open",
    cache: Annotated[Path, typer.Option(help="keeps models")] = Path(".cache/bench"),
) -> None:
    """Measure serving against a peer and against the bare pipeline."""
    files = sorted(path for path in photos.iterdir() if path.suffix in {".jpg", ".png"})
    report = Report(
        f"Serving, {len(files)} previews, pack {pack}",
        "images a second; ratios are of medians measured in turn",
    )
    pipeline = load_pack(pack, cache_dir=cache)
    images = [path.read_bytes() for path in files]
    with ExitStack() as stack:
        works = {LIMIT: lambda: in_process(pipeline, images)}
        peer = os.environ.get("PEERS")
        if peer:
            works[PEER] = lambda: insightface_loop(peer, files)
        for durability in ("process", "power"):
            data = stack.enter_context(tempfile.TemporaryDirectory(dir="."))
            server = stack.enter_context(serving(Path(data), durability=durability, pack=pack))
            calls = (
                ("recognize", "detect", "embed") if durability == "power" else ("recognize",)
            )
            for call in calls:
                for concurrency in CONCURRENCIES:
                    name = f"{call}, {concurrency} at once, {durability}"
                    works[name] = _caller(server.address, call, concurrency, files)
        values = alternate(works, times=TIMES)
    limit = report.add(figure(LIMIT, "images/s", values.pop(LIMIT)))
    against = figure(PEER, "images/s", values.pop(PEER)) if peer else None
    if against:
        report.add(against)
    for name, rates in values.items():
        one = figure(name, "images/s", rates)
        report.add(one.against(limit, aim="0.85" if name.startswith("recognize, 8") else ""))
        if against and name.startswith("recognize, 8"):
            report.add(one.against(against, aim="2.2 (3)"))
    report.finish("serve")


def _caller(
    address: str, call: str, concurrency: int, files: list[Path]
) -> Callable[[], float]:
    return lambda: float(drive(address, call, concurrency, SECONDS, files)["rate"])


def in_process(pipeline: Pipeline, images: list[bytes]) -> float:
    """Return images a second of the pipeline in as many threads as there are cores."""
    threads = len(os.sched_getaffinity(0))
    end = time.perf_counter() + SECONDS

    def work(offset: int) -> int:
        done = 0
        while time.perf_counter() < end:
            pipeline.analyze(images[(offset + done) % len(images)], min_score=MIN_SCORE)
            done += 1
        return done

    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(work, range(threads))) / SECONDS


def insightface_loop(python: str, files: list[Path]) -> float:
    """Return images a second of the library with two calling threads."""
    program = Path(__file__).parent / "peers" / "insightface_loop.py"
    command = [python, str(program), "2", str(SECONDS), *map(str, files)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    return float(json.loads(done.stdout.splitlines()[-1])["rate"])


if __name__ == "__main__":
    sys.exit(typer.run(main))
