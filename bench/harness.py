"""What every benchmark needs: repetitions, a table for people, JSON for programs."""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

OUT = Path(os.environ.get("BENCH_OUT", "out/bench"))
QUICK = bool(os.environ.get("QUICK"))
_LIBRARIES = ("grpcio", "lancedb", "numpy", "onnxruntime-openvino", "opencv-python-headless")


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: the median of its repetitions, the least and the largest.

    `ratio` is to the peer or limit that `of` names, measured in the same run; `aim` is the
    ratio that is asked for.
    """

    name: str
    unit: str
    median: float
    least: float
    most: float
    ratio: float | None = None
    of: str = ""
    aim: str = ""

    def against(self, other: Figure, *, aim: str, inverse: bool = False) -> Figure:
        """Return the figure with its ratio to another one."""
        ratio = other.median / self.median if inverse else self.median / other.median
        return Figure(
            self.name, self.unit, self.median, self.least, self.most, ratio, other.name, aim
        )

    def below(self, limit: float) -> Figure:
        """Return the figure with its ratio to what it should not reach."""
        bound = Figure(f"{limit:g} {self.unit}", self.unit, limit, limit, limit)
        return self.against(bound, aim="under 1")


@dataclass(slots=True)
class Report:
    """The figures of one benchmark; a `live` one tells each as soon as it is there."""

    title: str
    notes: str = ""
    live: bool = False
    figures: list[Figure] = field(default_factory=list)
    started: float = field(default_factory=time.time)

    def add(self, figure: Figure) -> Figure:
        """Take a figure in and return it."""
        self.figures.append(figure)
        if self.live:
            ratio = "" if figure.ratio is None else f"  {figure.ratio:.2f} of {figure.of}"
            sys.stderr.write(f"{figure.name}: {figure.median:.4g} {figure.unit}{ratio}\n")
        return figure

    def finish(self, name: str) -> None:
        """Print the table and write the JSON."""
        table = Table(title=self.title, caption=self.notes or None)
        for column in ("what", "median", "least", "most", "unit", "ratio", "of", "aim"):
            right = column in {"median", "least", "most", "ratio"}
            table.add_column(column, justify="right" if right else "left")
        for one in self.figures:
            ratio = "" if one.ratio is None else f"{one.ratio:.2f}"
            numbers = (f"{value:.4g}" for value in (one.median, one.least, one.most))
            table.add_row(one.name, *numbers, one.unit, ratio, one.of, one.aim)
        Console(width=140).print(table)
        OUT.mkdir(parents=True, exist_ok=True)
        told = {
            "title": self.title,
            "notes": self.notes,
            "machine": machine(),
            "seconds": round(time.time() - self.started, 1),
            "figures": [asdict(one) for one in self.figures],
        }
        (OUT / f"{name}.json").write_text(json.dumps(told, indent=2) + "\n")


def figure(name: str, unit: str, values: Sequence[float], *, aim: str = "") -> Figure:
    """Return the median and spread of repetitions."""
    return Figure(name, unit, statistics.median(values), min(values), max(values), aim=aim)


def quotients(values: Sequence[float], others: Sequence[float]) -> list[float]:
    """Return the quotient of each repetition and the other's of the same turn."""
    return [value / other for value, other in zip(values, others, strict=True)]


def repeat(work: Callable[[], float], *, times: int, warm_up: int = 1) -> list[float]:
    """Return what the work answers, without its first answers."""
    for _ in range(warm_up):
        work()
    return [work() for _ in range(times)]


def alternate(
    works: Mapping[str, Callable[[], float]], *, times: int, warm_up: int = 1
) -> dict[str, list[float]]:
    """Repeat several works in turn, so that what else the machine does meets all of them."""
    for _ in range(warm_up):
        for work in works.values():
            work()
    answers: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(times):
        for name, work in works.items():
            answers[name].append(work())
    return answers


def seconds(work: Callable[[], Any]) -> float:
    """Return how long the work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def machine() -> dict[str, Any]:
    """Return what a reader has to know of the machine."""
    model = platform.processor()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    return {
        "cpu": model,
        "cores": len(os.sched_getaffinity(0)),
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        "libraries": {name: metadata.version(name) for name in _LIBRARIES},
    }
