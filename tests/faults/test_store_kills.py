"""kill -9 at any moment loses nothing acknowledged and doubles nothing.

Moves from the journal to the tables, compactions and snapshots go on all the time.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from facefolk_server.store import Store

TESTS = Path(__file__).parents[1]


def killed(data: Path, start: int, lines: int) -> list[list[str]]:
    """Run a writer, kill it after so many acknowledgements; return all it told."""
    process = subprocess.Popen(
        [sys.executable, "-m", "faults.store_writer", str(data), str(start)],
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    told = [process.stdout.readline() for _ in range(lines)]
    process.kill()
    told += process.stdout.readlines()
    process.wait()
    process.stdout.close()
    return [line.split() for line in told if line.endswith("\n")]


def assert_all_there(data: Path, told: list[list[str]]) -> None:
    store = Store.open(data, durability="process")
    library = store.library("")
    assert not list((data / "libraries/default/journal").iterdir())
    for table in library._intake.store.tables:
        key = table.schema.names[0]
        keys = [row[key] for row in table.rows([key])]
        assert len(keys) == len(set(keys))
    with library.read() as state:
        sequences = [int(words[1]) for words in told if words[0] == "event"]
        assert len(sequences) == len(set(sequences))
        assert state.sequence >= max(sequences)
        for words in told:
            if words[0] == "event":
                assert state.people[words[2]].name == words[2].removeprefix("p")
            else:
                assert library.frame(f"{words[1]}.jpg", 0) is not None
        assert library.faces("open").count >= 1
        for face_id in library.faces("open").live_ids():
            assert library.thumbnail(face_id) == f"jpeg {face_id.removeprefix('face')}".encode()
    events = library.events(after=0, limit=10**6)
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    store.close()


def campaign(data: Path, kills: int) -> None:
    chance = random.Random(7)
    told: list[list[str]] = []
    journal = data / "libraries/default/journal"
    waiting = 0
    for turn in range(kills):
        told += killed(data, turn * 10_000, chance.randrange(20, 90))
        waiting += any(file.stat().st_size for file in journal.glob("*"))
        assert_all_there(data, told)
    assert waiting >= kills // 10  # or the journal was not put to the test


def test_a_few_kills(tmp_path: Path) -> None:
    campaign(tmp_path, 2)


@pytest.mark.slow
def test_kills(tmp_path: Path) -> None:
    campaign(tmp_path, 15)


@pytest.mark.nightly
def test_hundreds_of_kills(tmp_path: Path) -> None:
    campaign(tmp_path, 300)
