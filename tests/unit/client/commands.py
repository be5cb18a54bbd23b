"""Runs the command `facefolk` in this process."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from typing import Any

import typer.testing
from facefolk.cli.app import app
from typer.testing import CliRunner

# The tree of the commands is built once: that takes longer than most of them do.
typer.testing._get_command = functools.cache(typer.main.get_command)


@dataclass(frozen=True)
class Done:
    """What a command left behind; `out` and `err` have single spaces."""

    status: int
    stdout: str
    stderr: str

    @property
    def out(self) -> str:
        return " ".join(self.stdout.split())

    @property
    def err(self) -> str:
        return " ".join(self.stderr.split())

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)


@dataclass(frozen=True)
class Command:
    """`facefolk` with the options that come first."""

    first: tuple[str, ...]

    def __call__(self, *arguments: object, status: int = 0, said: str = "") -> Done:
        """Run a command; `said` is what stands on its standard input."""
        result = CliRunner().invoke(app, [*self.first, *map(str, arguments)], input=said)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        done = Done(result.exit_code, result.stdout, result.stderr)
        assert done.status == status, f"left with {done.status}: {done.stdout}{done.stderr}"
        return done
