"""Ingestion with a million faces stored: `python -m bench.stored_ingest PHOTOS`.

Beside it stands ingestion into an empty store. The same previews are sent to two servers in
turn, each time as new assets. What a server makes for the faces it found stored is done before.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from bench.harness import QUICK, Report, figure
from bench.load import drive
from bench.servers import Running, serving
from bench.stored import filled

CONCURRENCY = 8
TIMES = 3 if QUICK else 7
SECONDS = 2.0 if QUICK else 6.0
_IDLE = 0.05


def main(
    photos: Annotated[Path, typer.Argument(help="a folder of previews")],
    *,
    count: Annotated[int, typer.Option(help="faces stored")] = 20_000 if QUICK else 1_000_000,
    data: Annotated[
        Path | None, typer.Option(help="where the store is kept that is filled")
    ] = None,
) -> None:
    """Measure how many images a second are taken in."""
    files = sorted(path for path in photos.rglob("*") if path.suffix in {".jpg", ".png"})
    report = Report(f"Ingestion beside {count:,} stored faces", live=True)
    with tempfile.TemporaryDirectory(dir=".") as folder:
        full = filled(data or Path(folder) / "full", count)
        with (
            serving(Path(folder) / "empty", durability="process") as empty_server,
            serving(full, durability="process") as full_server,
        ):
            servers = {"empty": empty_server, "full": full_server}
            for server in servers.values():
                drive(server.address, "recognize", CONCURRENCY, SECONDS, files)
                _until_idle(server)
            runs = _in_turn(servers, files)
    names = {"empty": "an empty store", "full": f"{count:,} faces stored"}
    for key, unit, aim in (("rate", "images/s", "at least 0.9"), ("cpu_ms", "ms", "")):
        what = {"rate": "images taken in", "cpu_ms": "server's CPU an image"}[key]
        empty, full_figure = (
            figure(f"{what}, {names[name]}", unit, [run[key] for run in runs[name]])
            for name in ("empty", "full")
        )
        report.add(full_figure.against(report.add(empty), aim=aim))
    report.finish("stored-ingest")


def _in_turn(servers: dict[str, Running], files: list[Path]) -> dict[str, list[dict[str, Any]]]:
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in servers}
    for _ in range(TIMES):
        for name, server in servers.items():
            before = server.cpu_seconds
            answer = drive(server.address, "recognize", CONCURRENCY, SECONDS, files)
            spent = server.cpu_seconds - before
            runs[name].append({**answer, "cpu_ms": spent * 1000 / answer["sent"]})
    return runs


def _until_idle(server: Running) -> None:
    spent = 1.0
    while spent > _IDLE:
        before = server.cpu_seconds
        time.sleep(1)
        spent = server.cpu_seconds - before


if __name__ == "__main__":
    sys.exit(typer.run(main))
