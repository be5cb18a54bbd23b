"""A server for the time of the demo, and the commands of the server that it needs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, Final, Self

from facefolk.cli.statuses import CommandError, ExitStatus

_ANNOUNCEMENT: Final = "listening on "
_STOP_SECONDS: Final = 10.0
_LOG_LINES: Final = 20
# What `facefolk-server models` leaves with.
_TOOL_STATUSES: Final = MappingProxyType(
    {2: ExitStatus.USAGE, 3: ExitStatus.UNREACHABLE, 4: ExitStatus.REFUSED}
)
# What of a deployment's settings is about models and devices; the rest is not the demo's.
_KEPT_SETTINGS: Final = (
    "FACEFOLK_MODEL_MIRROR",
    "FACEFOLK_CACHE_DIR",
    "FACEFOLK_PACK",
    "FACEFOLK_PACKS",
    "FACEFOLK_ACCEPT_NONCOMMERCIAL",
    "FACEFOLK_DEVICE",
    "FACEFOLK_PRECISION",
    "FACEFOLK_REQUIRE_DEVICE",
    "FACEFOLK_WORKER_THREADS",
)
# Nothing of the demo has to survive anything.
_OWN_SETTINGS: Final = MappingProxyType(
    {
        "FACEFOLK_DURABILITY": "process",
        "FACEFOLK_QUIET_SECONDS": "0",
        "FACEFOLK_DRAIN_SECONDS": "1",
        "FACEFOLK_LOG_FORMAT": "json",
        "FACEFOLK_LOG_LEVEL": "INFO",
    }
)


def preferred_pack() -> str:
    """Return the pack that the environment names, `auto` where it names none."""
    return os.environ.get("FACEFOLK_PACK") or "auto"


def run_tool(*arguments: str) -> Any:
    """Run `facefolk-server ARGUMENTS --json` and return what it prints.

    Its bars and messages go to stderr.

    Raises:
        CommandError: it failed.
    """
    process = subprocess.Popen(
        [*_command(), *arguments, "--json"],
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        output, _ = process.communicate()
    except BaseException:
        process.kill()
        process.wait()
        raise
    if process.returncode:
        called = "facefolk-server " + " ".join(arguments)
        raise CommandError(
            f"'{called}' failed: it says why above.",
            _TOOL_STATUSES.get(process.returncode, ExitStatus.BUG),
        )
    return json.loads(output)


class DemoServer:
    """`facefolk-server serve` on a free port of this machine; a context that stops it.

    `tell` is called with each line of its log, by another thread.
    """

    def __init__(self, data: Path, *, pack: str, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._log: deque[str] = deque(maxlen=_LOG_LINES)
        self._address = ""
        self._announced = threading.Event()
        # In a session of its own, Ctrl-C reaches it only through us.
        self._process = subprocess.Popen(
            [*_command(), "serve", "--data", str(data), "--listen", "127.0.0.1:0"],
            env={**_environment(), "FACEFOLK_PACK": pack},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._threads = [
            threading.Thread(target=self._read_output, args=(self._process.stdout,)),
            threading.Thread(target=self._read_log, args=(self._process.stderr,)),
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def wait_serving(self) -> str:
        """Wait until it serves, and return its address.

        Raises:
            CommandError: it ended before.
        """
        self._announced.wait()
        if not self._address:
            raise self._ended()
        return self._address

    def check(self) -> None:
        """Raise CommandError if it is no longer there."""
        if self._process.poll() is not None:
            raise self._ended()

    def stop(self) -> None:
        """Stop it, without fail, though the user may lose patience meanwhile."""
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            self._process.terminate()
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            for thread in self._threads:
                thread.join()
        finally:
            signal.signal(signal.SIGINT, before)

    def _ended(self) -> CommandError:
        for thread in self._threads:
            thread.join(_STOP_SECONDS)
        last = self._log[-1] if self._log else "it said nothing"
        return CommandError(f"The server of the demo ended: {last}", ExitStatus.UNREACHABLE)

    def _read_output(self, lines: IO[str]) -> None:
        with lines:
            for line in lines:
                if line.startswith(_ANNOUNCEMENT):
                    self._address = line.removeprefix(_ANNOUNCEMENT).strip()
                    self._announced.set()
        self._announced.set()

    def _read_log(self, lines: IO[str]) -> None:
        with lines:
            for line in lines:
                if message := _message(line):
                    self._log.append(message)
                    self._tell(message)


def _command() -> list[str]:
    return [sys.executable, "-m", "facefolk_server"]


def _environment() -> Mapping[str, str]:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("FACEFOLK_") or name in _KEPT_SETTINGS
    }
    return {**inherited, **_OWN_SETTINGS}


def _message(line: str) -> str:
    with suppress(ValueError, TypeError, KeyError):
        return str(json.loads(line)["message"])
    return line.strip()
