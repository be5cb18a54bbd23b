"""A family goes through its album with the command `facefolk`, against a real server."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from integration.servers import ServerFactory

pytestmark = [pytest.mark.models, pytest.mark.slow]
FACEFOLK = (sys.executable, "-m", "facefolk")
SHELDON, AMY, PENNY = "Sheldon Cooper", "Amy Farrah Fowler", "Penny"


@dataclass(frozen=True)
class Cli:
    """The command, at one server."""

    address: str
    library: str = ""

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "FACEFOLK_ADDRESS": self.address,
            "FACEFOLK_LIBRARY": self.library,
        }

    def run(self, *words: object, status: int = 0, said: str = "") -> tuple[str, str]:
        """Return what the command printed and what it said beside it."""
        done = subprocess.run(
            [*FACEFOLK, *map(str, words)],
            input=said,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == status, (words, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        return done.stdout, done.stderr

    def json(self, *words: object, status: int = 0) -> Any:
        return json.loads(self.run(*words, "--json", status=status)[0])

    def refused(self, *words: object, status: int) -> str:
        """Return the one line that says why."""
        out, err = self.run(*words, status=status)
        assert out == ""
        lines = [line for line in err.splitlines() if "0:00:0" not in line]  # bars
        assert len(lines) == 1, err
        return lines[0]

    @contextmanager
    def begun(self, *words: object) -> Iterator[subprocess.Popen[str]]:
        """Start a command that goes on until it is interrupted."""
        process = subprocess.Popen(
            [*FACEFOLK, *map(str, words)],
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        guard = threading.Timer(180, process.kill)
        guard.start()
        try:
            yield process
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 130
        finally:
            guard.cancel()
            process.kill()
            assert process.stdout is not None
            process.stdout.close()
            process.wait()

    def face_of(self, asset: str) -> dict[str, Any]:
        (face,) = self.json("faces", "--asset", asset)
        return dict(face)

    def count(self, person: str) -> int:
        return int(self.json("person", "show", person)["face_count"])


@pytest.fixture(scope="module")
def gathered(
    tmp_path_factory: pytest.TempPathFactory, server_environment: dict[str, str], photos: Path
) -> Path:
    """The store of a server with the album of `bbt`: three people are named, by short ids."""
    factory = ServerFactory(tmp_path_factory.mktemp("gathered"), server_environment)
    server = factory().start()
    made = Cli(server.address)
    made.run("ingest", photos / "bbt")
    assert made.json("round", "--now")["people_created"] == 8
    for asset, name in (("sheldon/sheldon1.png", SHELDON), ("amy/amy1.png", AMY)):
        made.run("person", "rename", made.face_of(asset)["person_id"][:8], name)
    made.run("person", "rename", made.face_of("penny/penny1.png")["person_id"], PENNY)
    assert server.stop() == 0
    return server.data


@pytest.fixture
def cli(servers: ServerFactory, gathered: Path) -> Cli:
    """A server of a test's own with that album."""
    server = servers(erasure_wait_seconds="1")
    shutil.copytree(gathered, server.data)
    return Cli(server.start().address)


def test_people_are_named_merged_and_taken_apart_again(cli: Cli) -> None:
    shown = cli.json("people", "--by", "name", "--limit", 3)
    assert [one["name"] for one in shown] == [AMY, PENNY, SHELDON]
    born = cli.json("person", "birthday", "sheldon", "1980-02-26")
    assert born["birth_date"] == "1980-02-26"
    assert cli.json("person", "favorite", "Penny")["favorite"]
    face = cli.json("faces", "--person", "penny")[-1]["face_id"]
    assert cli.json("person", "feature", "penny", face[:10])["feature_face_id"] == face
    amy, penny = cli.count("amy"), cli.count("penny")

    merged = cli.json("person", "merge", "amy", PENNY)
    assert merged["person"]["face_count"] == amy + penny
    assert any(PENNY in conflict for conflict in merged["conflicts"])
    assert "neither a name nor an id" in cli.refused("person", "show", PENNY, status=1)
    taken_back = cli.json("undo", "--yes")
    assert taken_back["undone_event_id"]
    assert (cli.count("amy"), cli.count("penny")) == (amy, penny)

    cli.run("person", "hide", "sheldon")
    assert SHELDON not in cli.run("people")[0]
    assert SHELDON in cli.run("people", "--hidden")[0]
    cli.run("person", "unhide", "sheldon")
    assert "may be any of these" in cli.refused("person", "show", "p_", status=2)
    told = cli.run("person", "history", "sheldon")[0]
    assert "hidden no -> yes" in told
    assert "birth date - -> 1980-02-26" in told


