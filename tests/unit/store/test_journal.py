"""Files of records: what was appended comes back, whatever became of their ends."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from facefolk_server.errors import StorageError
from facefolk_server.store.journal import Journal, JournalFile
from hypothesis import given
from hypothesis import strategies as st

RECORDS = [b"one", b"2", b"FFJ1 inside", b"\x07" * 40]


def journal(folder: Path, *, synced: bool = True) -> Journal:
    return Journal(folder / "journal", synced=synced)


def filled(folder: Path, records: list[bytes]) -> Path:
    """A file with these records that its writer left."""
    file = journal(folder).make()
    for record in records:
        file.append(record)
    file.release()
    (path,) = (folder / "journal").iterdir()
    return path


def left(folder: Path, *, synced: bool = True) -> list[list[bytes]]:
    files = list(journal(folder, synced=synced).left())
    try:
        return [file.records() for file in files]
    finally:
        for file in files:
            file.release()


@contextmanager
def no_file_over(size: int) -> Iterator[None]:
    """A disk that has no more room than this for any file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return filled(tmp_path_factory.mktemp("whole"), RECORDS).read_bytes()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cut")


def ends(records: list[bytes]) -> list[int]:
    sizes = [12 + len(record) for record in records]
    return [sum(sizes[: n + 1]) for n in range(len(sizes))]


def with_content(folder: Path, content: bytes) -> None:
    (folder / "journal").mkdir(exist_ok=True)
    (folder / "journal/left-00000001.journal").write_bytes(content)


@given(
    st.integers(0, ends(RECORDS)[-1]),
    st.sampled_from([b"", bytes(1), bytes(700), b"FFJ1", b"\xff" * 90, b"FFJ1" + bytes(8)]),
)
def test_a_file_cut_anywhere_keeps_what_is_whole(
    whole: bytes, folder: Path, cut: int, rest: bytes
) -> None:
    with_content(folder, whole[:cut] + rest)
    kept = sum(end <= cut for end in ends(RECORDS))
    assert left(folder) == [RECORDS[:kept]]


@given(st.integers(0, ends(RECORDS)[-2] - 1), st.integers(1, 255))
def test_damage_before_the_end_is_no_power_cut(
    whole: bytes, folder: Path, place: int, flip: int
) -> None:
    content = bytearray(whole)
    content[place] ^= flip
    with_content(folder, bytes(content))
    with pytest.raises(StorageError, match="backup"):
        left(folder)
    (found,) = left(folder, synced=False)  # there a power cut may damage anything
    before = sum(end <= place for end in ends(RECORDS))
    assert found == RECORDS[:before]


def test_a_file_is_left_to_its_server_as_long_as_that_lives(tmp_path: Path) -> None:
    file = journal(tmp_path).make()
    file.append(b"mine")
    assert left(tmp_path) == []
    file.release()
    assert left(tmp_path) == [[b"mine"]]


def test_files_come_in_their_order(tmp_path: Path) -> None:
    own = journal(tmp_path)
    files = [own.make() for _ in range(12)]
    for number, file in enumerate(files):
        file.append(str(number).encode())
    files[3].drop()
    for file in files:
        file.release()
    assert left(tmp_path) == [[str(n).encode()] for n in range(12) if n != 3]


def test_a_record_that_does_not_fit_is_not_half_there(tmp_path: Path) -> None:
    file = journal(tmp_path).make()
    file.append(b"first")
    with no_file_over(file.size + 500), pytest.raises(OSError, match="large"):
        file.append(bytes(5000))
    file.append(b"second")
    file.release()
    assert left(tmp_path) == [[b"first", b"second"]]


def test_a_name_is_on_the_disk_before_its_first_record_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    for name in ("fsync", "fdatasync"):
        monkeypatch.setattr(os, name, _noting(synced, getattr(os, name)))
    file = journal(tmp_path / "data/libraries/default").make()
    file.append(b"record")
    file.append(b"another")
    folder = tmp_path / "data/libraries/default/journal"
    (path,) = folder.iterdir()
    assert {str(path), str(folder), *map(str, folder.parents[:3])} <= set(synced)
    assert synced.count(str(path)) == 2
    synced.clear()
    file.drop()
    assert synced == [str(folder)]


def _noting(synced: list[str], real: object) -> object:
    def sync(descriptor: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        real(descriptor)  # type: ignore[operator]

    return sync


def test_a_file_that_was_taken_for_a_left_one_is_not_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server starts between the making of a file and its locking."""
    own, other = journal(tmp_path), journal(tmp_path)
    real = os.open
    taken: list[JournalFile] = []

    def opening(path: object, flags: int, mode: int = 0o777) -> int:
        descriptor = real(path, flags, mode)  # type: ignore[arg-type]
        if flags & os.O_EXCL and not taken:
            monkeypatch.setattr(os, "open", real)
            taken.extend(other.left())
        return descriptor

    monkeypatch.setattr(os, "open", opening)
    file = own.make()
    assert len(taken) == 1
    taken[0].drop()
    file.append(b"mine")
    file.release()
    assert left(tmp_path) == [[b"mine"]]
