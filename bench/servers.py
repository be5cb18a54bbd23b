"""Servers of a benchmark, in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from facefolk import Client

_ANNOUNCED = "listening on "


@dataclass(frozen=True, slots=True)
class Running:
    """A server that serves; `start_seconds` is how long that took."""

    address: str
    pid: int
    start_seconds: float

    @property
    def cpu_seconds(self) -> float:
        """How much time of processors the process has taken."""
        told = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")

    def threads(self) -> dict[str, tuple[str, float]]:
        """Return the name of each thread and how many seconds it has run, by its id."""
        found: dict[str, tuple[str, float]] = {}
        for task in Path(f"/proc/{self.pid}/task").iterdir():
            name = (task / "comm").read_text().strip()
            name = "main" if task.name == str(self.pid) else name
            nanoseconds = int((task / "schedstat").read_text().split()[0])
            found[task.name] = (name, nanoseconds / 1e9)
        return found

    @property
    def resident_bytes(self) -> int:
        """How much memory the process has."""
        return _memory(self.pid, "VmRSS")

    @property
    def peak_bytes(self) -> int:
        """How much memory it had at most."""
        return _memory(self.pid, "VmHWM")


@contextmanager
def serving(data: Path, **settings: str) -> Iterator[Running]:
    """Run a server over a directory; `settings` are in lower case, unprefixed."""
    own = {f"FACEFOLK_{name.upper()}": value for name, value in settings.items()}
    environment = {"FACEFOLK_PACK": "open", "FACEFOLK_LOG_LEVEL": "WARNING", **os.environ}
    started = time.perf_counter()
    where = ["--data", str(data), "--listen", "127.0.0.1:0"]
    server = subprocess.Popen(
        [sys.executable, "-m", "facefolk_server", "serve", *where],
        env={**environment, **own},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        line = server.stdout.readline()
        if not line.startswith(_ANNOUNCED):
            raise SystemExit("The server did not start; it says why above.")
        address = line.removeprefix(_ANNOUNCED).strip()
        yield Running(address, server.pid, time.perf_counter() - started)
    finally:
        server.terminate()
        server.wait()
        server.stdout.close()


def until_serving(server: Running) -> float:
    """Wait until health says so to a client, and return how many seconds that took."""
    started = time.perf_counter()
    with Client(server.address) as client:
        while not client.check_health():
            time.sleep(0.02)
    return time.perf_counter() - started


def _memory(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise SystemExit(f"process {pid} has no {name}")
