"""`facefolk export` and `facefolk import`: people on their way to another server."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.filesize import decimal

from facefolk.cli.bars import byte_bar
from facefolk.cli.screen import counted
from facefolk.cli.session import Json, Session, session
from facefolk.cli.statuses import ExitStatus
from facefolk.types import Imported, ImportFormat

_SHOWN: Final = 10
_LINES: Final = (".jsonl", ".ndjson")


class Format(enum.StrEnum):
    """What an import is made of."""

    BUNDLE = "bundle"
    JSON_LINES = "json-lines"


def export(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The bundle to write.")],
    *,
    embeddings: Annotated[
        bool,
        typer.Option(
            "--embeddings", help="With embeddings, so that faces need not be found again."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Write names, dates, marks and face boxes of all people to a file."""
    with session(context, as_json=as_json) as given:
        with byte_bar(given.screen, "exporting") as progress:
            written = given.client.export_people(
                file, include_embedding=embeddings, progress=progress
            )
        given.screen.show(
            {"file": str(file), "bytes": written},
            lambda: f"{file} holds the people of the library ({decimal(written)}).",
        )


def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A bundle, or JSON lines.")],
    *,
    form: Annotated[
        Format | None,
        typer.Option(
            "--format",
            help="What it is; else .jsonl and .ndjson are JSON lines, all others bundles.",
            show_default=False,
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Read people from a file; what is here already stays, and again changes nothing."""
    form = form or (Format.JSON_LINES if file.suffix in _LINES else Format.BUNDLE)
    with session(context, as_json=as_json) as given:
        with byte_bar(given.screen, "importing") as progress:
            done = given.client.import_people(
                file, form=ImportFormat[form.name], progress=progress
            )
        given.screen.show(done, lambda: _sentence(done))
        if done.unmatched:
            if not as_json:
                _tell_unmatched(given, done)
            raise typer.Exit(ExitStatus.PARTLY)


def _tell_unmatched(given: Session, done: Imported) -> None:
    for unmatched in done.unmatched[:_SHOWN]:
        given.screen.note(unmatched, style="yellow")
    if len(done.unmatched) > _SHOWN:
        given.screen.note(f"And {len(done.unmatched) - _SHOWN:,} more; --json tells all.")
    given.screen.note(
        "Once their pictures are here ('facefolk ingest'), import the file again: what has "
        "found its place stays."
    )


def _sentence(done: Imported) -> str:
    parts = [
        counted(done.people_created, "person", "people") + " created",
        f"{done.people_updated:,} updated",
        counted(done.faces_assigned, "face", "faces") + " assigned",
    ]
    parts += [counted(done.faces_added, "face", "faces") + " added"] if done.faces_added else []
    parts += [counted(done.marks_added, "mark", "marks") + " added"] if done.marks_added else []
    rest = len(done.unmatched)
    parts += [f"{rest:,} found no place"] if rest else []
    return ", ".join(parts) + "."
