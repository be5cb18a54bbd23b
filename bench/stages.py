"""Where the time of a picture goes: `python -m bench.stages PHOTOS`, a folder of previews.

Milliseconds an image. First the pipeline in one thread, stage by stage, beside what bare
networks take; then the processor time of a server under eight calls at once, by thread: the
main one runs the event loop with gRPC, those of LanceDB write, and most of what other threads
of Python do is the pipeline.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from bench.bare import BareNetworks
from bench.harness import QUICK, Report, figure
from bench.load import drive
from bench.quality.packs import load_pack
from bench.servers import Running, serving

SECONDS = 2.0 if QUICK else 5.0
TIMES = 3 if QUICK else 9
MIN_SCORE = 0.7


def main(
    photos: Annotated[Path, typer.Argument(help="a folder of previews")],
    pack: Annotated[str, typer.Option(help="the pack")] = "open",
    cache: Annotated[Path, typer.Option(help="keeps models")] = Path(".cache/bench"),
) -> None:
    """Measure what each stage costs."""
    files = sorted(path for path in photos.iterdir() if path.suffix in {".jpg", ".png"})
    report = Report(
        f"Stages, {len(files)} previews, pack {pack}",
        "of stages by the clock, of threads by the processor",
    )
    _stages(report, [path.read_bytes() for path in files], pack=pack, cache=cache)
    with tempfile.TemporaryDirectory(dir=".") as data, serving(Path(data), pack=pack) as server:
        for call in ("dry", "recognize"):
            _threads(report, server, call, files)
    report.finish("stages")


def _stages(report: Report, images: list[bytes], *, pack: str, cache: Path) -> None:
    pipeline = load_pack(pack, cache_dir=cache)
    bare = BareNetworks(pipeline.pack, pack, images, cache_dir=cache)
    laps: dict[str, list[float]] = {}
    for turn in range(TIMES + 1):
        costs: Counter[str] = Counter()
        for data in images:
            costs.update(pipeline.analyze(data, min_score=MIN_SCORE).timings)
            scene, faces = bare.inputs[data]
            began = time.perf_counter()
            bare.detector.run(scene)
            middle = time.perf_counter()
            for _ in range(faces):
                bare.recognizer.run(bare.crop)
            costs["bare detector"] += (middle - began) * 1000
            costs["bare recognizer"] += (time.perf_counter() - middle) * 1000
        for name, value in costs.items():
            if turn:
                laps.setdefault(name, []).append(value / len(images))
    for name, values in laps.items():
        report.add(figure(name, "ms", values))


def _threads(report: Report, server: Running, call: str, files: list[Path]) -> None:
    drive(server.address, call, 8, 1.0, files)
    before = server.threads()
    told = drive(server.address, call, 8, SECONDS, files)
    costs: Counter[str] = Counter()
    for thread, (name, seconds) in server.threads().items():
        costs[name] += seconds - before.get(thread, (name, 0.0))[1]
    milliseconds = {name: spent / told["sent"] * 1000 for name, spent in costs.items()}
    for name, value in sorted(milliseconds.items(), key=lambda one: -one[1]):
        if value >= 0.05:
            report.add(figure(f"server, {call}: {name}", "ms", [value]))
    client = told["cpu_seconds"] / told["sent"] * 1000
    report.add(figure(f"client, {call}", "ms", [client]))


if __name__ == "__main__":
    sys.exit(typer.run(main))