def test_faces_are_marked_assigned_and_explained(cli: Cli) -> None:
    face = cli.face_of("sheldon/sheldon2.png")["face_id"]
    faces = cli.count(SHELDON)
    marked = cli.json("person", "mark", face[:12], "--not", SHELDON)
    assert marked["marks"][0]["kind"] == "not_this_person"
    cli.run("round", "--now")
    assert cli.count(SHELDON) == faces - 1
    assert cli.face_of("sheldon/sheldon2.png")["person_id"] == ""
    explained, _ = cli.run("faces", "explain", face[:12])
    assert f"not this person {SHELDON}" in explained
    cli.run("person", "assign", face, "--to", "sheldon")
    assert cli.face_of("sheldon/sheldon2.png")["assignment"] == "manual"
    assert cli.count(SHELDON) == faces
    assert cli.json("faces", "explain", face)["marks"] == []

    strangers = cli.json("faces", "--unassigned")
    odd = [one["face_id"] for one in strangers]
    cli.run("person", "mark", odd[0], "--stranger")
    assert "no marks" in cli.run("person", "mark", odd[0], "--clear")[0]
    made = cli.json("person", "create", odd[0], "--name", "Odd One")
    assert made["face_count"] == 1
    assert cli.json("person", "unassign", odd[0])["faces_changed"] == 1
    assigned = cli.json("person", "assign", odd[1], "--new", "Odd Two")
    assert assigned["person"]["name"] == "Odd Two"
    assert cli.run("person", "delete", "odd two")[0].startswith("Odd Two is deleted; 1 face")


def test_questions_are_answered_line_by_line(cli: Cli, tmp_path: Path) -> None:
    asked = cli.json("suggestions")
    assert len(asked) >= 2
    out, _ = cli.run("suggestions", "--pictures", tmp_path, said="y\nu\ny\nno\nq\n")
    assert "1 yes, 1 no" in out.splitlines()[-1]
    assert "pictures: " in out
    page = (tmp_path / "question-1.html").read_text()
    assert page.count("data:image/jpeg") > 2
    left = {one["suggestion_id"] for one in cli.json("suggestions")}
    assert {asked[0]["suggestion_id"], asked[1]["suggestion_id"]}.isdisjoint(left)
    (face,) = asked[0]["face_ids"]
    told = cli.json("faces", "explain", face)["face"]
    assert (told["person_id"], told["assignment"]) == (asked[0]["person_ids"][0], "manual")
    events = [event["kind"] for event in cli.json("history", "--limit", 4)]
    assert events[:4] == ["faces_marked", "faces_assigned", "undone", "faces_assigned"]


