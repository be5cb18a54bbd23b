"""Bars on the standard error stream for what takes its time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from facefolk.cli.screen import Screen
from facefolk.ingest.report import IngestProgress
from facefolk.types import PullProgress, Round, RoundState


@contextmanager
def ingest_bar(screen: Screen) -> Iterator[Callable[[IngestProgress], None]]:
    """Draw how many files are done."""
    with _bars(screen, MofNCompleteColumn()) as bars:
        task = bars.add_task("ingesting", total=None, detail="")

        def draw(step: IngestProgress) -> None:
            parts = [f"{step.faces} faces"]
            parts += [f"{step.skipped} skipped"] if step.skipped else []
            parts += [f"{step.failed} failed"] if step.failed else []
            bars.update(task, completed=step.done, total=step.total, detail=", ".join(parts))

        yield draw


@contextmanager
def round_bar(screen: Screen) -> Iterator[Callable[[Round], None]]:
    """Draw how many faces a round has been through."""
    with _bars(screen, MofNCompleteColumn()) as bars:
        task = bars.add_task("round", total=None, detail="")

        def draw(step: Round) -> None:
            waits = step.state is RoundState.WAITING
            bars.update(
                task,
                completed=step.faces_processed,
                total=step.faces_queued or None,
                detail="waits for ingestion to go quiet" if waits else "",
            )

        yield draw


@contextmanager
def pull_bars(screen: Screen) -> Iterator[Callable[[PullProgress], None]]:
    """Draw how much of each file has been fetched."""
    tasks: dict[str, TaskID] = {}
    with _bars(screen, DownloadColumn()) as bars:

        def draw(step: PullProgress) -> None:
            if not step.file:
                return
            if step.file not in tasks:
                tasks[step.file] = bars.add_task(step.file, total=None, detail="")
            bars.update(
                tasks[step.file], completed=step.bytes_done, total=step.bytes_total or None
            )

        yield draw


@contextmanager
def byte_bar(screen: Screen, text: str) -> Iterator[Callable[[int], None]]:
    """Draw how many bytes have gone by."""
    with _bars(screen, DownloadColumn()) as bars:
        task = bars.add_task(text, total=None, detail="")
        yield lambda done: bars.update(task, completed=done)


@contextmanager
def count_bar(screen: Screen, text: str) -> Iterator[Callable[[int, int], None]]:
    """Draw how many of how many are done."""
    with _bars(screen, MofNCompleteColumn()) as bars:
        task = bars.add_task(text, total=None, detail="")
        yield lambda done, total: bars.update(task, completed=done, total=total)


@contextmanager
def spinner(screen: Screen, text: str) -> Iterator[Callable[[str], None]]:
    """Show that something goes on; the callback says what else there is to tell of it."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    seen = screen.errors.is_terminal
    with Progress(*columns, console=screen.errors, transient=True, disable=not seen) as bars:
        task = bars.add_task(text, total=None)
        yield lambda detail: bars.update(task, description=f"{text}: {detail}")


@contextmanager
def _bars(screen: Screen, count: ProgressColumn) -> Iterator[Progress]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        count,
        TextColumn("{task.fields[detail]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=screen.errors) as bars:
        yield bars
