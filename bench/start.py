"""Start: `python -m bench.start`.

How long a server with cached models takes from the start of its process until health says
SERVING to a client, how much time of processors that costs, and what it holds then.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import typer

from bench.harness import QUICK, Report, figure
from bench.servers import serving, until_serving

STARTS = 3 if QUICK else 9


def main() -> None:
    """Measure how a server starts."""
    report = Report("Start to SERVING, models cached")
    taken, spent, held = [], [], []
    with tempfile.TemporaryDirectory(dir=".") as folder:
        for _ in range(STARTS + 1):
            with serving(Path(folder)) as server:
                taken.append(server.start_seconds + until_serving(server))
                spent.append(server.cpu_seconds)
                held.append(server.resident_bytes / 1e6)
    # The first start makes the store, and may measure sessions.
    report.add(figure("start to SERVING", "s", taken[1:]).below(3))
    report.add(figure("processor time of it", "s", spent[1:]))
    report.add(figure("resident memory, idle", "MB", held[1:]).below(500))
    report.finish("start")


if __name__ == "__main__":
    sys.exit(typer.run(main))
