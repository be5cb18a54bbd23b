"""What the commands print: bars while they work, and why they failed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, TaskID, TextColumn
from rich.progress import Progress as ProgressBars

from facefolk_server.errors import FacefolkError, LicenseError, ModelUnavailableError
from facefolk_server.vision.downloads.progress import Progress, ProgressCallback

# Exit statuses: 0 done, 1 something was found wrong, 2 a wrong argument.
_UNAVAILABLE = 3
_LICENSE = 4


@contextmanager
def exit_status() -> Iterator[None]:
    """Print what went wrong and leave with the status that says of what kind it is."""
    try:
        yield
    except FacefolkError as exc:
        console = Console(stderr=True, soft_wrap=True, markup=False, highlight=False)
        console.print(exc.message, style="red")
        match exc:
            case ModelUnavailableError():
                raise typer.Exit(_UNAVAILABLE) from exc
            case LicenseError():
                raise typer.Exit(_LICENSE) from exc
        raise typer.Exit(2) from exc


@contextmanager
def bars(*columns: ProgressColumn) -> Iterator[ProgressCallback]:
    """Draw a bar for each file, and these columns, on the standard error stream."""
    first = (TextColumn("{task.description}"), BarColumn())
    with ProgressBars(*first, *columns, console=Console(stderr=True)) as drawn:
        yield _draw_on(drawn)


def _draw_on(drawn: ProgressBars) -> Callable[[Progress], None]:
    tasks: dict[str, TaskID] = {}

    def draw(progress: Progress) -> None:
        if progress.file not in tasks:
            tasks[progress.file] = drawn.add_task(progress.file, total=None)
        drawn.update(
            tasks[progress.file],
            description=f"{progress.file}: {progress.stage}",
            completed=progress.done_bytes or None,
            total=progress.total_bytes,
        )

    return draw


def print_json(value: object) -> None:
    """Print the value as JSON on the standard output."""
    typer.echo(json.dumps(value, indent=2))
