"""Frames on their way through the journal to the tables: nothing is lost, nothing doubled."""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import wait
from pathlib import Path

import pytest
from facefolk_server.errors import StorageError
from facefolk_server.store import FrameWrite, Library, Store, intake
from facefolk_server.store.database import Durability
from facefolk_server.store.row_groups import RowGroup, decode, merged
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.store.samples import Clock, settle, write
from unit.store.test_journal import no_file_over

JOURNAL = Path("libraries/default/journal")
Seen = dict[str, object]


@pytest.fixture(autouse=True)
def _by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing moves to the tables unless a test says so."""
    monkeypatch.setattr(intake, "_SECONDS", 3600.0)


def opened(path: Path, durability: Durability = "process") -> Store:
    return Store.open(path, durability=durability, clock=Clock())


def put(library: Library, *writes: FrameWrite) -> None:
    done, _ = wait([library.write_frame(one) for one in writes])
    for future in done:
        future.result()


def seen(library: Library) -> Seen:
    with library.read():
        faces = {
            f"{pack} {face_id}": (table.face(row), table.embeddings[row].tolist())
            for pack in library.packs()
            for table in [library.faces(pack)]
            for face_id in table.live_ids()
            if (row := table.row_of(face_id)) is not None
        }
    pictures = {f"jpeg {i}": library.thumbnail(i.split()[-1]) for i in faces}
    frames = {f"{f.asset_id}@{f.frame_offset_us}": f for f in library.all_frames()}
    return {**faces, **pictures, **frames}


def rows(library: Library) -> Counter[tuple[str, str]]:
    """How often each key is in the tables on disk."""
    return Counter(
        (table.name, row[table.schema.names[0]])
        for table in library._intake.store.tables
        for row in table.rows([table.schema.names[0]])
    )


def assert_once_each(library: Library) -> None:
    assert set(rows(library).values()) <= {1}


def restarted(data: Path, durability: Durability = "process") -> tuple[Seen, Path]:
    """What a server finds that starts over a copy of the files as they are now."""
    copy = Path(tempfile.mkdtemp(dir=data.parent)) / "data"
    shutil.copytree(data, copy)
    store = opened(copy, durability)
    library = store.library("")
    assert not list((copy / JOURNAL).glob("*"))
    assert_once_each(library)
    found = seen(library)
    store.close()
    return found, copy


SUBMISSIONS = st.tuples(
    st.integers(0, 2),  # the asset
    st.lists(st.integers(0, 2), unique=True),  # its faces
    st.sampled_from(["open", "open", "dlib"]),
)
History = list[tuple[int, list[int], str] | str]
HISTORIES = st.lists(st.one_of(SUBMISSIONS, st.just("settle")), min_size=1, max_size=8)
DURABILITIES = st.sampled_from(["process", "power"])


def submission(library: Library, asset: int, numbers: Sequence[int], pack: str) -> FrameWrite:
    """A frame that replaces what the last submission found."""
    faces = [asset * 10 + number for number in numbers]
    with library.read():
        old = [
            face.face_id
            for one in library.packs()
            for face in library.faces(one).faces_of_asset(f"{asset}.jpg")
        ]
    gone = [face_id for face_id in old if face_id not in {f"face{n}" for n in faces}]
    return write(f"{asset}.jpg", faces, pack=pack, removed=gone)


@settings(max_examples=3)
@given(HISTORIES, DURABILITIES)
def test_a_restart_finds_what_was_acknowledged(
    tmp_path_factory: pytest.TempPathFactory, history: History, durability: Durability
) -> None:
    assert_restarts(tmp_path_factory.mktemp("history") / "data", history, durability)


@pytest.mark.slow
@settings(max_examples=60)
@given(HISTORIES, DURABILITIES)
def test_many_restarts(
    tmp_path_factory: pytest.TempPathFactory, history: History, durability: Durability
) -> None:
    assert_restarts(tmp_path_factory.mktemp("history") / "data", history, durability)


def assert_restarts(data: Path, history: History, durability: Durability) -> None:
    store = opened(data, durability)
    library = store.library("")
    left: dict[str, bytes] = {}
    for step in history:
        if isinstance(step, str):
            left = {path.name: path.read_bytes() for path in (data / JOURNAL).glob("*")}
            settle(library)
        else:
            put(library, submission(library, *step))
    before = seen(library)
    assert restarted(data, durability)[0] == before
    # A server that died after it had moved rows, and before it removed their file.
    settle(library)
    for name, content in left.items() if history[-1] == "settle" else ():
        (data / JOURNAL / name).write_bytes(content)
    assert restarted(data, durability)[0] == before
    store.close()


CUTS = st.floats(0, 1)
ZEROS = st.sampled_from([0, 1, 5000])


@settings(max_examples=3)
@given(CUTS, ZEROS)
def test_a_journal_that_was_cut_keeps_what_was_acknowledged_before(
    tmp_path_factory: pytest.TempPathFactory, part: float, zeros: int
) -> None:
    assert_cut(tmp_path_factory.mktemp("cut") / "data", part, zeros)


@pytest.mark.slow
@settings(max_examples=60)
@given(CUTS, ZEROS)
def test_many_cuts(tmp_path_factory: pytest.TempPathFactory, part: float, zeros: int) -> None:
    assert_cut(tmp_path_factory.mktemp("cut") / "data", part, zeros)


def assert_cut(path: Path, part: float, zeros: int) -> None:
    """Cut the journal of a server that was killed after so much of it."""
    store = opened(path, "power")
    library = store.library("")
    states: list[tuple[int, Seen]] = [(0, {})]
    for number in range(4):
        put(library, write(f"{number % 3}.jpg", [number, number + 10]))
        (file,) = (path / JOURNAL).iterdir()
        states.append((file.stat().st_size, seen(library)))
    whole = file.read_bytes()
    cut = round(part * len(whole))
    copy = path.parent / "copy"
    shutil.copytree(path, copy)
    (copy / JOURNAL / file.name).write_bytes(whole[:cut] + bytes(zeros))
    expected = max((size, n) for n, (size, _) in enumerate(states) if size <= cut)[1]
    found, again = restarted(copy, "power")
    assert found == states[expected][1]
    after = opened(again)
    for number in range(expected, 4):  # sent again, as what was not acknowledged is
        put(after.library(""), write(f"{number % 3}.jpg", [number, number + 10]))
    assert seen(after.library("")) == states[-1][1]
    settle(after.library(""))
    assert_once_each(after.library(""))
    after.close()
    store.close()


def test_a_journal_damaged_in_its_middle_is_left_as_it_is(tmp_path: Path) -> None:
    store = opened(tmp_path / "data", "power")
    for number in range(3):
        put(store.library(""), write(f"{number}.jpg", [number]))
    shutil.copytree(tmp_path / "data", tmp_path / "copy")
    store.close()
    (file,) = (tmp_path / "copy" / JOURNAL).iterdir()
    content = bytearray(file.read_bytes())
    content[100] ^= 1
    file.write_bytes(content)
    again = opened(tmp_path / "copy", "power")
    for _ in range(2):
        with pytest.raises(StorageError, match="damaged"):
            again.library("")
    assert file.read_bytes() == content


def test_a_journal_that_cannot_be_read_is_an_error_of_the_store(tmp_path: Path) -> None:
    (tmp_path / JOURNAL / "folder.journal").mkdir(parents=True)
    with pytest.raises(StorageError, match="journal of frames cannot be read"):
        opened(tmp_path).library("")


def test_a_journal_that_was_left_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = opened(tmp_path / "data")
    put(store.library(""), write("a.jpg", [1]), write("b.jpg", [2]))
    with caplog.at_level(logging.INFO):
        restarted(tmp_path / "data")
    assert "2 frames that a server left in its journal" in caplog.text
    store.close()


def test_another_server_leaves_the_journal_of_one_that_lives(tmp_path: Path) -> None:
    store = opened(tmp_path)
    put(store.library(""), write("a.jpg", [1]))
    other = opened(tmp_path)
    assert seen(other.library("")) == {}
    put(other.library(""), write("b.jpg", [2]))
    store.close()
    other.close()
    assert {"a.jpg@0", "b.jpg@0", "open face1", "open face2"} <= set(
        seen(opened(tmp_path).library(""))
    )


def test_what_waits_is_told_and_moves_when_it_is_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "_MUCH_FRAMES", 10**6)
    monkeypatch.setattr(intake, "_MOST_FRAMES", 4)
    store = opened(tmp_path)
    library = store.library("")
    most = 0
    for number in range(10):
        put(library, write(f"{number}.jpg", [number]))
        waiting = {table.name: table for table in store.status().tables}["default/journal"]
        assert waiting.size_bytes > 1000
        assert library.thumbnail("face0") == b"jpeg 0"  # whether it has moved or not
        most = max(most, waiting.rows)
    assert most == 4
    settle(library)
    assert {t.name: t.rows for t in store.status().tables}.get("default/journal") is None
    assert sum(name == "frames" for name, _ in rows(library)) == 10
    assert_once_each(library)
    store.close()


@pytest.mark.parametrize("durability", ["process", "power"])
def test_a_disk_that_is_full_when_frames_move(tmp_path: Path, durability: Durability) -> None:
    store = opened(tmp_path / "data", durability)
    library = store.library("")
    put(library, write("a.jpg", range(20)))
    settle(library)
    put(library, write("a.jpg", range(5, 20), removed=[f"face{n}" for n in range(5)]))
    put(library, *(write(f"{n}.jpg", [n]) for n in range(100, 140)))
    before = seen(library)
    with no_file_over(2000):
        with pytest.raises(StorageError):
            settle(library)
        assert seen(library) == before
        with pytest.raises(StorageError, match="full"):
            put(library, write("refused.jpg", [99]))
        (told,) = store.status().failures
        assert "full" in told
    assert seen(library) == before
    assert restarted(tmp_path / "data", durability)[0] == before
    put(library, write("accepted.jpg", [99]))
    assert store.status().failures == ()
    settle(library)
    assert_once_each(library)
    accepted = seen(library)
    assert accepted.keys() - before.keys() == {
        "accepted.jpg@0",
        "open face99",
        "jpeg open face99",
    }
    store.close()
    assert seen(opened(tmp_path / "data").library("")) == accepted


def test_a_disk_that_is_full_when_frames_come(tmp_path: Path) -> None:
    store = opened(tmp_path / "data")
    library = store.library("")
    put(library, write("a.jpg", [1]))
    (file,) = (tmp_path / "data" / JOURNAL).iterdir()
    before = seen(library)
    with no_file_over(file.stat().st_size + 300), pytest.raises(StorageError, match="full"):
        put(library, write("b.jpg", [2]))
    assert seen(library) == before
    assert restarted(tmp_path / "data")[0] == before
    put(library, write("c.jpg", [3]))
    assert restarted(tmp_path / "data")[0] == seen(library)
    store.close()


def test_a_full_disk_at_the_end_leaves_the_journal_to_the_next_start(tmp_path: Path) -> None:
    store = opened(tmp_path)
    put(store.library(""), write("a.jpg", range(20)))
    before = seen(store.library(""))
    with no_file_over(1000):
        store.close()
    again = opened(tmp_path)
    with no_file_over(1000), pytest.raises(StorageError):
        again.library("")
    assert seen(again.library("")) == before


@pytest.fixture
def groups(tmp_path: Path) -> Iterator[list[RowGroup]]:
    store = opened(tmp_path)
    library = store.library("")
    put(library, write("a.jpg", [1, 2]))
    put(library, write("b.jpg", [3]))
    put(library, write("c.jpg", []))
    put(library, write("a.jpg", [2], pack="dlib", removed=["face1"]))
    put(library, write("d.jpg", [4]))
    (part,) = library._intake._parts
    yield part.groups
    store.close()


def test_rows_go_through_bytes(groups: list[RowGroup]) -> None:
    for group in groups:
        back = decode(group.encode().to_pybytes())
        assert back.frames.equals(group.frames)
        assert back.thumbnails.equals(group.thumbnails)
        assert back.faces == group.faces
        assert back.keys() == group.keys()
        assert {pack: tuple(ids) for pack, ids in back.left.items()} == group.left
        assert tuple(back.removed) == group.removed
        assert not back.fresh_faces
        assert not back.fresh_frames


def test_rows_are_merged_but_for_those_of_the_same_key(groups: list[RowGroup]) -> None:
    first, second = merged(groups)
    assert first.frames["asset_id"].to_pylist() == ["a.jpg", "b.jpg", "c.jpg"]
    assert first.fresh_faces
    assert first.fresh_frames
    assert second.frames["asset_id"].to_pylist() == ["a.jpg", "d.jpg"]
    assert set(second.faces) == {"dlib", "open"}
    assert second.left == {"open": ["face1", "face2"]} or second.left == {
        "open": ["face2", "face1"]
    }
    assert second.removed == ["face1"]
    assert not second.fresh_faces
