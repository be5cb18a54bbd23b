"""Further looks at a picture, with a detector that has the weaknesses of a real one."""

from __future__ import annotations

import numpy as np
import pytest
from facefolk_server.types import Looks
from facefolk_server.vision.detectors.candidates import Candidates
from facefolk_server.vision.hard import HardOptions, ThoroughDetector
from facefolk_server.vision.hard.views import small, tiles, turned
from facefolk_server.vision.ops import pairwise_iou

BROW, CHIN = (255, 0, 0), (0, 0, 255)


class SquareFaces:
    """Finds one square whose upper half is red and whose lower half is blue.

    It sees those that fill 0.05 to 0.7 of the longer side it is shown, standing upright with
    a score of 0.95 and on their head with 0.8. Landmarks are always those of an upright face.
    """

    def __init__(self) -> None:
        self.seen: list[tuple[int, ...]] = []

    def detect(self, image: np.ndarray, *, min_score: float) -> Candidates:
        self.seen.append(image.shape[:2])
        marked = np.argwhere((image[..., 0] > 200) ^ (image[..., 2] > 200))
        nothing = Candidates(
            np.empty((0, 4), np.float32),
            np.empty((0, 5, 2), np.float32),
            np.empty(0, np.float32),
        )
        if not len(marked):
            return nothing
        (top, left), (bottom, right) = marked.min(axis=0), marked.max(axis=0) + 1
        width, height = right - left, bottom - top
        if not 0.05 <= max(width, height) / max(image.shape) <= 0.7:
            return nothing
        column = left + width // 2
        brow, chin = image[top + height // 10, column], image[bottom - 1 - height // 10, column]
        scores = {(True, True): 0.95, (False, False): 0.8}
        score = scores.get((brow[0] > 200, chin[2] > 200), 0.0)
        if score < min_score:
            return nothing
        places = np.array([[0.3, 0.3], [0.7, 0.3], [0.5, 0.5], [0.3, 0.8], [0.7, 0.8]])
        return Candidates(
            np.array([[left, top, right, bottom]], np.float32),
            (np.array([left, top]) + places * (width, height))[None].astype(np.float32),
            np.array([score], np.float32),
        )


def picture(
    box: tuple[int, int, int, int], *, width: int = 400, height: int = 300
) -> np.ndarray:
    image = np.zeros((height, width, 3), np.uint8)
    left, top, right, bottom = box
    middle = (top + bottom) // 2
    image[top:middle, left:right] = BROW
    image[middle:bottom, left:right] = CHIN
    return image


def find(image: np.ndarray, *, options: HardOptions | None = None, **looks: bool) -> Candidates:
    detector = ThoroughDetector(SquareFaces(), Looks(**looks), options)
    return detector.detect(image, min_score=0.7)


def near(found: Candidates, box: tuple[int, int, int, int]) -> bool:
    return len(found) == 1 and bool(
        pairwise_iou(found.boxes, np.array([box], np.float32))[0, 0] > 0.9
    )


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_turned_views_map_back(quarters: int) -> None:
    image = picture((40, 60, 120, 140))
    view = turned(image, quarters=quarters)
    place = np.argwhere(view.pixels[..., 0] > 200)[0][::-1] + 0.5
    x, y = view.to_picture[:, :2] @ place + view.to_picture[:, 2]
    assert image[int(y), int(x), 0] > 200


def test_the_small_view_keeps_proportions_within_its_canvas() -> None:
    view = small(picture((0, 0, 400, 300)), side=160, canvas=320)
    assert view.pixels.shape == (320, 320, 3)
    rows, columns = np.nonzero(view.pixels.any(axis=2))
    assert (np.ptp(columns) + 1, np.ptp(rows) + 1) == (160, 120)
    corner = view.to_picture @ (columns.min(), rows.min(), 1)
    assert np.allclose(corner, 0)


@pytest.mark.parametrize("size", [(100, 100), (321, 700), (1440, 1080)])
def test_tiles_cover_the_picture_and_overlap(size: tuple[int, int]) -> None:
    width, height = size
    image = np.zeros((height, width, 3), np.uint8)
    counted = np.zeros((height, width), int)
    for tile in tiles(image, side=320, overlap=40, scale=2):
        rows, columns = tile.pixels.shape[0] // 2, tile.pixels.shape[1] // 2
        assert (rows, columns) == (min(height, 320), min(width, 320))
        left, top = tile.to_picture[:, 2].astype(int)
        counted[top : top + rows, left : left + columns] += 1
    assert counted.min() == 1
    assert width <= 320 or (counted > 1).any(axis=0).sum() >= 40


def test_a_face_that_fills_the_picture_is_found_closely() -> None:
    box = (20, 5, 310, 295)
    image = picture(box)
    assert len(find(image)) == 0
    assert near(find(image, close=True), box)


@pytest.mark.parametrize(("side", "kept"), [(80, False), (140, True)])
def test_the_close_look_is_for_large_faces_alone(side: int, kept: bool) -> None:
    class SeesTheSmallView:
        """Finds a face of this many pixels of a picture of 400, but not at first sight."""

        def detect(self, image: np.ndarray, *, min_score: float) -> Candidates:
            count = int(image.shape == (320, 320, 3))
            corners = np.array([120, 120, 120 + side * 0.4, 120 + side * 0.4], np.float32)
            return Candidates(
                np.repeat(corners[None], count, axis=0),
                np.zeros((count, 5, 2), np.float32),
                np.full(count, 0.9, np.float32),
            )

    thorough = ThoroughDetector(SeesTheSmallView(), Looks(close=True))
    found = thorough.detect(np.zeros((400, 400, 3), np.uint8), min_score=0.7)
    assert len(found) == int(kept)


def test_a_small_face_is_found_in_tiles() -> None:
    box = (900, 500, 924, 524)
    image = picture(box, width=1440, height=1080)
    assert len(find(image, close=True, turned=True)) == 0
    assert near(find(image, tiny=True), box)
    assert len(find(image, tiny=True, options=HardOptions(tiled_from=1440))) == 0


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_turned_picture_is_looked_at_from_all_sides(quarters: int) -> None:
    upright = picture((100, 60, 200, 160))
    image = np.ascontiguousarray(np.rot90(upright, quarters))
    found = find(image, turned=True)
    want = turned(upright, quarters=quarters)
    back = np.linalg.inv(np.vstack((want.to_picture, [0, 0, 1])))
    corners = np.array([[100, 60, 1], [200, 160, 1]]) @ back[:2].T
    assert near(found, (*corners.min(axis=0), *corners.max(axis=0)))
    down = found.landmarks[0, 3:].mean(axis=0) - found.landmarks[0, :2].mean(axis=0)
    expected = {1: (1, 0), 2: (0, -1), 3: (-1, 0)}[quarters]
    assert down @ expected > 0.9 * np.linalg.norm(down)


def test_a_sure_face_spares_the_other_sides() -> None:
    detector = SquareFaces()
    thorough = ThoroughDetector(detector, Looks(close=True, turned=True))
    thorough.detect(picture((100, 60, 200, 160)), min_score=0.7)
    assert detector.seen == [(300, 400), (320, 320)]


def test_the_plain_find_stays_and_none_comes_twice() -> None:
    image = picture((100, 60, 200, 160), width=1440, height=1080)
    plain = SquareFaces().detect(image, min_score=0.7)
    found = find(image, close=True, tiny=True, turned=True)
    assert np.array_equal(found.boxes, plain.boxes)
    assert np.array_equal(found.landmarks, plain.landmarks)


def test_nothing_stays_nothing() -> None:
    image = np.zeros((1080, 1440, 3), np.uint8)
    assert len(find(image, close=True, tiny=True, turned=True)) == 0
