"""Reading single files out of archives; nothing is unpacked by its own path."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest
from facefolk_server.vision.downloads.archive import (
    Wanted,
    extract,
    is_archive,
    members,
    save,
)
from facefolk_server.vision.downloads.faults import ChecksumError, FetchError
from unit.vision.downloads.samples import sha256, tarred, zipped

FILES = {
    "readme.txt": b"hello",
    "models/deep/det.onnx": b"det" * 500,
    "models/rec.onnx": b"rec" * 700,
    "../outside.onnx": b"outside",
}
FORMS = {"zip": zipped(FILES), "tar.gz": tarred(FILES)}


@pytest.fixture(params=FORMS)
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "archive"
    path.write_bytes(FORMS[request.param])
    return path


def wanted(name: str, data: bytes, folder: Path) -> Wanted:
    return Wanted(name, sha256(data), folder / f"{name}.got")


def test_members_are_found_by_name_wherever_they_lie(archive: Path, tmp_path: Path) -> None:
    both = [
        wanted("rec.onnx", FILES["models/rec.onnx"], tmp_path),
        wanted("det.onnx", FILES["models/deep/det.onnx"], tmp_path),
    ]
    assert extract(archive, both) == []
    assert both[0].target.read_bytes() == FILES["models/rec.onnx"]
    assert both[1].target.read_bytes() == FILES["models/deep/det.onnx"]


def test_what_is_not_there_is_given_back(archive: Path, tmp_path: Path) -> None:
    absent = wanted("other.onnx", b"x", tmp_path)
    there = wanted("rec.onnx", FILES["models/rec.onnx"], tmp_path)
    assert extract(archive, [absent, there]) == [absent]
    assert there.target.exists()


def test_the_right_name_with_other_content_is_refused(archive: Path, tmp_path: Path) -> None:
    item = wanted("rec.onnx", b"something else", tmp_path)
    with pytest.raises(ChecksumError, match=r"models/rec\.onnx has SHA-256"):
        extract(archive, [item])
    assert not item.target.exists()


def test_of_two_files_of_one_name_the_right_one_is_taken(tmp_path: Path) -> None:
    files = {"a/model.onnx": b"one", "b/model.onnx": b"two", "c/model.onnx": b"three"}
    for data in (zipped(files), tarred(files)):
        path = tmp_path / "archive"
        path.write_bytes(data)
        item = wanted("model.onnx", b"two", tmp_path)
        assert extract(path, [item]) == []
        assert item.target.read_bytes() == b"two"


def test_a_path_that_leads_outside_leads_nowhere(archive: Path, tmp_path: Path) -> None:
    item = wanted("outside.onnx", b"outside", tmp_path)
    before = set(tmp_path.parent.iterdir())
    assert extract(archive, [item]) == []
    assert set(tmp_path.parent.iterdir()) == before
    assert item.target.read_bytes() == b"outside"


def test_links_are_no_files(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    path = tmp_path / "archive.tar"
    with tarfile.open(path, "w") as tar:
        link = tarfile.TarInfo("model.onnx")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path / "secret")
        tar.addfile(link)
    with members(path) as found:
        assert list(found) == []


def test_members_tell_their_sizes(archive: Path, tmp_path: Path) -> None:
    with members(archive) as found:
        for member in found:
            assert member.size_bytes == len(FILES[member.path])
            assert save(member, tmp_path / "copy") == sha256(FILES[member.path])


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("share", [0.3, 0.8])
def test_a_broken_archive_is_an_error_of_ours(form: str, share: float, tmp_path: Path) -> None:
    data = FORMS[form]
    path = tmp_path / "archive"
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(FetchError, match="not an archive that can be read"):
        extract(path, [wanted("absent.onnx", b"", tmp_path)])


def test_a_damaged_member_is_an_error_of_ours(tmp_path: Path) -> None:
    data = bytearray(zipped({"model.onnx": bytes(range(256)) * 40}))
    data[60] ^= 0xFF
    path = tmp_path / "archive.zip"
    path.write_bytes(data)
    with pytest.raises(FetchError, match="not an archive that can be read"):
        extract(path, [wanted("model.onnx", b"", tmp_path)])


def test_an_encrypted_member_is_an_error_of_ours(tmp_path: Path) -> None:
    data = bytearray(zipped({"model.onnx": b"x" * 100}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path = tmp_path / "archive.zip"
    path.write_bytes(data)
    with pytest.raises(FetchError, match="not an archive that can be read"):
        extract(path, [wanted("model.onnx", b"", tmp_path)])


def test_text_is_no_archive(tmp_path: Path, archive: Path) -> None:
    path = tmp_path / "text"
    path.write_text("no archive")
    assert not is_archive(path)
    assert not is_archive(tmp_path)
    assert is_archive(archive)
    with pytest.raises(FetchError), members(path):
        pass


def test_other_compressions_are_read(tmp_path: Path) -> None:
    for mode in ("w:bz2", "w:xz", "w"):
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode=mode) as tar:
            info = tarfile.TarInfo("model.onnx")
            info.size = 3
            tar.addfile(info, io.BytesIO(b"abc"))
        path = tmp_path / "archive"
        path.write_bytes(buffer.getvalue())
        assert extract(path, [wanted("model.onnx", b"abc", tmp_path)]) == []
    with zipfile.ZipFile(tmp_path / "archive", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("model.onnx", b"abc")
    assert extract(tmp_path / "archive", [wanted("model.onnx", b"abc", tmp_path)]) == []
