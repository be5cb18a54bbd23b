"""The recipes of docs/moving.md make lines of other programs' data that name our faces."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

from facefolk_server.service.moving.plan import ImportReport
from facefolk_server.types import Assignment
from unit.service.world import CALL, Seen, World, look

RECIPES = Path(__file__).parents[3] / "docs" / "recipes"

# The columns that matter of digiKam's core database, with their names and meanings.
DIGIKAM = """
CREATE TABLE Albums (id INTEGER PRIMARY KEY, albumRoot INTEGER, relativePath TEXT);
CREATE TABLE Images (id INTEGER PRIMARY KEY, album INTEGER, name TEXT, status INTEGER);
CREATE TABLE ImageInformation (
    imageid INTEGER PRIMARY KEY, orientation INTEGER, width INTEGER, height INTEGER);
CREATE TABLE Tags (id INTEGER PRIMARY KEY, pid INTEGER, name TEXT);
CREATE TABLE TagProperties (tagid INTEGER, property TEXT, value TEXT);
CREATE TABLE ImageTagProperties (imageid INTEGER, tagid INTEGER, property TEXT, value TEXT);
INSERT INTO Albums VALUES (1, 1, '/'), (2, 1, '/2019/lake');
INSERT INTO Images VALUES
    (1, 1, 'a.jpg', 1), (2, 2, 'b "2".jpg', 1), (3, 2, 'gone.jpg', 3), (4, 2, 'c.jpg', 1);
INSERT INTO ImageInformation VALUES
    (1, 1, 800, 200), (2, 6, 100, 400), (3, 1, 400, 100), (4, NULL, 400, 100);
INSERT INTO Tags VALUES
    (1, 0, 'People'), (2, 1, 'Zoë'), (3, 1, 'Bob'), (4, 1, 'Unknown'),
    (5, 0, 'lake'), (6, 1, 'Ignored');
INSERT INTO TagProperties VALUES
    (2, 'person', 'Zoë'), (2, 'faceEngineId', 'Zoë'), (3, 'person', 'Bob'),
    (4, 'person', ''), (4, 'unknownPerson', ''), (6, 'person', ''), (6, 'ignoredPerson', '');
INSERT INTO ImageTagProperties VALUES
    (1, 2, 'tagRegion', '<rect x="22" y="18" width="40" height="42"/>'),
    (2, 2, 'tagRegion', '<rect x="10" y="10" width="20" height="20"/>'),
    (2, 3, 'tagRegion', '<rect x="100" y="10" width="20" height="20"/>'),
    (2, 3, 'autodetectedPerson', '<rect x="200" y="10" width="20" height="20"/>'),
    (2, 4, 'autodetectedFace', '<rect x="200" y="10" width="20" height="20"/>'),
    (2, 6, 'tagRegion', '<rect x="200" y="10" width="20" height="20"/>'),
    (2, 5, 'tagRegion', '<rect x="200" y="10" width="20" height="20"/>'),
    (3, 2, 'tagRegion', '<rect x="10" y="10" width="20" height="20"/>'),
    (4, 3, 'tagRegion', ''),
    (4, 3, 'tagRegion', '<rect x="10" y="10" width="0" height="20"/>');
"""

IMMICH = """
CREATE TABLE asset (id TEXT, type TEXT, "originalPath" TEXT, "deletedAt" TEXT);
CREATE TABLE person (
    id TEXT, name TEXT, "birthDate" TEXT, "isHidden" INTEGER, "isFavorite" INTEGER,
    "faceAssetId" TEXT);
CREATE TABLE asset_face (
    id TEXT, "assetId" TEXT, "personId" TEXT, "imageWidth" INTEGER, "imageHeight" INTEGER,
    "boundingBoxX1" INTEGER, "boundingBoxY1" INTEGER,
    "boundingBoxX2" INTEGER, "boundingBoxY2" INTEGER, "sourceType" TEXT, "deletedAt" TEXT);
INSERT INTO asset VALUES
    ('a', 'IMAGE', '/upload/a.jpg', NULL), ('b', 'IMAGE', '/upload/2019/lake/b "2".jpg', NULL),
    ('v', 'VIDEO', '/upload/v.mp4', NULL), ('t', 'IMAGE', '/upload/t.jpg', '2024-01-01'),
    ('x', 'IMAGE', '/elsewhere/a.jpg', NULL);
INSERT INTO person VALUES
    ('z', 'Zoë', '1990-01-31', 1, 0, 'f1'), ('b', 'Bob', NULL, 0, 1, NULL),
    ('n', '', NULL, 0, 0, NULL);
