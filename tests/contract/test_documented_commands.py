"""What the README and the docs name exists: commands, options, targets, calls, links."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import facefolk
import pytest
import typer
from facefolk import AsyncClient, Client
from facefolk.cli.app import app as client_app
from facefolk_server.cli import app as server_app

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
COMMANDS = {
    "facefolk": typer.main.get_command(client_app),
    "facefolk-server": typer.main.get_command(server_app),
}
CLIENTS = {"client": Client, "old": Client, "new": Client, "async_client": AsyncClient}
FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def fenced(language: str) -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for told, block in FENCED.findall(page.read_text()):
            if told == language:
                yield page.name, block


def shell_lines() -> list[str]:
    """The lines of all shell blocks; what a pipe leads to stands on a line of its own."""
    lines = []
    for _, block in fenced("sh"):
        for line in re.sub(r"\\\n|\|\n", " ", block).splitlines():
            words = shlex.split(line, comments=True)
            if words:
                lines.append(shlex.join(words))
    return lines


def in_prose() -> list[str]:
    """Commands of ours between backticks, outside of blocks."""
    found = set()
    for page in PAGES:
        prose = FENCED.sub("", page.read_text())
        found |= set(re.findall(r"`((?:facefolk|facefolk-server) [^`]+)`", prose))
    return sorted(found)


def resolve(words: list[str], *, in_full: bool) -> None:
    """Walk down to the command and parse its options; fails as the command would.

    What is not in full may lack arguments.
    """
    name, *rest = words
    command: Any = COMMANDS[name]
    parsing = {} if in_full else {"resilient_parsing": True}
    context = command.make_context(name, list(rest), **parsing)
    while hasattr(command, "resolve_command"):
        left = [*context._protected_args, *context.args]
        if not left:
            return
        called, command, rest = command.resolve_command(context, left)
        context = command.make_context(called, rest, parent=context, **parsing)


def commands_of(line: str) -> Iterator[list[str]]:
    """The words of each command of ours in a line, without what is set before it."""
    words = [word.removeprefix(".venv/bin/") for word in shlex.split(line)]
    while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
        del words[0]
    if words and words[0] in COMMANDS:
        end = next((i for i, word in enumerate(words) if word in {"|", ">", "&&"}), None)
        yield words[:end]


@pytest.mark.parametrize("line", shell_lines())
def test_lines_of_the_shell_can_be_typed(line: str) -> None:
    words = shlex.split(line)
    if words[0] == "make":
        makefile = (ROOT / "Makefile").read_text()
        assert re.search(rf"^{re.escape(words[1])}:.*## ", makefile, re.MULTILINE)
    elif words[0].endswith("python"):
        assert words[1] == "-m"
        assert importlib.util.find_spec(words[2])
    for each in commands_of(line):
        resolve(each, in_full=True)
    for word in words:
        if word.removeprefix("--file=").startswith("docs/"):
            assert (ROOT / word.removeprefix("--file=")).is_file()


@pytest.mark.parametrize("text", in_prose())
def test_commands_in_prose_exist(text: str) -> None:
    resolve(shlex.split(text), in_full=False)


def test_programs_call_what_there_is() -> None:
    called = 0
    for page, block in fenced("python"):
        for node in ast.walk(ast.parse(block, page)):
            if isinstance(node, ast.ImportFrom) and node.module == "facefolk":
                assert all(hasattr(facefolk, alias.name) for alias in node.names), page
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            owner = node.func.value
            if isinstance(owner, ast.Name) and owner.id in CLIENTS:
                method = getattr(CLIENTS[owner.id], node.func.attr)
                named = {keyword.arg: None for keyword in node.keywords if keyword.arg}
                inspect.signature(method).bind(None, *node.args, **named)
                called += 1
    assert called >= 6


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), target


def test_every_page_is_named_in_the_readme() -> None:
    readme = PAGES[0].read_text()
    assert not [page.name for page in PAGES[1:] if f"docs/{page.name}" not in readme]
