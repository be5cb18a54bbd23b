"""Where commands print: one JSON document or tables on stdout, all else on stderr."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

import typer
from rich.console import Console, RenderableType
from rich.table import Table

from facefolk.cli.values import error_value, json_value, plain
from facefolk.errors import FacefolkError

# Where nobody looks at a terminal, tables are not cut to the width of one.
_PIPE_WIDTH: Final = 10_000
_RIGHT: Final = ">"


class Screen:
    """What one command prints on."""

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json
        self.errors = _console(stderr=True)
        self._output = _console()

    def show(self, value: object, draw: Callable[[], RenderableType]) -> None:
        """Print a value as JSON, or else what `draw` makes of it."""
        if self.as_json:
            self.write_json(json_value(value))
        else:
            self.print(draw())

    def write_json(self, value: object) -> None:
        """Print the one JSON document."""
        typer.echo(json.dumps(value, indent=2, ensure_ascii=False))

    @property
    def is_terminal(self) -> bool:
        """Whether somebody looks at the output."""
        return self._output.is_terminal

    def ask(self, text: str) -> None:
        """Print a prompt, without the end of the line."""
        self._output.print(text, end="")

    def write_json_line(self, value: object) -> None:
        """Print one of many JSON documents, each on a line."""
        typer.echo(json.dumps(json_value(value), ensure_ascii=False))

    def print(self, drawn: RenderableType) -> None:
        """Print on stdout, what is not JSON."""
        self._output.print(drawn)

    def note(self, text: str, *, style: str = "") -> None:
        """Print a line beside the result."""
        self.errors.print(plain(text), style=style)

    def fail(self, error: FacefolkError, message: str) -> None:
        """Print why the command failed; beside it as JSON where JSON is asked for."""
        self.note(message.replace("\n", " "), style="red")
        if self.as_json:
            self.write_json(error_value(error, message))


def table(*columns: str) -> Table:
    """Return an empty table; columns named with a leading ">" hold numbers."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        number = column.startswith(_RIGHT)
        made.add_column(
            column.removeprefix(_RIGHT),
            justify="right" if number else "left",
            no_wrap=number,
            overflow="fold",
        )
    return made


def fields_table(rows: Sequence[tuple[str, object]]) -> Table:
    """Return a table of names and values."""
    made = Table(box=None, pad_edge=False, show_header=False)
    made.add_column(style="bold", no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in rows:
        made.add_row(name, shown(value))
    return made


def shown(value: object) -> str:
    """Return a value for people."""
    match value:
        case None | "":
            return "-"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.3g}"
    return plain(str(value))


def clock_time(time: datetime | None) -> str:
    """Return a time as the clocks here show it, with their zone, for people."""
    return time.astimezone().strftime("%Y-%m-%d %H:%M %Z") if time else "-"


def counted(number: int, one: str, many: str) -> str:
    """Return a number with what it counts."""
    return f"{number:,} {one if number == 1 else many}"


def _console(*, stderr: bool = False) -> Console:
    # Names are not markup. The width of pipes is set; that of terminals is asked for.
    made = Console(stderr=stderr, markup=False, highlight=False, emoji=False)
    if not made.is_terminal:
        made.width = _PIPE_WIDTH
    return made
