from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path

import pytest
from facefolk.errors import UnreadableFileError
from facefolk.previews.videos import Film
from PIL import Image
from unit.client.pictures import save_film, size_of


def grey(data: bytes) -> int:
    value = Image.open(io.BytesIO(data)).convert("L").getpixel((5, 5))
    assert isinstance(value, int)
    return value


@pytest.mark.parametrize(
    ("frames", "interval_seconds", "expected"),
    [
        (20, 5.0, [2, 6, 10, 14, 18]),
        (3, 5.0, [0, 1, 2]),
        (1, 5.0, [0]),
        (20, 0.25, [1, 3, 6, 8, 11, 13, 16, 18]),
        (20, 0.01, [1, 3, 5, 7, 9, 11, 13, 15, 17, 19]),
    ],
)
def test_moments_are_spread_over_the_film(
    tmp_path: Path, frames: int, interval_seconds: float, expected: list[int]
) -> None:
    with Film(save_film(tmp_path / "a.mp4", frames=frames)) as film:
        plan = film.plan(interval_seconds=interval_seconds, min_frames=5, max_frames=10)
    assert [moment.index for moment in plan] == expected
    assert [moment.offset for moment in plan] == [
        timedelta(milliseconds=100 * index) for index in expected
    ]


def test_each_moment_shows_its_frame(tmp_path: Path) -> None:
    with Film(save_film(tmp_path / "a.mp4", frames=20)) as film:
        for moment in film.plan(interval_seconds=1, min_frames=7, max_frames=7):
            data = film.preview(moment)
            assert data is not None
            assert abs(grey(data) - (20 + 10 * moment.index)) < 5


def test_frames_are_made_small(tmp_path: Path) -> None:
    with Film(save_film(tmp_path / "a.mp4", frames=2, size=(640, 360))) as film:
        data = film.preview(film.plan(interval_seconds=1, min_frames=1, max_frames=1)[0])
        small = film.preview(
            film.plan(interval_seconds=1, min_frames=2, max_frames=2)[0], max_side=320
        )
    assert data is not None
    assert small is not None
    assert size_of(data) == (640, 360)
    assert size_of(small) == (320, 180)


def test_what_is_no_film_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"not a film")
    with pytest.raises(UnreadableFileError, match="not a video"):
        Film(path)
