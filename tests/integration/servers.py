"""Servers in processes of their own."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

import grpc

# A busy machine takes its time; a server that cannot start ends at once.
START_SECONDS = 300.0


@dataclass
class ServerProcess:
    """`facefolk-server serve` on a free port, over its own data directory."""

    data: Path
    environment: dict[str, str]
    arguments: tuple[str, ...] = ()
    process: subprocess.Popen[str] | None = None
    address: str = ""
    log: list[str] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)
    _lines: queue.Queue[str | None] = field(default_factory=queue.Queue)

    def start(self) -> ServerProcess:
        """Start the process and return when it serves."""
        self.launch()
        return self.wait_serving()

    def launch(self) -> ServerProcess:
        """Start the process and return at once."""
        command = [sys.executable, "-m", "facefolk_server", "serve", "--data", str(self.data)]
        if "--listen" not in self.arguments:
            command += ["--listen", "127.0.0.1:0"]
        self._lines = queue.Queue()
        self.process = subprocess.Popen(
            [*command, *self.arguments],
            env={**os.environ, **self.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._threads = [
            threading.Thread(target=self._read_output),
            threading.Thread(target=self._read_log),
        ]
        for thread in self._threads:
            thread.start()
        return self

    def wait_serving(self) -> ServerProcess:
        line = self._lines.get(timeout=START_SECONDS)
        assert line is not None, f"the server ended: {self.text}"
        assert line.startswith("listening on "), line
        self.address = line.removeprefix("listening on ").strip()
        return self

    def channel(self) -> grpc.Channel:
        options = [
            ("grpc.max_receive_message_length", 64 << 20),
            ("grpc.max_send_message_length", 64 << 20),
            ("grpc.use_local_subchannel_pool", 1),
            # A server that is being started is looked for all the time, not ever more rarely.
            ("grpc.max_reconnect_backoff_ms", 500),
        ]
        return grpc.insecure_channel(self.address, options=options)

    def signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def wait(self, *, seconds: float = 60.0) -> int:
        """Return the exit status."""
        assert self.process is not None
        status = self.process.wait(timeout=seconds)
        for thread in self._threads:
            thread.join()
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()
        return status

    def kill(self) -> int:
        self.signal(signal.SIGKILL)
        return self.wait()

    def stop(self) -> int:
        """Stop the process as an operator does; it may have ended already."""
        assert self.process is not None
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        return self.wait()

    @property
    def text(self) -> str:
        return "".join(self.log)

    def _read_output(self) -> None:
        assert self.process is not None
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def _read_log(self) -> None:
        assert self.process is not None
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.log.append(line)


class ServerFactory:
    """Makes servers and stops those that are still there at the end."""

    def __init__(self, root: Path, environment: dict[str, str]) -> None:
        self._root = root
        self._environment = environment
        self.made: list[ServerProcess] = []

    def __call__(
        self, name: str = "data", *, arguments: tuple[str, ...] = (), **environment: str
    ) -> ServerProcess:
        """Make a server that is not started; `environment` is in lower case, unprefixed."""
        variables = {f"FACEFOLK_{key.upper()}": value for key, value in environment.items()}
        made = ServerProcess(
            self._root / name, {**self._environment, **variables}, arguments=arguments
        )
        self.made.append(made)
        return made

    def close(self) -> None:
        for server in self.made:
            if server.process is not None and server.process.returncode is None:
                server.kill()
