"""The small picture of a face."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from facefolk_server.vision.thumbnails import THUMBNAIL_SIDE, cut_thumbnails

IMAGE = np.full((600, 800, 3), (20, 40, 60), np.uint8)
IMAGE[200:400, 300:500] = (200, 30, 90)


def cut(box: tuple[float, float, float, float], image: np.ndarray = IMAGE) -> np.ndarray:
    (data,) = cut_thumbnails(image, np.array([box], np.float32))
    assert data[:2] == b"\xff\xd8"
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)


def test_the_face_lies_in_the_middle_with_a_margin() -> None:
    picture = cut((300, 200, 500, 400))
    assert picture.shape == (THUMBNAIL_SIDE, THUMBNAIL_SIDE, 3)
    np.testing.assert_allclose(picture[80, 80], (200, 30, 90), atol=6)
    np.testing.assert_allclose(picture[5, 5], (20, 40, 60), atol=6)
    reds = (picture[80, :, 0] > 110).sum()
    assert reds == pytest.approx(THUMBNAIL_SIDE / 1.6, abs=2)


def test_small_faces_are_not_blown_up() -> None:
    assert cut((300, 200, 320, 220)).shape == (32, 32, 3)


@pytest.mark.parametrize("x", [-40.0, 0.0, 700.0, 790.0])
@pytest.mark.parametrize("y", [-40.0, 0.0, 500.0, 590.0])
def test_at_the_edge_the_square_is_moved_into_the_picture(x: float, y: float) -> None:
    assert cut((x, y, x + 50, y + 60)).shape == (96, 96, 3)


def test_a_face_that_fills_the_picture_is_cut_to_it() -> None:
    assert cut((0, 0, 800, 600)).shape == (THUMBNAIL_SIDE, THUMBNAIL_SIDE, 3)
    assert cut((0, 0, 30, 40), np.zeros((40, 30, 3), np.uint8)).shape == (30, 30, 3)
    assert cut((0, 0, 1, 1), np.zeros((1, 1, 3), np.uint8)).shape == (1, 1, 3)


def test_no_faces_have_no_pictures() -> None:
    assert cut_thumbnails(IMAGE, np.empty((0, 4), np.float32)) == []