INSERT INTO asset_face VALUES
    ('f1', 'a', 'z', 800, 200, 22, 18, 62, 60, 'machine-learning', NULL),
    ('f2', 'b', 'z', 400, 100, 10, 10, 30, 30, 'machine-learning', NULL),
    ('f3', 'b', 'b', 400, 100, 100, 10, 120, 30, 'manual', NULL),
    ('f4', 'b', 'n', 400, 100, 200, 10, 220, 30, 'machine-learning', NULL),
    ('f5', 'b', 'b', 400, 100, 200, 10, 220, 30, 'machine-learning', '2024-01-01'),
    ('f6', 'v', 'b', 400, 100, 10, 10, 30, 30, 'machine-learning', NULL),
    ('f7', 't', 'b', 400, 100, 10, 10, 30, 30, 'machine-learning', NULL),
    ('f8', 'x', 'b', 400, 100, 10, 10, 30, 30, 'machine-learning', NULL),
    ('f9', 'b', 'b', 0, 0, 0, 0, 0, 0, 'exif', NULL);
"""
SECOND = '2019/lake/b "2".jpg'
BOOLEANS = {"hidden", "favorite", "feature", "manual"}


def json_build_object(*given: Any) -> str:
    pairs = dict(zip(given[::2], given[1::2], strict=True))
    told = {key: bool(value) if key in BOOLEANS else value for key, value in pairs.items()}
    return json.dumps({**told, "box": json.loads(told["box"])})


def lines_of(schema: str, recipe: str) -> list[str]:
    """Run a recipe; what SQLite lacks of Postgres's functions is stood in for."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.create_function("json_build_object", -1, json_build_object)
        database.create_function("json_build_array", -1, lambda *values: json.dumps(values))
        database.create_function("to_char", 2, lambda value, _form: value)
        database.create_function("starts_with", 2, lambda text, start: text.startswith(start))
        database.executescript(schema)
        return [line for (line,) in database.execute(recipe)]


async def imported(world: World, lines: list[str]) -> ImportReport:
    async def stream() -> AsyncIterator[bytes]:
        yield "".join(f"{line}\n" for line in lines).encode()

    return await world.moving.import_json_lines(CALL, stream())


async def album(world: World) -> list[str]:
    """Two pictures of 400 x 100 pixels, with one face and with two."""
    one = await world.submit("a.jpg", Seen(10, look(0)))
    two = await world.submit(SECOND, Seen(10, look(0, off=0.1)), Seen(100, look(1)))
    return [seen.view.face.face_id for reply in (one, two) for seen in reply.faces]


async def people(world: World) -> dict[str, tuple[str, Any, bool, bool]]:
    def look_at(reading: Any) -> dict[str, tuple[str, Any, bool, bool]]:
        return {
            person.person_id: (person.name, person.birth_date, person.hidden, person.favorite)
            for person in reading.state.people.values()
        }

    return await world.libraries.read(CALL, look_at)


async def test_digikam(world: World) -> None:
    faces = await album(world)
    lines = lines_of(DIGIKAM, (RECIPES / "digikam.sql").read_text())
    assert [json.loads(line)["asset_id"] for line in lines] == [
        "a.jpg",
        *['2019/lake/b "2".jpg'] * 2,
    ]
    report = await imported(world, lines)
    assert report == ImportReport(people_created=2, faces_assigned=3)
    named = await people(world)
    placed = await world.placed()
    assert [named[placed[face_id] or ""][0] for face_id in faces] == ["Zoë", "Zoë", "Bob"]
    assert {view.placement.assignment for view in await world.stored()} == {Assignment.MANUAL}


async def test_immich(world: World) -> None:
    faces = await album(world)
    recipe = (RECIPES / "immich.sql").read_text()
    lines = lines_of(IMMICH, recipe.replace(":'root'", "'/upload/'"))
    report = await imported(world, lines)
    assert report == ImportReport(people_created=2, faces_assigned=3)
    named = await people(world)
    placed = await world.placed()
    told = [named[placed[face_id] or ""] for face_id in faces]
    zoe = ("Zoë", date(1990, 1, 31), True, False)
    assert told == [zoe, zoe, ("Bob", None, False, True)]
    how = {view.face.face_id: view.placement.assignment for view in await world.stored()}
    assert [how[face_id] for face_id in faces] == [
        Assignment.AUTOMATIC,
        Assignment.AUTOMATIC,
        Assignment.MANUAL,
    ]
