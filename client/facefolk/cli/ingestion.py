"""`facefolk ingest`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from facefolk.cli.bars import ingest_bar
from facefolk.cli.screen import Screen, counted
from facefolk.cli.session import Json, session
from facefolk.cli.statuses import ExitStatus
from facefolk.errors import IngestInterruptedError
from facefolk.ingest.report import IngestOptions, IngestReport

_DEFAULTS = IngestOptions()
_KINDS_TOLD: Final = 8


def ingest(
    context: typer.Context,
    paths: Annotated[
        list[Path], typer.Argument(help="Photos, videos, and folders of them.", metavar="PATH")
    ],
    *,
    redetect: Annotated[
        bool, typer.Option("--redetect", help="Send what the server has already too.")
    ] = False,
    root: Annotated[
        Path | None,
        typer.Option(
            help="Asset ids are paths below this folder; else below each folder given.",
            show_default=False,
        ),
    ] = None,
    max_side: Annotated[
        int, typer.Option(min=64, help="The longer side of previews in pixels.")
    ] = _DEFAULTS.max_side,
    patience: Annotated[
        float, typer.Option(min=0, help="How long to wait for a server that is away, seconds.")
    ] = _DEFAULTS.patience_seconds,
    as_json: Json = False,
) -> None:
    """Send previews of photos and videos, skipping what the server has already."""
    options = IngestOptions(root=root, max_side=max_side, patience_seconds=patience)
    with session(context, as_json=as_json) as given:
        given.client.check_health()  # a wrong address is told at once
        try:
            with ingest_bar(given.screen) as progress:
                report = given.client.ingest(
                    paths, redetect=redetect, progress=progress, options=options
                )
        except IngestInterruptedError as error:
            tell_failed(given.screen, error.report)
            given.screen.note(sentence(error.report))
            raise
        tell_failed(given.screen, report)
        given.screen.show(report, lambda: sentence(report))
        if report.failed:
            raise typer.Exit(ExitStatus.PARTLY)


def sentence(report: IngestReport) -> str:
    """Return what an ingestion did."""
    if not report.files:
        return "No photos and no videos were found."
    frames = counted(report.submitted, "frame", "frames")
    parts = [f"{frames} submitted with {counted(report.faces, 'face', 'faces')}"]
    parts += [f"{report.skipped} skipped"] if report.skipped else []
    parts += [f"{len(report.failed)} failed"] if report.failed else []
    files = counted(report.files, "file", "files")
    return f"{files} in {report.seconds:.1f} s: {', '.join(parts)}."


def tell_failed(screen: Screen, report: IngestReport) -> None:
    """List the files that failed, and why; then count those that are of other kinds."""
    for path, reason in report.failed:
        screen.note(f"failed: {path}: {reason}", style="yellow")
    if report.passed_over:
        often = sorted(report.passed_over.items(), key=lambda pair: (-pair[1], pair[0]))
        kinds = [f"{count:,} {suffix or 'without a suffix'}" for suffix, count in often]
        more = [f"{len(kinds) - _KINDS_TOLD} kinds more"] if len(kinds) > _KINDS_TOLD else []
        told = ", ".join(kinds[:_KINDS_TOLD] + more)
        screen.note(f"passed over, neither photos nor videos by their names: {told}")
