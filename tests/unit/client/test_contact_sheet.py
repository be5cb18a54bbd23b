"""The contact sheet: what it reads, and the page it makes."""

from __future__ import annotations

import base64
import math
import re
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from facefolk import Client
from facefolk.report.gathering import SheetOptions, gather_sheet
from facefolk.report.page import render_sheet
from facefolk.report.sheet import Picture, Row, Sheet
from facefolk.report.spread import MOST_MEASURED, Spread, spread_of
from google.rpc import code_pb2
from unit.client.commands import Command
from unit.client.fake_server import FakeServer
from unit.client.fake_world import status

VOID = {"meta", "img", "br"}
LOADING = {"src", "href", "srcset", "action", "data", "poster", "background"}


class Page(HTMLParser):
    """What a page shows; its tags have to nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.headings: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.loads: list[str] = []
        self.tags: set[str] = set()
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.loads += [value or "" for name, value in attrs if name in LOADING]
        assert not any(name.startswith("on") for name, _ in attrs)
        if tag == "img":
            self.images.append(dict(attrs))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "h2":
            self.headings.append(data)


def sheet(*rows: Row, outliers: Row | None = None, people: int | None = None) -> Sheet:
    return Sheet(
        title="People",
        made=datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
        pack="open",
        people=len(rows) if people is None else people,
        faces=1234,
        max_distance=0.5,
        rows=rows,
        outliers=outliers or Row("", 0, ()),
    )


def row(title: str = "Ada", faces: int = 2, pictures: Sequence[str] = ("a.jpg",)) -> Row:
    shown = tuple(Picture(b"\xff\xd8" + name.encode(), name) for name in pictures)
    return Row(title, faces, shown, assets=2, spread=Spread(0.25, 0.4, faces))


def text_of(page: str) -> str:
    return " ".join(re.sub("<[^>]*>", " ", page.partition("<main>")[2]).split())


def test_the_page_needs_nothing_else() -> None:
    page = Page(render_sheet(sheet(row(), outliers=row("", 1))))
    assert page.loads
    assert all(load.startswith("data:image/jpeg;base64,") for load in page.loads)
    assert not page.tags & {"script", "link", "iframe", "object", "base"}


def test_pictures_are_embedded_and_described() -> None:
    (image,) = Page(render_sheet(sheet(row()))).images
    assert image["alt"] == "Ada, in a.jpg"
    assert image["src"] is not None
    assert base64.b64decode(image["src"].partition(",")[2]) == b"\xff\xd8a.jpg"


def test_a_row_tells_about_a_person() -> None:
    text = text_of(render_sheet(sheet(row(faces=1234))))
    assert "1 person in an album of 1,234 faces" in text
    assert "1,234 faces in 2 assets" in text
    assert "median 0.25 , largest 0.40" in text
    assert "+1,233 more" in text


def test_outliers_come_last() -> None:
    outliers = row("", 3, ("x.jpg", "y.jpg"))
    page = render_sheet(sheet(row("Ada"), row("Bob"), outliers=outliers))
    assert Page(page).headings == ["Ada", "Bob", "Without a person"]
    assert "3 of them without a person" in text_of(page)
    assert page.count("+1 more") == 3


def test_names_are_not_markup() -> None:
    nasty = '<script>alert("1")</script>'
    page = render_sheet(sheet(row(nasty, pictures=('"><script>.jpg',))))
    assert Page(page).headings == [nasty]
    assert "<script" not in page


def test_a_picture_that_is_gone_leaves_its_place() -> None:
    gone = Row("Ada", 1, (Picture(b"", "a.jpg"),), assets=1)
    assert "no picture" in text_of(render_sheet(sheet(gone)))


def test_a_library_without_people_says_why() -> None:
    assert "Nobody has been found yet" in text_of(render_sheet(sheet()))


def test_people_beyond_the_limit_are_counted() -> None:
    assert "and 6 people with fewer faces" in text_of(render_sheet(sheet(row(), people=7)))


def test_spreads_are_those_of_all_pairs() -> None:
    angles = (0.0, 0.1, 0.4)
    embeddings = [(math.cos(angle), math.sin(angle)) for angle in angles]
    spread = spread_of(embeddings)
    assert spread is not None
    assert spread.median == pytest.approx(1 - math.cos(0.3))
    assert spread.largest == pytest.approx(1 - math.cos(0.4))
    assert spread.faces == 3


def test_spreads_need_two_faces_of_one_pack() -> None:
    assert spread_of([]) is None
    assert spread_of([(1.0, 0.0)]) is None
    assert spread_of([(1.0, 0.0), (1.0, 0.0, 0.0), ()]) is None
    assert spread_of([(1.0, 0.0)] * (MOST_MEASURED + 9)) == Spread(0.0, 0.0, MOST_MEASURED)


def test_a_sheet_is_gathered(server: FakeServer, client: Client) -> None:
    server.world.add_person("p1", 3)
    server.world.add_person("p2", 1, name="Grace")
    server.world.add_person("p3", 1)
    server.world.faces["p1-2"].quality = 0.9
    server.world.add_face("lonely")
    told: list[tuple[int, int]] = []
    made = gather_sheet(client, progress=lambda *step: told.append(step))
    assert [one.title for one in made.rows] == ["Person 1", "Grace", "Person 2"]
    assert [one.faces for one in made.rows] == [3, 1, 1]
    assert made.rows[0].pictures[0].asset_id == "p1-2.jpg"
    assert made.rows[0].spread == Spread(0.0, 0.0, 3)
    assert [one.asset_id for one in made.outliers.pictures] == ["lonely.jpg"]
    assert made.max_distance == 0.5
    assert (told[0], told[-1]) == ((0, 4), (4, 4))


def test_a_sheet_is_bounded(server: FakeServer, client: Client) -> None:
    for number in range(3):
        server.world.add_person(f"p{number}", 5)
    for number in range(4):
        server.world.add_face(f"lonely-{number}")
    made = gather_sheet(client, SheetOptions(max_people=2, max_pictures=4, max_outliers=1))
    assert [len(one.pictures) for one in made.rows] == [4, 4]
    assert (made.people, made.more_people, made.outliers.more) == (3, 1, 3)


def test_a_face_that_goes_away_meanwhile_is_shown_without_picture(
    server: FakeServer, client: Client
) -> None:
    server.world.add_person("p1", 1)
    server.world.failures["GetThumbnail"].append(status(code_pb2.NOT_FOUND, "Gone."))
    assert gather_sheet(client).rows[0].pictures == (Picture(b"", "p1-0.jpg"),)


def test_the_command_writes_the_page(
    facefolk: Command, server: FakeServer, tmp_path: Path
) -> None:
    server.world.add_person("p1", 3)
    out = tmp_path / "new" / "people.html"
    done = facefolk("report", out, "--title", "Family", "--json")
    assert done.json == {
        "file": str(out),
        "bytes": out.stat().st_size,
        "people": 1,
        "faces": 3,
        "unassigned_faces": 0,
    }
    page = out.read_text()
    assert Page(page).headings == ["Person 1"]
    assert "<title>Family</title>" in page
    assert "shows 1 person." in facefolk("report", out).out


def test_a_page_that_cannot_be_written_is_refused(facefolk: Command, tmp_path: Path) -> None:
    assert "cannot be written" in facefolk("report", tmp_path, status=2).err


def test_the_extra_is_named(server: FakeServer, tmp_path: Path) -> None:
    hidden = "import sys; sys.modules['jinja2'] = None; from facefolk.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", hidden, "--address", server.address, "report", "x.html"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 2
    assert done.stderr == ("Pages of pictures need jinja2: pip install 'facefolk[report]'.\n")
