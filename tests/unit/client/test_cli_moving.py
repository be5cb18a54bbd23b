"""Assets, erasures, exports and imports."""

from __future__ import annotations

from pathlib import Path

import pytest
from unit.client.commands import Command
from unit.client.fake_server import FakeServer, iterate
from unit.client.pictures import save


@pytest.fixture
def album(facefolk: Command, tmp_path: Path) -> Path:
    folder = tmp_path / "album"
    folder.mkdir()
    save(folder / "a.png")
    save(folder / "b.jpg")
    facefolk("ingest", folder)
    return folder


def test_assets_are_listed_and_shown(
    facefolk: Command, server: FakeServer, album: Path
) -> None:
    assert "a.png 1 1 done" in facefolk("assets").out
    assert [one["asset_id"] for one in facefolk("assets", "--json").json] == ["a.png", "b.jpg"]
    facefolk("assets", "--which", "stale")
    assert list(iterate(server, "ListAssets"))[-1].filter == 2
    assert "- done 0 0 1 open no" in facefolk("assets", "show", "a.png").out


def test_assets_are_erased_when_it_is_meant(
    facefolk: Command, server: FakeServer, album: Path
) -> None:
    done = facefolk("assets", "delete", "a.png", "b.jpg", status=2)
    assert "2 assets (a.png, b.jpg) and all faces in them are erased for good" in done.err
    assert server.world.frames
    done = facefolk("assets", "delete", "a.png", "b.jpg", "--yes", "--json")
    assert done.json["faces_deleted"] == 2
    assert done.json["erasure"]["erasure_id"] == "e1"
    assert not server.world.frames
    assert (album / "a.png").exists()


def test_an_erasure_is_asked_about(facefolk: Command, server: FakeServer) -> None:
    server.world.pending = 2
    assert "Old versions of files go soon" in facefolk("erasure", "e1").out
    done = facefolk("erasure", "e1", "--wait")
    assert done.out == (
        "Erased, and in no file any more: 0 assets, 2 faces, 1 person. "
        "Backups that hold it: monday."
    )


def test_people_are_exported(facefolk: Command, server: FakeServer, tmp_path: Path) -> None:
    file = tmp_path / "people.arrow"
    assert "holds the people of the library (600.0 kB)." in facefolk("export", file).out
    assert file.read_bytes() == server.world.bundle
    done = facefolk("export", file, "--embeddings", "--json")
    assert done.json == {"file": str(file), "bytes": 600_000}
    assert "cannot be written" in facefolk("export", tmp_path / "no" / "x", status=2).err


def test_people_are_imported(facefolk: Command, server: FakeServer, tmp_path: Path) -> None:
    for name in ("people.arrow", "people.jsonl"):
        (tmp_path / name).write_bytes(b"{}")
    done = facefolk("import", tmp_path / "people.jsonl", status=1)
    assert "2 people created, 1 updated, 5 faces assigned, 1 found no place." in done.out
    assert "Line 3: no face is there." in done.err
    assert "import the file again" in done.err
    facefolk("import", tmp_path / "people.arrow", "--json", status=1)
    facefolk("import", tmp_path / "people.arrow", "--format", "json-lines", status=1)
    assert [form for _, form, _ in server.world.imported] == [2, 1, 2]
    assert "cannot be read" in facefolk("import", tmp_path / "missing", status=1).err


def test_an_import_that_is_refused_says_why(
    facefolk: Command, server: FakeServer, tmp_path: Path
) -> None:
    server.world.import_limit = 1
    (tmp_path / "people.jsonl").write_bytes(b"{}\n{}")
    done = facefolk("import", tmp_path / "people.jsonl", status=4)
    assert "Line 2: it is not JSON." in done.err
