from __future__ import annotations

import os
from pathlib import Path

import pytest
from facefolk.ingest.files import find_files


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def ids(paths: list[Path], root: Path | None = None) -> list[str]:
    return [file.asset_id for file in find_files(paths, root=root).files]


def test_folders_are_walked_in_order(tmp_path: Path) -> None:
    for name in ["b/2.JPG", "b/1.jpeg", "a.heic", "c/d/film.MOV", "notes.txt", "b/.hidden.jpg"]:
        touch(tmp_path / name)
    touch(tmp_path / ".thumbnails/a.jpg")
    touch(tmp_path / "b/@eaDir/a.jpg/SYNOPHOTO_THUMB_XL.jpg")
    touch(tmp_path / "$RECYCLE.BIN/a.jpg")
    assert ids([tmp_path]) == ["a.heic", "b/1.jpeg", "b/2.JPG", "c/d/film.MOV"]
    videos = [file.asset_id for file in find_files([tmp_path]).files if file.is_video]
    assert videos == ["c/d/film.MOV"]


def test_a_file_that_is_named_is_taken_whatever_its_suffix(tmp_path: Path) -> None:
    assert ids([touch(tmp_path / "a/photo.dat")]) == ["photo.dat"]


def test_a_root_names_files_of_several_folders(tmp_path: Path) -> None:
    one, two = touch(tmp_path / "1/a.jpg"), touch(tmp_path / "2/a.jpg")
    assert ids([one.parent, two], root=tmp_path) == ["1/a.jpg", "2/a.jpg"]
    outside = find_files([tmp_path], root=tmp_path / "1")
    assert [file.asset_id for file in outside.files] == ["a.jpg"]
    assert "does not lie below" in outside.refused[0][1]


def test_two_files_cannot_have_one_id(tmp_path: Path) -> None:
    one, two = touch(tmp_path / "1/a.jpg"), touch(tmp_path / "2/a.jpg")
    listing = find_files([one.parent, two.parent])
    assert [file.path for file in listing.files] == [one]
    assert listing.refused[0][0] == str(two)
    assert "a folder above both" in listing.refused[0][1]


def test_a_file_named_twice_is_taken_once(tmp_path: Path) -> None:
    path = touch(tmp_path / "a.jpg")
    listing = find_files([tmp_path, path])
    assert len(listing.files) == 1
    assert not listing.refused


def test_what_is_absent_or_misnamed_is_listed(tmp_path: Path) -> None:
    os.close(os.open(os.fsencode(tmp_path) + b"/\xff.jpg", os.O_CREAT | os.O_WRONLY))
    listing = find_files([tmp_path / "absent", tmp_path])
    assert not listing.files
    assert "no such file" in listing.refused[0][1]
    assert listing.refused[1][0].endswith("\\udcff.jpg")
    assert "UTF-8" in listing.refused[1][1]


def test_a_pipe_is_listed_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.jpg")
    (tmp_path / "b.jpg").symlink_to(tmp_path / "absent")
    listing = find_files([tmp_path, tmp_path / "a.jpg"])
    assert not listing.files
    assert set(listing.refused) == {
        (str(tmp_path / "a.jpg"), "It is not a regular file."),
        (str(tmp_path / "b.jpg"), "It is a link to nothing."),
    }


def test_links_in_circles_end(tmp_path: Path) -> None:
    touch(tmp_path / "a/b/1.jpg")
    (tmp_path / "a/b/up").symlink_to(tmp_path / "a")
    (tmp_path / "a/self.jpg").symlink_to("self.jpg")
    (tmp_path / "linked.jpg").symlink_to(tmp_path / "a/b/1.jpg")
    listing = find_files([tmp_path])
    assert [file.asset_id for file in listing.files] == ["linked.jpg", "a/b/1.jpg"]
    assert [reason for _, reason in listing.refused] == ["It is a link to nothing."]


def test_names_that_no_asset_may_have_are_told_as_names(tmp_path: Path) -> None:
    touch(tmp_path / "line\nbreak/a.jpg")
    touch(tmp_path / "Größe 🎉 (1).jpg")
    listing = find_files([tmp_path])
    assert [file.asset_id for file in listing.files] == ["Größe 🎉 (1).jpg"]
    assert "rename it" in listing.refused[0][1]


def test_other_kinds_are_counted(tmp_path: Path) -> None:
    for name in ("1.NEF", "2.nef", "3.jpg", "a/notes.txt", "README", ".DS_Store"):
        touch(tmp_path / name)
    assert find_files([tmp_path]).passed_over == {".nef": 2, ".txt": 1, "": 1}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_locked_folder_is_listed(tmp_path: Path) -> None:
    touch(tmp_path / "locked/a.jpg").parent.chmod(0)
    listing = find_files([tmp_path])
    (tmp_path / "locked").chmod(0o700)
    assert listing.refused == [(str(tmp_path / "locked"), "Permission denied.")]
