from __future__ import annotations

from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest

from bench.quality.albums import load_albums
from bench.quality.conditions import degrade_third, filling, made, pasted, turn


def picture(path: Path, *, height: int = 30, width: int = 40) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(1).integers(0, 255, (height, width, 3), np.uint8)
    cv2.imwrite(str(path), pixels)


def size(data: bytes) -> tuple[int, ...]:
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    return tuple(image.shape[:2])


def test_a_folder_for_each_person(tmp_path: Path) -> None:
    picture(tmp_path / "ann" / "1.png")
    picture(tmp_path / "bob" / "1.jpg")
    picture(tmp_path / "loose.png")
    (tmp_path / "bob" / "notes.txt").write_text("no picture")
    (album,) = load_albums(tmp_path)
    assert [(p.name, p.person) for p in album.pictures] == [
        ("ann/1.png", "ann"),
        ("bob/1.jpg", "bob"),
    ]


def test_labels_in_a_file(tmp_path: Path) -> None:
    picture(tmp_path / "one" / "a.png")
    picture(tmp_path / "two" / "b.png")
    (tmp_path / "labels.csv").write_text(
        "path,faces,people\none/a.png,2,ann bob\ntwo/b.png,,ann\ntwo/film.mp4,1,\n"
    )
    one, two = load_albums(tmp_path)
    assert (one.pictures[0].person, one.pictures[0].faces) == (None, 2)
    assert (two.pictures[0].person, two.pictures[0].faces) == ("ann", None)
    assert [a.name for a in load_albums(tmp_path, ["two"])] == ["two"]
    with pytest.raises(SystemExit, match="three"):
        load_albums(tmp_path, ["three"])


def test_the_digest_follows_pictures_and_labels(tmp_path: Path) -> None:
    picture(tmp_path / "ann" / "1.png")
    (album,) = load_albums(tmp_path)
    before = album.digest
    assert load_albums(tmp_path)[0].digest == before
    picture(tmp_path / "ann" / "1.png", width=41)
    assert album.digest != before


def test_changed_pictures(tmp_path: Path) -> None:
    for number in range(6):
        picture(tmp_path / "ann" / f"{number}.png")
    (album,) = load_albums(tmp_path)
    turned = made(album, "turned", partial(turn, quarters=1), jpeg_quality=80)
    assert turned.name.endswith("-turned")
    assert size(turned.pictures[0].read()) == (40, 30)
    worse = degrade_third(album, side=8)
    same = made(album, "same", _same)
    differing = [
        a.read() != b.read() for a, b in zip(worse.pictures, same.pictures, strict=True)
    ]
    assert sum(differing) == 2
    assert worse.digest == degrade_third(album, side=8).digest
    box = np.array([5, 5, 25, 25], np.float32)
    pixels = np.zeros((30, 40, 3), np.uint8)
    large, corner, scale = pasted(1, pixels, face=10, box=box, canvas=200)
    assert (large.shape, scale) == ((150, 200, 3), 0.5)
    left, top = corner.astype(int)
    assert not large[top : top + 15, left : left + 20].any()
    full = made(album, "full", partial(filling, box=box, share=0.8))
    assert size(full.pictures[0].read()) == (640, 640)


def _same(_: int, pixels):
    return pixels
