"""Faces and frames come back as they were written, through restarts and replacements."""

from __future__ import annotations

import threading
from concurrent.futures import wait
from pathlib import Path

import numpy as np
import pytest
from facefolk_server.errors import StorageError, UnavailableError
from facefolk_server.store import FrameWrite, Library, Store
from facefolk_server.store import table as tables
from unit.store.samples import Clock, face, frame, settle, vector, write


def opened(path: Path) -> Store:
    return Store.open(path, durability="process", clock=Clock())


def put(library: Library, *writes: FrameWrite) -> None:
    wait([library.write_frame(one) for one in writes])


def seen(library: Library) -> dict[str, tuple[object, list[float]]]:
    with library.read():
        return {
            face_id: (table.face(row), table.embeddings[row].tolist())
            for pack in library.packs()
            for table in [library.faces(pack)]
            for face_id in table.live_ids()
            if (row := table.row_of(face_id)) is not None
        }


def test_everything_comes_back_after_a_restart(tmp_path: Path) -> None:
    store = opened(tmp_path)
    library = store.library("")
    put(library, write("a.jpg", [1, 2]), write("film.mp4", [3], offset=1_500_000))
    put(library, write("film.mp4", [], offset=2_000_000))
    before = seen(library)
    store.close()
    again = opened(tmp_path).library("")
    assert seen(again) == before
    assert before["face1"] == (face(1, asset="a.jpg"), vector(1).tolist())
    assert again.frame("a.jpg", 0) == frame("a.jpg", faces=2)
    assert [f.frame_offset_us for f in again.frames("film.mp4")] == [1_500_000, 2_000_000]
    assert len(again.all_frames()) == 3
    assert again.thumbnail("face2") == b"jpeg 2"
    assert again.thumbnail("nobody' OR 1=1 --") is None


def test_faces_are_replaced_and_removed(tmp_path: Path) -> None:
    store = opened(tmp_path)
    library = store.library("family")
    put(library, write("a.jpg", [1, 2, 3]))
    put(library, write("a.jpg", [1, 4], removed=["face2", "face3"]))
    expected = {"face1", "face4"}
    assert set(seen(library)) == expected
    with library.read():
        table = library.faces("open")
        assert table.count == 2
        assert {f.face_id for f in table.faces_of_asset("a.jpg")} == expected
        assert {f.face_id for f in table.faces_of_frame("a.jpg", 0)} == expected
        assert table.faces_of_frame("a.jpg", 5) == []
    assert library.thumbnail("face2") is None
    store.close()
    store = opened(tmp_path)
    assert set(seen(store.library("family"))) == expected
    assert store.library("family").thumbnail("face3") is None
    assert store.library_ids() == ["family"]


def test_another_pack_takes_a_face_over(tmp_path: Path) -> None:
    store = opened(tmp_path)
    library = store.library("")
    put(library, write("a.jpg", [1, 2]))
    put(library, write("a.jpg", [1], pack="dlib"))
    for _ in range(2):
        library = store.library("")
        with library.read():
            assert set(library.faces("open").live_ids()) == {"face2"}
            assert set(library.faces("dlib").live_ids()) == {"face1"}
        store.close()
        store = opened(tmp_path)


def test_a_pack_that_changed_its_length_is_refused(tmp_path: Path) -> None:
    library = opened(tmp_path).library("")
    put(library, write("a.jpg", [1]))
    wrong = write("b.jpg", [2])
    longer = FrameWrite(wrong.frame, wrong.faces, np.zeros((1, 16), np.float32), (b"",))
    with pytest.raises(StorageError, match="another length"):
        library.write_frame(longer).result()
    put(library, write("c.jpg", [3]))
    assert set(seen(library)) == {"face1", "face3"}