def test_a_round_is_looked_at_before_it_is_made(cli: Cli) -> None:
    out, err = cli.run(
        "round", "--all", "--now", "--preview", "--max-recognition-distance", 0.2
    )
    lines = out.splitlines()
    assert lines[0].startswith("Preview: ")
    assert lines[1].endswith("would be left without a face:")
    lost = {name for name in (SHELDON, AMY, PENNY) if f"  {name}: " in out}
    assert lost
    round_id = err.split("facefolk round commit ")[1].strip()
    before = cli.json("history", "--limit", 1)[0]["event_id"]
    assert "succeeded" in cli.run("round", "commit", round_id[:9], "--json")[0]
    assert {name for name in (SHELDON, AMY, PENNY) if not cli.count(name)} == lost
    after = cli.json("history", "--after", before)
    committed = [event for event in after if event["kind"] == "round_committed"]
    cli.run("undo", committed[0]["event_id"])
    assert all(cli.count(name) for name in (SHELDON, AMY, PENNY))

    stale = cli.json("round", "--all", "--now", "--preview")["round_id"]
    cli.run("person", "unassign", cli.face_of("amy/amy2.png")["face_id"])
    assert "preview" in cli.refused("round", "commit", stale, status=4)
    assert "previewed" in cli.run("rounds", "--limit", 1)[0]
    assert "cancelled" in cli.run("rounds", "--cancel", stale[:9])[0]


def test_people_move_to_another_library(cli: Cli, tmp_path: Path) -> None:
    bundle, lines = tmp_path / "people.arrow", tmp_path / "people.jsonl"
    cli.run("export", bundle, "--embeddings")
    other = Cli(cli.address, library="other")
    assert other.json("import", bundle)["people_created"] == 8
    assert other.count("sheldon") == cli.count("sheldon")
    assert other.json("import", bundle)["faces_assigned"] == 0

    face = cli.face_of("leonard/leonard1.png")
    told = {
        "asset_id": face["asset_id"],
        "name": "Leonard Hofstadter",
        "birth_date": "1980-05-17",
        "box": [face["box"][edge] for edge in ("x_min", "y_min", "x_max", "y_max")],
        "image_width": face["image_width"],
        "image_height": face["image_height"],
    }
    lines.write_text(json.dumps(told) + "\n")
    cli.run("import", lines)
    assert cli.json("person", "show", "leonard")["birth_date"] == "1980-05-17"
    lines.write_text("no JSON\n")
    assert "Line 1" in cli.refused("import", lines, "--format", "json-lines", status=4)


def test_what_is_erased_is_gone_and_stays_gone(cli: Cli) -> None:
    faces = cli.count(AMY)
    assert "--yes" in cli.refused("person", "delete", AMY, "--erase", status=2)
    out, _ = cli.run("person", "delete", AMY, "--erase", "--yes", "--wait")
    assert out.startswith(
        f"Erased, and in no file any more: 0 assets, {faces} faces, 1 person."
    )
    erased = cli.json("history", "--limit", 1)[0]
    assert erased["kind"] == "person_erased"
    assert "cannot be undone" in cli.refused("undo", erased["event_id"], status=4)
    done = cli.json("assets", "delete", "penny/penny1.png", "penny/penny2.png", "--yes")
    assert done["faces_deleted"] == 2
    receipt = cli.json("erasure", done["erasure_id"], "--wait")
    assert (receipt["state"], receipt["assets_removed"]) == ("done", 2)
    cli.refused("assets", "show", "penny/penny1.png", status=1)
    assert len(cli.json("assets", "--limit", 0)) == 43


def test_the_history_is_followed_through_a_restart(cli: Cli, servers: ServerFactory) -> None:
    seen = cli.json("history", "--limit", 1)[0]["event_id"]
    with cli.begun("history", "--follow", "--after", seen, "--json") as following:
        assert following.stdout is not None
        cli.run("person", "rename", "penny", "Penny Hofstadter")
        first = json.loads(following.stdout.readline())
        assert first["person_changes"][0]["after"]["name"] == "Penny Hofstadter"
        server = servers.made[0]
        server.stop()
        server.arguments = ("--listen", cli.address)
        server.start()
        cli.run("person", "rename", "penny", PENNY)
        second = json.loads(following.stdout.readline())
        assert second["event_id"] == first["event_id"] + 1
        assert second["person_changes"][0]["after"]["name"] == PENNY
