"""`facefolk-server doctor`: what this machine has, and whether it works."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

from facefolk_server.cli.reporting import exit_status, print_json
from facefolk_server.errors import FacefolkError

if TYPE_CHECKING:
    from facefolk_server.settings import Settings

LIBRARIES = (
    "facefolk",
    "grpcio",
    "lancedb",
    "numpy",
    "onnxruntime-openvino",
    "opencv-python-headless",
    "protobuf",
    "pyarrow",
)

# Compaction writes a table anew before the old one goes.
_LEAST_FREE_BYTES = 1 << 30

State = Literal["good", "absent", "bad"]
_COLORS: dict[State, str] = {"good": "green", "absent": "yellow", "bad": "red"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `facts` are for machines."""

    name: str
    state: State
    text: str
    facts: dict[str, object] = field(default_factory=dict)


def doctor(
    *,
    config: Annotated[
        Path | None, typer.Option(help="A TOML file with settings.", show_default=False)
    ] = None,
    data: Annotated[
        str | None, typer.Option(help="The directory of the store.", show_default=False)
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON instead of a table.")
    ] = False,
) -> None:
    """Examine this machine: versions, devices, models and folders. Exit status 1 if bad."""
    from facefolk_server.settings import load_settings

    with exit_status():
        findings = list(examine(load_settings(config, data=data)))
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        Console(soft_wrap=True).print(_table(findings))
    if any(finding.state == "bad" for finding in findings):
        raise typer.Exit(1)


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything; nothing is fetched, and nothing of the store is read."""
    yield _platform()
    yield _versions()
    yield _devices(settings)
    yield from _environment()
    yield _data_directory(settings)
    yield from _packs(settings)


def _platform() -> Finding:
    from facefolk_server.app.preflight import check_platform

    text = f"{platform.system()} on {platform.machine()}, Python {platform.python_version()}"
    try:
        check_platform()
    except FacefolkError as exc:
        return Finding("platform", "bad", exc.message)
    return Finding("platform", "good", text)


def _versions() -> Finding:
    found: dict[str, object] = {}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = None
    missing = [name for name, version in found.items() if version is None]
    if missing:
        return Finding("versions", "bad", f"not installed: {', '.join(missing)}", found)
    text = ", ".join(f"{name} {version}" for name, version in found.items())
    return Finding("versions", "good", text, found)


def _devices(settings: Settings) -> Finding:
    from facefolk_server.vision.session import available_devices, resolve_device

    seen = available_devices()
    chosen = resolve_device(settings.device, seen)
    facts: dict[str, object] = {"seen": list(seen), "chosen": chosen}
    text = f"OpenVINO sees {', '.join(seen) or 'none'}; {settings.device} takes {chosen}"
    usable = any(name.split(".")[0] == chosen.split(".")[0] for name in seen)
    return Finding("devices", "good" if usable else "bad", text, facts)


def _environment() -> Iterator[Finding]:
    from facefolk_server.app.preflight import strange_variables

    for sentence in strange_variables(os.environ):
        yield Finding("settings", "bad", sentence)


def _data_directory(settings: Settings) -> Finding:
    from facefolk_server.app.preflight import exposure, is_local, prepare_data_directory

    facts: dict[str, object] = {"path": settings.data}
    if not is_local(settings.data):
        return Finding("data", "good", f"{settings.data} is not on this machine", facts)
    if not Path(settings.data).exists():
        return Finding("data", "absent", f"{settings.data} will be made", facts)
    try:
        prepare_data_directory(settings.data)
    except FacefolkError as exc:
        return Finding("data", "bad", exc.message, facts)
    if told := exposure(settings.data):
        return Finding("data", "bad", told, facts)
    facts["free_bytes"] = free = shutil.disk_usage(settings.data).free
    return Finding(
        "data",
        "good" if free >= _LEAST_FREE_BYTES else "bad",
        f"{settings.data} can be written; {free / 1e9:,.1f} GB are free on its disk",
        facts,
    )


def _packs(settings: Settings) -> Iterator[Finding]:
    from facefolk_server.app.packs import model_packs

    packs = model_packs(settings)
    described = packs.describe()
    installed = [pack.name for pack in described if pack.installed]
    yield Finding(
        "cache",
        "good" if installed else "absent",
        f"{settings.cache_dir} has {', '.join(installed) or 'no pack'}",
        {"path": str(settings.cache_dir), "installed": installed},
    )
    for name in installed:
        try:
            pipeline = packs.load(name)
        except FacefolkError as exc:
            yield Finding(f"pack {name}", "bad", exc.message)
            continue
        choice = packs.choice(name)
        yield Finding(f"pack {name}", "good", f"sessions: {choice}", asdict(choice))
        if note := packs.note(name):
            yield Finding(f"pack {name}", "good", note)
        for status in pipeline.devices():
            yield Finding(
                f"pack {name}",
                "bad" if status.quarantined else "good",
                f"{status.model} runs on {status.device}"
                + (f": {status.quarantined}" if status.quarantined else ""),
                asdict(status),
            )


def _table(findings: list[Finding]) -> Table:
    table = Table("what", "state", "how")
    for finding in findings:
        color = _COLORS[finding.state]
        table.add_row(finding.name, f"[{color}]{finding.state}[/{color}]", finding.text)
    return table