def test_a_search_keeps_its_rows_while_faces_go(tmp_path: Path) -> None:
    library = opened(tmp_path).library("")
    put(library, write("a.jpg", [1, 2]))
    table = library.faces("open")
    matrix = table.embeddings
    put(library, write("a.jpg", [2], removed=["face1"]))
    assert table.row_of("face1") is None
    assert not matrix[0].any()
    assert table.row_of("face2") == 2
    assert table.ids[1] == "face2"
    assert matrix.shape == (2, 8)
    assert table.embeddings[2].tolist() == vector(2).tolist()


def test_dead_rows_go_when_they_are_many(tmp_path: Path) -> None:
    library = opened(tmp_path).library("")
    for _ in range(9):
        put(library, write("a.jpg", range(150)))
    table = library.faces("open")
    assert table.count == 150
    assert len(table.ids) < 150 * 9
    assert table.snapshot().face_ids == sorted(f"face{n}" for n in range(150))
    row = table.row_of("face77")
    assert row is not None
    assert table.embeddings[row].tolist() == vector(77).tolist()


def test_a_snapshot_is_not_touched_by_later_writes(tmp_path: Path) -> None:
    library = opened(tmp_path).library("")
    put(library, write("a.jpg", [1, 2]), write("b.jpg", [3], offset=7))
    with library.read():
        snapshot = library.faces("open").snapshot("digest of open")
    put(library, write("a.jpg", [], removed=["face1", "face2"]))
    assert snapshot.face_ids == ["face1", "face2", "face3"]
    assert snapshot.asset_ids == ["a.jpg", "a.jpg", "b.jpg"]
    assert snapshot.frame_offsets_us.tolist() == [0, 0, 7]
    assert snapshot.embeddings[0].tolist() == vector(1).tolist()
    with library.read():
        assert library.faces("open").snapshot("another digest").face_ids == []


def test_writes_that_come_together_share_a_commit(tmp_path: Path) -> None:
    store = opened(tmp_path)
    library = store.library("")
    with library.read():  # holds the first commit back, so that the others gather
        futures = [library.write_frame(write(f"{n}.jpg", [n])) for n in range(50)]
    wait(futures)
    assert store.status().writes_queued == 0
    settle(library)
    (faces,) = (t for t in store.status().tables if t.name == "default/faces_open")
    assert faces.rows == 50
    assert faces.version <= 5


def test_two_submissions_of_a_frame_keep_their_order(tmp_path: Path) -> None:
    library = opened(tmp_path).library("")
    with library.read():
        futures = [library.write_frame(write("a.jpg", [n])) for n in (1, 2)]
        futures.append(library.write_frame(write("a.jpg", [2], removed=["face1"])))
    wait(futures)
    assert set(seen(library)) == {"face2"}


def test_compaction_keeps_everything_and_few_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "_COMMITS_BETWEEN", 5)
    store = opened(tmp_path)
    library = store.library("")
    for number in range(40):
        put(library, write(f"{number}.jpg", [number]))
        settle(library)
    before = seen(library)
    assert len(before) == 40
    store.close()
    again = opened(tmp_path).library("")
    assert seen(again) == before
    assert again.thumbnail("face39") == b"jpeg 39"


def test_reading_makes_nothing_and_closing_ends_writing(tmp_path: Path) -> None:
    store = opened(tmp_path)
    for number in range(30):
        assert store.library(f"x{number}").frame("a.jpg", 0) is None
    assert store.library_ids() == []
    assert not (tmp_path / "libraries").exists()
    library = store.library("")
    future = library.write_frame(write("a.jpg", [1]))
    store.close()
    assert future.done()
    with pytest.raises(UnavailableError):
        library.write_frame(write("b.jpg", [2]))
    with pytest.raises(UnavailableError):
        store.library("new")


def test_many_threads_write(tmp_path: Path) -> None:
    store = opened(tmp_path)
    library = store.library("")

    def work(worker: int) -> None:
        for number in range(10):
            key = worker * 100 + number
            library.write_frame(write(f"{key}.jpg", [key])).result()

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen(library)) == 60
    store.close()
    assert len(seen(opened(tmp_path).library(""))) == 60
