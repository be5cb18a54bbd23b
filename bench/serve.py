"""Serving: `python -m bench.serve PHOTOS`, PHOTOS being a folder of previews.

Recognize, Detect and Embed over gRPC at several concurrencies, in turn with the same pipeline
in one process with nothing stored, bare sessions, OpenCV's detector, and the insightface
library in a loop where an environment with it is named (`PEERS=.venv-peers/bin/python`, made by
`make bench-peers`). Beside images a second it tells the processor time of an image, client and
server together, which depends less on what else the machine does. What is compared is measured
in turn, and a ratio is the median of those of each turn, which met about the same machine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from facefolk_server.vision.pipeline import Pipeline

from bench.bare import BareNetworks
from bench.harness import QUICK, Figure, Report, alternate, figure, quotients
from bench.load import drive
from bench.peers import gather_models
from bench.quality.packs import load_pack
from bench.servers import Running, serving

COMPARED = 8
OTHERS = () if QUICK else (1, 2, 32)
SECONDS, OTHER_SECONDS = (2.0 if QUICK else 4.0), 2.0
TIMES, OTHER_TIMES = (2 if QUICK else 5), 2
MIN_SCORE = 0.7
PEER = "insightface, two threads"
OPENCV = "OpenCV's FaceDetectorYN, decoding and detecting"
LIMIT = "in one process, nothing stored"
BARE = "bare sessions and decoding"
Values = Mapping[str, Sequence[float]]


@dataclass(slots=True)
class Meter:
    """Milliseconds of processor time an image, by what was measured."""

    values: dict[str, list[float]] = field(default_factory=dict)

    def note(self, name: str, seconds: float, images: float) -> None:
        """Take in that so many images took so long."""
        if images:
            self.values.setdefault(name, []).append(seconds / images * 1000)


def main(
    photos: Annotated[Path, typer.Argument(help="a folder of previews")],
    pack: Annotated[str, typer.Option(help="the pack to serve")] = "open",
    times: Annotated[int, typer.Option(help="how often what is compared is measured")] = TIMES,
    cache: Annotated[Path, typer.Option(help="keeps models")] = Path(".cache/bench"),
) -> None:
    """Measure serving against peers and against the bare pipeline."""
    files = sorted(path for path in photos.iterdir() if path.suffix in {".jpg", ".png"})
    report = Report(
        f"Serving, {len(files)} previews, pack {pack}",
        "images a second, and ms of processor time an image; measured in turn",
    )
    meter = Meter()
    with ExitStack() as stack:
        compared, others = _peers(files, meter, pack=pack, cache=cache), {}
        for durability in ("process", "power"):
            data = stack.enter_context(tempfile.TemporaryDirectory(dir="."))
            server = stack.enter_context(serving(Path(data), durability=durability, pack=pack))
            stored = durability == "power"
            for call in ("recognize", "detect", "embed") if stored else ("recognize",):
                for concurrency in (COMPARED, *OTHERS):
                    name = f"{call}, {concurrency} at once"
                    name += f", {durability}" if call == "recognize" else ""
                    works = compared if concurrency == COMPARED else others
                    works[name] = _caller(server, name, call, concurrency, files, meter)
        rates = alternate(compared, times=times, warm_up=0)  # each warms up by itself
        rates |= alternate(others, times=OTHER_TIMES, warm_up=0)
    for name, values in rates.items():
        report.add(figure(name, "images/s", values))
        report.add(figure(name, "CPU ms", meter.values[name]))
    for one in _ratios(rates, meter.values, small="small" in pack):
        report.add(one)
    report.finish("serve" if pack == "open" else f"serve-{pack}")


def _ratios(rates: Values, costs: Values, *, small: bool) -> Iterator[Figure]:
    """Give how many times as fast as peers and limits ours is, turn by turn."""
    aims = {PEER: "2.8 (4)" if small else "2.2 (3)", LIMIT: "0.85"}
    eight = f", {COMPARED} at once"
    for name in rates:
        peers = {"recognize": (PEER, LIMIT), "detect": (OPENCV,)}.get(name.split(",")[0], ())
        for other in peers if eight in name else ():
            if other in rates:
                label, aim = f"{name}, against {other}", aims.get(other, "")
                faster = quotients(rates[name], rates[other])
                yield figure(label, "times as fast", faster, aim=aim)
                cheaper = quotients(costs[other], costs[name])
                yield figure(label, "by CPU ms", cheaper, aim=aim)


def _peers(
    files: list[Path], meter: Meter, *, pack: str, cache: Path
) -> dict[str, Callable[[], float]]:
    pipeline = load_pack(pack, cache_dir=cache)
    images = [path.read_bytes() for path in files]
    bare = BareNetworks(pipeline.pack, pack, images, cache_dir=cache)
    os.environ["MODELS"] = str(gather_models(cache))
    works: dict[str, Callable[[], float]] = {
        LIMIT: lambda: in_threads(LIMIT, meter, images, _analysis(pipeline)),
        BARE: lambda: in_threads(BARE, meter, images, bare.run),
        OPENCV: lambda: _loop(OPENCV, meter, sys.executable, "yunet_loop.py", files),
    }
    if peer := os.environ.get("PEERS"):
        works[PEER] = lambda: _loop(PEER, meter, peer, "insightface_loop.py", files)
    return works


def _analysis(pipeline: Pipeline) -> Callable[[bytes], object]:
    return lambda data: pipeline.analyze(data, min_score=MIN_SCORE)


def _caller(
    server: Running, name: str, call: str, concurrency: int, files: list[Path], meter: Meter
) -> Callable[[], float]:
    def work() -> float:
        began = server.cpu_seconds
        seconds = SECONDS if concurrency == COMPARED else OTHER_SECONDS
        told = drive(server.address, call, concurrency, seconds, files)
        spent = server.cpu_seconds - began
        meter.note(name, spent + told["cpu_seconds"], told["sent"])
        return float(told["rate"])

    return work


def in_threads(
    name: str, meter: Meter, images: list[bytes], run: Callable[[bytes], object]
) -> float:
    """Return images a second of work in as many threads as there are cores."""
    threads = len(os.sched_getaffinity(0))
    began, end = time.process_time(), time.perf_counter() + SECONDS

    def work(offset: int) -> int:
        done = 0
        while time.perf_counter() < end:
            run(images[(offset + done) % len(images)])
            done += 1
        return done

    with ThreadPoolExecutor(threads) as pool:
        done = sum(pool.map(work, range(threads)))
    meter.note(name, time.process_time() - began, done)
    return done / SECONDS


def _loop(name: str, meter: Meter, python: str, program: str, files: list[Path]) -> float:
    """Return images a second of a library with two calling threads, in its own process."""
    path = Path(__file__).parent / "peers" / program
    command = [python, str(path), "2", str(SECONDS), *map(str, files)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    told = json.loads(done.stdout.splitlines()[-1])
    meter.note(name, told["cpu_seconds"], told["rate"] * SECONDS)
    return float(told["rate"])


if __name__ == "__main__":
    sys.exit(typer.run(main))
