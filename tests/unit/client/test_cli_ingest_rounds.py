"""`facefolk ingest`, `round` and `rounds`."""

from __future__ import annotations

from pathlib import Path

import pytest
from facefolk.v1 import resources_pb2
from unit.client.commands import Command
from unit.client.fake_server import FakeServer, iterate
from unit.client.pictures import save


@pytest.fixture
def album(tmp_path: Path) -> Path:
    folder = tmp_path / "album"
    (folder / "holiday").mkdir(parents=True)
    save(folder / "a.png")
    save(folder / "holiday" / "b.jpg")
    return folder


def test_an_album_is_ingested(facefolk: Command, server: FakeServer, album: Path) -> None:
    done = facefolk("ingest", album)
    assert "2 files in" in done.out
    assert "2 frames submitted with 2 faces." in done.out
    assert "2/2 2 faces" in done.err
    assert {key[0] for key in server.world.frames} == {"a.png", "holiday/b.jpg"}


def test_what_the_server_has_is_skipped_unless_it_is_to_be_detected_again(
    facefolk: Command, album: Path
) -> None:
    facefolk("ingest", album)
    assert "0 frames submitted with 0 faces, 2 skipped." in facefolk("ingest", album).out
    assert facefolk("ingest", album, "--redetect", "--json").json["submitted"] == 2


def test_asset_ids_are_paths_below_the_root(
    facefolk: Command, server: FakeServer, album: Path
) -> None:
    facefolk("ingest", album / "holiday", "--root", album)
    assert {key[0] for key in server.world.frames} == {"holiday/b.jpg"}


def test_broken_files_are_listed_and_the_rest_goes_on(facefolk: Command, album: Path) -> None:
    (album / "broken.jpg").write_bytes(b"not an image")
    done = facefolk("ingest", album, "--json", status=1)
    assert done.json["submitted"] == 2
    assert done.json["failed"][0][0].endswith("broken.jpg")
    assert "failed: " in done.err
    assert "broken.jpg: " in done.err


def test_names_of_files_do_nothing_to_the_terminal(facefolk: Command, album: Path) -> None:
    (album / "\x1b]0;title\x07[red].jpg").write_bytes(b"")
    done = facefolk("ingest", album, status=1)
    assert "\x1b" not in done.stderr
    assert "\\x1b]0;title\\x07[red].jpg" in done.stderr


def test_an_empty_folder_is_said_to_be_empty(facefolk: Command, tmp_path: Path) -> None:
    assert "No photos and no videos were found." in facefolk("ingest", tmp_path).out


def test_a_server_that_stays_away_leaves_a_report(
    facefolk: Command, server: FakeServer, album: Path
) -> None:
    server.world.stream_ends.extend([0] * 50)
    done = facefolk("ingest", album, "--patience", 0, "--json", status=3)
    assert done.json["error"]["report"]["files"] == 2
    assert "ingest again to go on from there" in done.err


def test_a_round_is_followed_to_its_end(facefolk: Command, server: FakeServer) -> None:
    done = facefolk("round")
    assert done.out == "3 of 4 faces assigned, 1 person created."
    (request,) = iterate(server, "StartRound")
    assert request.mode == resources_pb2.ROUND_MODE_MISSING
    assert not request.skip_waiting


def test_a_round_over_all_faces_at_once(facefolk: Command, server: FakeServer) -> None:
    done = facefolk("round", "--all", "--now", "--json")
    assert done.json["mode"] == "all"
    assert done.json["state"] == "succeeded"
    assert done.json["people_created"] == 1
    (request,) = iterate(server, "StartRound")
    assert request.skip_waiting


def test_a_round_is_left_alone(facefolk: Command, server: FakeServer) -> None:
    assert facefolk("round", "--no-wait").out == "Round r0 is waiting."
    assert server.world.calls["WatchRound"] == 0
    assert [one["round_id"] for one in facefolk("rounds", "--json").json] == ["r0"]
    assert "r0 missing waiting" in facefolk("rounds").out
    assert "was cancelled" in facefolk("rounds", "--cancel", "r0").out


def test_a_round_that_fails_says_why(facefolk: Command, server: FakeServer) -> None:
    server.world.round_steps = [
        resources_pb2.Round(state=resources_pb2.ROUND_STATE_FAILED, error="out of disk")
    ]
    assert "Round r0 failed: out of disk." in facefolk("round", status=1).out
