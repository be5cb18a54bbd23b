"""Letterboxes, overlap, non-maximum suppression and alignment."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from facefolk_server.vision.ops import (
    ARCFACE_TEMPLATE,
    align,
    box_areas,
    letterbox,
    pairwise_iou,
    plan_letterbox,
    scaled,
    similarities,
    suppress,
    template,
)
from facefolk_server.vision.specs import DetectorSpec, InputLayout
from hypothesis import given
from hypothesis import strategies as st

SPEC = DetectorSpec("yunet", InputLayout())


@pytest.mark.parametrize(
    ("width", "height", "shape", "scale"),
    [
        (92, 112, (320, 320), 2.0),  # not past twice its size
        (150, 150, (320, 320), 2.0),
        (250, 250, (320, 320), 1.28),
        (320, 320, (320, 320), 1.0),
        (321, 200, (448, 640), 640 / 321),
        (200, 321, (640, 448), 640 / 321),
        (640, 480, (480, 640), 1.0),
        (640, 640, (640, 640), 1.0),
        (1440, 1080, (480, 640), 640 / 1440),
        (1080, 1440, (640, 480), 640 / 1440),
        (1920, 1080, (448, 640), 1 / 3),
        (1440, 1440, (640, 640), 640 / 1440),
        (10_000, 10, (448, 640), 0.064),
        (1, 1, (320, 320), 2.0),
    ],
)
def test_the_smallest_shape_that_shows_all_there_is_is_taken(
    width: int, height: int, shape: tuple[int, int], scale: float
) -> None:
    plan = plan_letterbox(SPEC, width=width, height=height)
    assert (plan.height, plan.width) == shape
    assert plan.scale == pytest.approx(scale)
    assert plan.inner_width == max(1, round(width * plan.scale))
    assert plan.inner_height == max(1, round(height * plan.scale))


@given(st.integers(1, 12_000), st.integers(1, 12_000))
def test_snug_shapes_spare_padding_and_leave_the_scale(width: int, height: int) -> None:
    snug = tuple((rows, columns) for rows in (320, 384, 640) for columns in (320, 512, 640))
    spec = DetectorSpec("yunet", InputLayout(), snug_shapes=snug)
    plain = plan_letterbox(SPEC, width=width, height=height)
    plan = plan_letterbox(spec, width=width, height=height)
    assert plan.scale == plain.scale
    assert (plan.inner_width, plan.inner_height) == (plain.inner_width, plain.inner_height)
    fitting = [
        (rows, columns)
        for rows, columns in (*snug, (plain.height, plain.width))
        if rows >= plan.inner_height and columns >= plan.inner_width
    ]
    assert (plan.height, plan.width) in fitting
    assert plan.height * plan.width == min(rows * columns for rows, columns in fitting)


@given(st.integers(1, 12_000), st.integers(1, 12_000), st.sampled_from(["top_left", "center"]))
def test_every_picture_lies_within_its_shape(width: int, height: int, placement: str) -> None:
    spec = DetectorSpec("yunet", InputLayout(), placement=placement)
    plan = plan_letterbox(spec, width=width, height=height)
    assert plan.scale <= spec.max_upscale
    assert 0 < plan.inner_width <= plan.width - plan.x_offset
    assert 0 < plan.inner_height <= plan.height - plan.y_offset
    for rows, columns in spec.shapes:
        # No shape shows more of the picture's own pixels.
        assert min(1, rows / height, columns / width) <= min(1, plan.scale) + 1e-9


@pytest.mark.parametrize("placement", ["top_left", "center"])
def test_the_rest_of_the_input_has_the_letterbox_color(placement: str) -> None:
    spec = DetectorSpec(
        "yunet", InputLayout(), shapes=((64, 96),), placement=placement, max_upscale=1.0
    )
    plan = plan_letterbox(spec, width=30, height=40)
    image = np.full((40, 30, 3), (10, 20, 30), np.uint8)
    canvas = letterbox(image, plan, color=(1, 2, 3))
    assert canvas.shape == (1, 64, 96, 3)
    x, y = (33, 12) if placement == "center" else (0, 0)
    expected = np.full((64, 96, 3), (1, 2, 3), np.uint8)
    expected[y : y + 40, x : x + 30] = (10, 20, 30)
    np.testing.assert_array_equal(canvas[0], expected)


def test_shrinking_keeps_what_thin_lines_there_are() -> None:
    spec = DetectorSpec("yunet", InputLayout(), shapes=((32, 32),))
    image = np.zeros((256, 256, 3), np.uint8)
    image[:, ::8] = 255
    plan = plan_letterbox(spec, width=256, height=256)
    canvas = letterbox(image, plan, color=(0, 0, 0))
    np.testing.assert_allclose(canvas, 32, atol=1)


def boxes_of(*rows: tuple[float, float, float, float]) -> np.ndarray:
    return np.array(rows, np.float32).reshape(-1, 4)


def test_overlap_is_intersection_over_union() -> None:
    boxes = boxes_of((0, 0, 2, 2), (1, 1, 3, 3), (5, 5, 6, 6), (1, 1, 1, 1))
    expected = [
        [1, 1 / 7, 0, 0],
        [1 / 7, 1, 0, 0],
        [0, 0, 1, 0],
        [0, 0, 0, 0],
    ]
    np.testing.assert_allclose(pairwise_iou(boxes, boxes), expected, rtol=1e-6)
    np.testing.assert_array_equal(box_areas(boxes), [4, 4, 1, 0])
    np.testing.assert_array_equal(box_areas(boxes_of((3, 3, 1, 1))), [0])
    assert pairwise_iou(boxes, boxes_of()).shape == (4, 0)


def greedy(boxes: np.ndarray, scores: np.ndarray, max_iou: float) -> list[int]:
    kept: list[int] = []
    for index in sorted(range(len(boxes)), key=lambda each: (-scores[each], each)):
        overlaps = pairwise_iou(boxes[[index]], boxes[kept])
        if not (overlaps > max_iou).any():
            kept.append(index)
    return kept


@pytest.mark.parametrize("seed", range(20))
def test_suppression_is_the_greedy_one(seed: int) -> None:
    random = np.random.default_rng(seed)
    count = int(random.integers(0, 60))
    corners = random.uniform(0, 40, (count, 2))
    boxes = np.concatenate((corners, corners + random.uniform(1, 30, (count, 2))), 1)
    boxes = boxes.astype(np.float32)
    scores = np.round(random.uniform(0, 1, count), 1).astype(np.float32)  # with ties
    for max_iou in (0.0, 0.3, 0.5, 1.0):
        kept = suppress(boxes, scores, max_iou=max_iou)
        assert kept.tolist() == greedy(boxes, scores, max_iou)


def test_a_chain_of_overlaps_keeps_every_other_box() -> None:
    """The second goes because of the first, so it cannot take the third away."""
    boxes = boxes_of(*((x, 0, x + 10, 10) for x in range(0, 50, 5)))
    scores = np.linspace(1, 0.5, 10, dtype=np.float32)
    assert suppress(boxes, scores, max_iou=0.3).tolist() == [0, 2, 4, 6, 8]


@pytest.mark.parametrize("seed", range(5))
def test_similarities_are_the_least_squares_ones(seed: int) -> None:
    random = np.random.default_rng(seed)
    sources = random.normal(50, 30, (4, 5, 2)).astype(np.float32)
    target = random.normal(60, 20, (5, 2)).astype(np.float32)
    for source, found in zip(sources, similarities(sources, target), strict=True):
        zeros, ones = np.zeros(5), np.ones(5)
        x, y = source.astype(np.float64).T
        system = np.concatenate(
            (np.stack((x, -y, ones, zeros), 1), np.stack((y, x, zeros, ones), 1))
        )
        a, b, right, down = np.linalg.lstsq(system, target.T.reshape(-1), rcond=None)[0]
        np.testing.assert_allclose(found, [[a, -b, right], [b, a, down]], rtol=1e-4, atol=1e-4)


def test_a_similarity_is_found_again_exactly() -> None:
    turn = np.deg2rad(25)
    matrix = 1.7 * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    moved = ARCFACE_TEMPLATE @ matrix.T + (30, -12)
    back = similarities(moved[None].astype(np.float32), ARCFACE_TEMPLATE)[0]
    np.testing.assert_allclose(moved @ back[:, :2].T + back[:, 2], ARCFACE_TEMPLATE, atol=1e-3)
    assert np.linalg.det(back[:, :2]) == pytest.approx(1.7**-2, rel=1e-4)


def test_mirrored_points_are_not_reflected() -> None:
    mirrored = ARCFACE_TEMPLATE * (-1, 1)
    (matrix,) = similarities(mirrored[None].astype(np.float32), ARCFACE_TEMPLATE)
    assert np.linalg.det(matrix[:, :2]) >= 0


def test_points_in_one_place_give_a_finite_transform() -> None:
    (matrix,) = similarities(np.full((1, 5, 2), 7, np.float32), ARCFACE_TEMPLATE)
    np.testing.assert_allclose(matrix[:, :2], 0)
    np.testing.assert_allclose(matrix[:, 2], ARCFACE_TEMPLATE.mean(axis=0), rtol=1e-5)


def test_templates_scale_with_the_crop() -> None:
    np.testing.assert_allclose(template("arcface", side=224), ARCFACE_TEMPLATE * 2)
    eyes = template("dlib", side=150)[:2]
    np.testing.assert_allclose(eyes, [(47.73, 47.14), (100.28, 47.12)], atol=1e-3)
    np.testing.assert_allclose(template("dlib", side=300), template("dlib", side=150) * 2)
    shape = template("dlib", side=150)
    (matrix,) = similarities(ARCFACE_TEMPLATE[None], shape)
    moved = ARCFACE_TEMPLATE @ matrix[:, :2].T + matrix[:, 2]
    np.testing.assert_allclose(moved, shape, atol=1e-3)  # a similarity of the ArcFace points


@pytest.mark.parametrize("kind", ["arcface", "dlib"])
def test_crops_have_the_landmarks_in_their_places(kind: str) -> None:
    """Dots at the landmarks of two turned faces come to lie on the template."""
    side = 112
    places = template(kind, side=side)
    image = np.zeros((500, 700, 3), np.uint8)
    faces = []
    for turn, scale, shift in ((20, 1.4, (150, 100)), (-35, 2.0, (350, 220))):
        angle = np.deg2rad(turn)
        matrix = scale * np.array(
            [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
        )
        points = places @ matrix.T + shift
        faces.append(points)
        for point in points:
            cv2.circle(image, tuple(int(v) for v in np.round(point)), 4, (0, 255, 0), -1)
    crops = align(image, np.array(faces, np.float32), places=places, side=side)
    assert crops.shape == (2, side, side, 3)
    for crop in crops:
        assert crop[..., (0, 2)].max() == 0
        for x, y in places:
            assert crop[round(float(y)), round(float(x)), 1] > 200
        assert (crop[..., 1] > 100).sum() < 5 * 50


def test_what_lies_outside_the_picture_is_black() -> None:
    image = np.full((40, 40, 3), 200, np.uint8)
    places = template("arcface", side=112)
    (crop,) = align(image, (places - 60)[None], places=places, side=112)
    assert crop[:59].max() == 0
    assert crop[:, :59].max() == 0
    assert crop[62:98, 62:98].min() == 200
    assert align(image, np.empty((0, 5, 2), np.float32), places=places, side=112).shape == (
        0,
        112,
        112,
        3,
    )


def test_crops_of_large_faces_average_all_pixels() -> None:
    """One line in eight is white: every pixel of the crop has to know of it."""
    lines = np.zeros((1024, 1024, 3), np.uint8)
    lines[::8] = 255
    places = template("arcface", side=112)
    crop = align(lines, places[None] * 8, places=places, side=112)[0]
    assert crop[4:-4, 4:-4].std() < 2
    assert crop[4:-4, 4:-4].mean() == pytest.approx(255 / 8, abs=2)


@pytest.mark.parametrize("factor", [1.0, 2.0, 4.0, 5.3])
def test_crops_of_halved_images_lie_where_those_of_whole_ones_do(factor: float) -> None:
    rows, columns = np.mgrid[0:700, 0:700].astype(np.float32)
    ramp = np.stack((columns, rows, columns + rows), 2) * (255 / 1400)
    places = template("arcface", side=112)
    found = align(ramp.astype(np.uint8), places[None] * factor, places=places, side=112)[0]
    inner = np.arange(8, 104, dtype=np.float32) * factor * (255 / 1400)
    np.testing.assert_allclose(found[50, 8:104, 0], inner, atol=1.5)
    np.testing.assert_allclose(found[8:104, 50, 1], inner, atol=1.5)


@pytest.mark.parametrize("scale", [0.1, 1 / 3, 0.6667, 1.0, 1.28, 2.0])
def test_both_axes_are_scaled_alike(scale: float) -> None:
    rows, columns = np.mgrid[0:250, 0:251].astype(np.float32)
    found = scaled(np.stack((columns, rows, rows), 2).astype(np.uint8), scale)
    # Of an odd side a pixel is left out where the image is halved.
    np.testing.assert_allclose(found.shape[:2], (250 * scale, 251 * scale), atol=1)
    for axis, channel in ((1, 0), (0, 1)):
        places = (np.arange(found.shape[axis]) + 0.5) / scale - 0.5
        values = found[5, :, channel] if axis else found[:, 5, channel]
        inside = slice(1, -1)
        np.testing.assert_allclose(values[inside], places[inside], atol=1)
