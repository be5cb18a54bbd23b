"""docs/cli.md names every command and every option of it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from facefolk.cli.app import app
from typer.main import get_command

PAGE = (Path(__file__).parents[2] / "docs/cli.md").read_text()
LINES = [
    line
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
]


def commands(command: Any, path: str = "facefolk") -> Iterator[tuple[str, Any]]:
    """Every command that is not hidden, by its words."""
    yield path, command
    for name, one in getattr(command, "commands", {}).items():
        if not one.hidden:
            yield from commands(one, f"{path} {name}")


def words_of(line: str) -> list[str]:
    first, *words = shlex.split(line, comments=True)
    assert first == "facefolk"
    return words


def test_every_command_and_option_is_there() -> None:
    written = [words_of(line) for line in LINES]
    missing = set()
    for path, command in commands(get_command(app)):
        path_words = path.split()[1:]
        lines = [words for words in written if _is_of(words, path_words)]
        if not lines and not getattr(command, "commands", None):
            missing.add(path)
        for option in command.params:
            names = {*option.opts, *option.secondary_opts} - {"--help", "--json", "--version"}
            if not names or option.param_type_name != "option" or option.hidden:
                continue
            said = any(names & set(words) for words in lines)
            if not said and not any(f"`{name}`" in PAGE for name in names):
                missing.add(f"{path} {option.opts[0]}")
    assert missing == set()


def _is_of(words: list[str], path: list[str]) -> bool:
    """Tell whether a line runs a command, options before the command left aside."""
    return " ".join(path) in " ".join(words)
