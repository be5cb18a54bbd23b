"""What the demo found, and what to try next."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from facefolk.cli.demo.album import Album
from facefolk.cli.rounds import sentence
from facefolk.cli.screen import Screen, counted, table
from facefolk.cli.values import json_value
from facefolk.ingest.report import IngestReport
from facefolk.report.page import distance_text
from facefolk.report.sheet import Sheet
from facefolk.types import Round, RoundState

_MOST_ROWS = 50


@dataclass(frozen=True, slots=True)
class Findings:
    """What came of an album; `page` is where the contact sheet lies."""

    album: Album
    ingestion: IngestReport
    round: Round
    sheet: Sheet
    page: Path


def tell_findings(screen: Screen, found: Findings) -> None:
    """Print the table of people, where the page is, and what to try next."""
    if screen.as_json:
        screen.write_json(_value(found))
        return
    if found.round.state is not RoundState.SUCCEEDED:
        screen.note(sentence(found.round), style="red")
    screen.print("")
    if found.sheet.rows:
        screen.print(_people_table(found.sheet))
        screen.print("")
    screen.print(_summary(found))
    screen.print("")
    for line in _what_next(found):
        screen.print(line)


def _people_table(sheet: Sheet) -> Table:
    drawn = table("person", ">faces", ">assets", ">median distance", ">largest")
    for row in sheet.rows[:_MOST_ROWS]:
        distances = ["-", "-"]
        if row.spread:
            both = (row.spread.median, row.spread.largest)
            distances = [distance_text(one, sheet.max_distance) for one in both]
        drawn.add_row(row.title, str(row.faces), str(row.assets), *distances)
    return drawn


def _summary(found: Findings) -> str:
    sheet, files = found.sheet, found.ingestion.files - len(found.ingestion.failed)
    people = counted(sheet.people, "person", "people")
    faces = counted(sheet.faces, "face", "faces")
    parts = [f"{people} and {faces} in {counted(files, 'file', 'files')}"]
    if waiting := sheet.outliers.faces:
        verb = "waits" if waiting == 1 else "wait"
        parts.append(
            f"{counted(waiting, 'face', 'faces')} without a person {verb} for more photos"
        )
    if sheet.people > _MOST_ROWS:
        parts.append(f"the first {_MOST_ROWS} people are listed")
    return "; ".join(parts) + "."


def _what_next(found: Findings) -> Sequence[str]:
    facefolk, server = _command("facefolk"), _command("facefolk-server")
    photos = " ".join(map(str, found.album.paths)) if not found.album.name else "~/Pictures"
    return (
        f"Look at them:    {found.page}    (a page for any browser; it needs nothing else)",
        "",
        "The server of the demo has stopped, and its data are gone. For a library that stays:",
        f"  {server} serve --data ./data",
        "and from another shell:",
        f"  {facefolk} ingest {photos}",
        f"  {facefolk} round",
        f"  {facefolk} people",
        f'  {facefolk} person rename PERSON_ID "Grace Hopper"',
        f"  {facefolk} report people.html",
    )


def _command(name: str) -> str:
    """Return how to call a command that is installed beside this one."""
    beside = Path(sys.argv[0]).with_name(name)
    on_path = shutil.which(name)
    if on_path and Path(on_path).resolve() == beside.resolve():
        return name
    return str(beside) if beside.is_file() else name


def _value(found: Findings) -> object:
    sheet = found.sheet
    return {
        "album": found.album.name,
        "pack": sheet.pack,
        "ingestion": json_value(found.ingestion),
        "round": json_value(found.round),
        "people": [
            {
                "title": row.title,
                "faces": row.faces,
                "assets": row.assets,
                "distances": json_value(row.spread),
            }
            for row in sheet.rows
        ],
        "unassigned_faces": sheet.outliers.faces,
        "page": str(found.page),
    }
