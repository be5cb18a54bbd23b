"""`facefolk ingest`, `round` and `rounds`."""

from __future__ import annotations

from pathlib import Path

import pytest
from facefolk.v1 import resources_pb2
from PIL import Image
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


def test_files_of_other_kinds_are_counted(facefolk: Command, album: Path) -> None:
    for name in ("a.nef", "b.NEF", "notes.txt"):
        (album / name).touch()
    done = facefolk("ingest", album)
    assert "neither photos nor videos by their names: 2 .nef, 1 .txt" in done.err
    for number in range(9):
        (album / f"x.{number}").touch()
    assert "1 .6, 3 kinds more" in facefolk("ingest", album).err


def test_a_panorama_is_taken_without_a_warning(facefolk: Command, album: Path) -> None:
    Image.new("1", (9_500, 9_500)).save(album / "panorama.png")
    assert "3 frames submitted" in facefolk("ingest", album).out


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


PREVIEWED = resources_pb2.Round(
    state=resources_pb2.ROUND_STATE_PREVIEWED, faces_queued=9, faces_assigned=7
)
CHANGE = resources_pb2.RoundDifference.PersonDifference


def previewed(**difference: list[CHANGE]) -> list[resources_pb2.Round]:
    made = resources_pb2.Round()
    made.CopyFrom(PREVIEWED)
    made.difference.CopyFrom(resources_pb2.RoundDifference(**difference))
    return [made]


def test_a_preview_tells_lost_names_first(facefolk: Command, server: FakeServer) -> None:
    lost = CHANGE(person_id="p1", name="Ada", faces_lost=5, to_person_ids=["p2", "p9"])
    grown = CHANGE(person_id="p2", name="Eve", faces_gained=4, from_person_ids=["p1"])
    server.world.round_steps = previewed(
        joined=[grown],
        split=[lost],
        created=[CHANGE(person_id="p9", faces_gained=1, from_person_ids=["p1"])],
        names_lost=[lost, CHANGE(person_id="p3", name="Bob", faces_lost=1)],
    )
    done = facefolk(
        "round", "--preview", "--all", "--max-recognition-distance", 0.4, "--no-chain-guard"
    )
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert lines[0].startswith("Preview: 7 of 9 faces assigned")
    assert lines[1:4] == [
        "2 names would be left without a face:",
        "Ada: 5 faces, now with Eve, new p9",
        "Bob: 1 face that would wait for more photos",
    ]
    assert "joined Eve +4 Ada p2" in lines
    assert "split Ada -5 Eve, new p9 p1" in lines
    assert "created new p9 +1 Ada p9" in lines
    assert "facefolk round commit r0" in done.err
    (request,) = iterate(server, "StartRound")
    assert request.preview
    assert list(request.settings_mask.paths) == ["chain_guard", "max_recognition_distance"]


def test_a_preview_of_nothing_and_one_forgotten(facefolk: Command, server: FakeServer) -> None:
    server.world.round_steps = previewed()
    assert "Nobody's faces change." in facefolk("round", "--preview").err
    server.world.round_steps = [PREVIEWED]
    assert "not known any more" in facefolk("round", "--preview").err


def test_long_previews_are_cut(facefolk: Command, server: FakeServer) -> None:
    server.world.round_steps = previewed(
        moved=[CHANGE(person_id=f"p{n}", faces_gained=1) for n in range(4)]
    )
    done = facefolk("round", "--preview", "--limit", 2)
    assert "2 of 4 people; --limit 0 shows them all." in done.err
    assert "p3" in facefolk("round", "show", "r0", "--limit", 0).out
    shown = facefolk("round", "show", "r", status=0, said="").out
    assert "moved" in shown


def test_a_preview_is_committed(facefolk: Command, server: FakeServer) -> None:
    server.world.round_steps = [PREVIEWED]
    facefolk("round", "--preview")
    done = facefolk("round", "commit", "r", "--json")
    assert done.json["state"] == "succeeded"
    assert "No round has the id 'x'" in facefolk("round", "commit", "x", status=1).err


def test_settings_of_a_round_are_for_previews(facefolk: Command, server: FakeServer) -> None:
    done = facefolk("round", "--min-recognized-faces", 2, status=2)
    assert "go with --preview" in done.err
    assert not list(iterate(server, "StartRound"))
