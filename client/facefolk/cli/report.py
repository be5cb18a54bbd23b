"""`facefolk report`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facefolk.cli.bars import count_bar
from facefolk.cli.screen import Screen, counted
from facefolk.cli.session import Json, session
from facefolk.report.gathering import SheetOptions, gather_sheet
from facefolk.report.page import require_report, write_sheet
from facefolk.report.sheet import Sheet

if TYPE_CHECKING:
    from facefolk import Client

_DEFAULTS = SheetOptions()


def report(
    context: typer.Context,
    out: Annotated[Path, typer.Argument(metavar="OUT.html", help="The file to write.")],
    *,
    title: Annotated[str, typer.Option(help="Above the page.")] = _DEFAULTS.title,
    people: Annotated[
        int, typer.Option(min=1, max=1000, help="How many people at most.")
    ] = _DEFAULTS.max_people,
    pictures: Annotated[
        int, typer.Option(min=1, max=300, help="How many pictures of each at most.")
    ] = _DEFAULTS.max_pictures,
    outliers: Annotated[
        int, typer.Option(min=0, max=1000, help="How many faces without a person at most.")
    ] = _DEFAULTS.max_outliers,
    hidden: Annotated[bool, typer.Option("--hidden", help="Hidden people too.")] = False,
    as_json: Json = False,
) -> None:
    """Write a contact sheet: one page that shows who was found, and needs nothing else."""
    options = SheetOptions(title, people, pictures, outliers, hidden)
    with session(context, as_json=as_json) as given:
        require_report()
        sheet = draw_sheet(given.client, given.screen, out, options)
        found = {
            "file": str(out),
            "bytes": out.stat().st_size,
            "people": sheet.people,
            "faces": sheet.faces,
            "unassigned_faces": sheet.outliers.faces,
        }
        given.screen.show(
            found, lambda: f"{out} shows {counted(sheet.people, 'person', 'people')}."
        )


def draw_sheet(client: Client, screen: Screen, out: Path, options: SheetOptions) -> Sheet:
    """Write a sheet, with a bar."""
    with count_bar(screen, "contact sheet") as progress:
        sheet = gather_sheet(client, options, progress=progress)
    write_sheet(sheet, out)
    return sheet
