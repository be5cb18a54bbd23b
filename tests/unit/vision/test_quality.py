"""What makes a face a good picture of its person."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from facefolk_server.vision.detectors.candidates import Candidates
from facefolk_server.vision.ops import ARCFACE_TEMPLATE
from facefolk_server.vision.quality import frontality, qualities, sharpness, size

RANDOM = np.random.default_rng(0)
TEXTURE = cv2.GaussianBlur(RANDOM.integers(0, 256, (112, 112, 3), np.uint8), (0, 0), 1)


def boxes(*sides: float) -> np.ndarray:
    return np.array([[10, 10, 10 + side, 10 + side * 1.2] for side in sides], np.float32)


def faces(count: int, *, side: float = 100, score: float = 0.9) -> Candidates:
    return Candidates(
        np.repeat(boxes(side), count, axis=0),
        np.repeat(ARCFACE_TEMPLATE[None], count, axis=0),
        np.full(count, score, np.float32),
    )


def turned(yaw: float) -> np.ndarray:
    """The points of a head of three dimensions that is turned by `yaw` degrees."""
    depth = np.array([-4, -4, 8, -1, -1], np.float64)
    points = ARCFACE_TEMPLATE - ARCFACE_TEMPLATE.mean(axis=0)
    angle = np.deg2rad(yaw)
    x = points[:, 0] * np.cos(angle) + depth * np.sin(angle)
    return np.stack((x, points[:, 1]), axis=1).astype(np.float32)


def test_no_faces_have_no_qualities() -> None:
    none = faces(1).take(np.array([], np.intp))
    assert qualities(none, np.empty((0, 112, 112, 3), np.uint8)).shape == (0,)


def test_larger_is_better_up_to_a_point() -> None:
    found = size(boxes(1, 16, 40, 80, 160, 1000))
    assert found[:2].tolist() == [0, 0]
    assert (np.diff(found[1:5]) > 0).all()
    assert found[4:].tolist() == [1, 1]


def test_the_shorter_side_counts() -> None:
    assert size(np.array([[0, 0, 16, 500]], np.float32))[0] == 0


def test_sharper_is_better() -> None:
    crops = np.stack(
        [TEXTURE, *(cv2.GaussianBlur(TEXTURE, (0, 0), sigma) for sigma in (1, 2, 4))]
    )
    found = sharpness(crops)
    assert (np.diff(found) < 0).all()
    assert ((found > 0) & (found < 1)).all()
    assert sharpness(np.full((1, 112, 112, 3), 90, np.uint8))[0] == 0


def test_the_edge_of_the_picture_makes_no_face_sharp() -> None:
    """A crop that reaches past the picture is black there."""
    blurred = cv2.GaussianBlur(TEXTURE, (0, 0), 5)
    cut = blurred.copy()
    cut[:, :15] = 0
    cut[106:] = 0
    plain, at_the_edge = sharpness(np.stack((blurred, cut)))
    assert at_the_edge == pytest.approx(plain)


@pytest.mark.parametrize("sign", [-1, 1])
def test_turning_away_is_worse(sign: int) -> None:
    found = frontality(np.stack([turned(sign * yaw) for yaw in (0, 15, 30, 45, 60)]))
    assert found[0] > 0.8
    assert (np.diff(found) < 0).all()
    assert found[-1] < 0.5


def test_turning_in_the_plane_does_not_matter() -> None:
    plain = frontality(ARCFACE_TEMPLATE[None])[0]
    for degrees in (20, 90, 180):
        angle = np.deg2rad(degrees)
        matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        rotated = (ARCFACE_TEMPLATE @ matrix.T * 3 + 50).astype(np.float32)
        assert frontality(rotated[None])[0] == pytest.approx(plain, abs=1e-3)


def test_landmarks_in_one_place_are_no_front_and_no_error() -> None:
    assert frontality(np.full((1, 5, 2), 30, np.float32)).tolist() == [0]


def test_one_bad_property_spoils_a_face_but_ranks_it_still() -> None:
    blank = np.full_like(TEXTURE, 90)
    crops = np.stack((TEXTURE, blank))
    good, blurred = qualities(faces(2), crops)
    small, tiny = (qualities(faces(1, side=side), crops[:1])[0] for side in (40, 10))
    weak = qualities(faces(1, score=0.3), crops[:1])[0]
    assert 0.6 < good <= 1
    for bad in (blurred, small, tiny, weak):
        assert 0 < bad < good
    assert tiny < small
