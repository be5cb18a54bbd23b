"""Durability: what is acknowledged is on the disk, and what a power cut tore is left."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from facefolk_server.errors import StorageError
from facefolk_server.store import Draft, Store
from facefolk_server.store import table as tables
from facefolk_server.types import EventKind
from unit.store.samples import Clock, arrival, settle, write

TABLE = Path("libraries/default")


def opened(path: Path, durability: str = "power") -> Store:
    return Store.open(path, durability=durability, clock=Clock())  # type: ignore[arg-type]


def fill(path: Path, numbers: range) -> None:
    store = opened(path)
    for number in numbers:
        store.library("").write_frame(write(f"{number}.jpg", [number])).result()
        settle(store.library(""))
    store.close()


def faces(path: Path) -> set[str]:
    store = opened(path)
    with store.library("").read():
        found = set(store.library("").faces("open").live_ids())
    store.close()
    return found


def newest(folder: Path) -> Path:
    return max(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)


def manifests(path: Path, table: str) -> list[Path]:
    return sorted((path / TABLE / f"{table}.lance/_versions").glob("*.manifest"))


def test_every_file_is_synced_before_the_answer_and_before_the_journal_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []

    def noting(real: Callable[[int], None]) -> Callable[[int], None]:
        def sync(descriptor: int) -> None:
            synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
            real(descriptor)

        return sync

    monkeypatch.setattr(os, "fsync", noting(os.fsync))
    monkeypatch.setattr(os, "fdatasync", noting(os.fdatasync))
    store = opened(tmp_path)
    library = store.library("")
    library.write_frame(write("a.jpg", [1, 2])).result()
    (journal,) = (tmp_path / TABLE / "journal").iterdir()
    assert synced.count(str(journal)) == 1
    library.write_frame(write("a.jpg", [1], removed=["face2"])).result()
    assert synced.count(str(journal)) == 2
    settle(library)
    assert not journal.exists()
    of_tables = [i for i, name in enumerate(synced) if ".lance" in name]
    assert synced.index(str(journal.parent), max(of_tables)) > max(of_tables)
    library.append(lambda _: Draft(EventKind.PERSON_CREATED, arrival("p1")), actor="me")
    kinds = {".lance", ".manifest", ".txn", ".arrow", ".bin"}
    files = {str(p) for p in tmp_path.rglob("*") if p.is_file() and p.suffix in kinds}
    assert len(files) > 20
    assert files <= set(synced)
    folders = {str(Path(name).parent) for name in files}
    assert folders <= set(synced)
    table = str(tmp_path / TABLE / "faces_open.lance")
    of_data = [i for i, name in enumerate(synced) if name.startswith(f"{table}/data/")]
    of_manifest = [i for i, name in enumerate(synced) if name.endswith(".manifest")]
    assert min(of_data) < max(of_manifest)


def test_process_durability_syncs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fsync(_: int) -> None:
        raise AssertionError("synced")

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "fdatasync", fsync)
    store = opened(tmp_path, "process")
    store.library("").write_frame(write("a.jpg", [1])).result()
    store.close()


@pytest.mark.parametrize("damage", ["empty", "cut", "zeros", "gone"])
def test_a_torn_data_file_takes_the_table_back_by_one_commit(
    tmp_path: Path, damage: str
) -> None:
    fill(tmp_path, range(3))
    data = newest(tmp_path / TABLE / "faces_open.lance/data")
    size = data.stat().st_size
    if damage == "gone":
        data.unlink()
    else:
        data.write_bytes(
            {"empty": b"", "cut": data.read_bytes()[: size // 2], "zeros": bytes(size)}[damage]
        )
    assert faces(tmp_path) == {"face0", "face1"}
    fill(tmp_path, range(2, 5))  # sent again, as what was not acknowledged is
    assert faces(tmp_path) == {f"face{n}" for n in range(5)}


def test_a_torn_manifest_takes_the_table_back_by_one_commit(tmp_path: Path) -> None:
    fill(tmp_path, range(3))
    manifests(tmp_path, "faces_open")[0].write_bytes(b"")
    (tmp_path / TABLE / "faces_open.lance/_versions/latest_version_hint.json").write_bytes(b"")
    assert faces(tmp_path) == {"face0", "face1"}
    assert list((tmp_path / TABLE / "faces_open.lance/_torn").iterdir())


def test_a_torn_event_never_was(tmp_path: Path) -> None:
    store = opened(tmp_path)
    for number in range(3):
        changes = arrival(f"p{number}")
        store.library("").append(
            lambda _, c=changes: Draft(EventKind.PERSON_CREATED, c),  # type: ignore[misc]
            actor="me",
        )
    store.close()
    newest(tmp_path / TABLE / "ledger.lance/data").write_bytes(b"")
    with opened(tmp_path).library("").read() as state:
        assert sorted(state.people) == ["p0", "p1"]
        assert state.sequence == 2


@pytest.mark.parametrize("torn", [False, True])
def test_a_table_whose_making_was_cut_off_never_was(tmp_path: Path, *, torn: bool) -> None:
    fill(tmp_path, range(2))
    for manifest in manifests(tmp_path, "faces_open"):
        if torn:
            manifest.write_bytes(b"")
        else:
            manifest.unlink()
    for manifest in manifests(tmp_path, "faces_open")[:-2]:
        manifest.unlink()  # the making of a table is two versions
    assert faces(tmp_path) == set()
    fill(tmp_path, range(4))
    assert faces(tmp_path) == {f"face{n}" for n in range(4)}


def test_much_damage_is_no_power_cut(tmp_path: Path) -> None:
    fill(tmp_path, range(6))
    for data in (tmp_path / TABLE / "faces_open.lance/data").iterdir():
        data.write_bytes(b"")
    before = manifests(tmp_path, "faces_open")
    with pytest.raises(StorageError, match="backup"):
        opened(tmp_path).library("")
    assert manifests(tmp_path, "faces_open") == before


def test_the_directory_is_for_its_owner_alone(tmp_path: Path) -> None:
    opened(tmp_path / "data").close()
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("durability", ["power", "process"])
def test_a_compacted_table_whose_old_versions_went_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, durability: str
) -> None:
    """The newest manifest tells how it was made, with the names of files that are gone."""
    monkeypatch.setattr(tables, "_KEPT", timedelta(milliseconds=1))
    fill(tmp_path, range(6))
    store = opened(tmp_path, durability)
    for table in store.library("")._intake.store.tables:
        table.compact()
    store.close()
    assert len(manifests(tmp_path, "faces_open")) == 1
    again = opened(tmp_path, durability)
    assert again.library("").faces("open").count == 6
    assert not (tmp_path / TABLE / "faces_open.lance/_torn").exists()
