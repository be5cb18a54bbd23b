"""Geometry on arrays: letterboxes, overlap, non-maximum suppression, aligned crops.

Positions are in pixels; images are `(height, width, 3) uint8 RGB`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from facefolk_server.vision.specs import Alignment, DetectorSpec

FloatArray = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]

ARCFACE_SIDE = 112
ARCFACE_TEMPLATE: FloatArray = np.array(
    [
        [38.2946, 51.6963],
        [73.5318, 51.5014],
        [56.0252, 71.7366],
        [41.5493, 92.3655],
        [70.7299, 92.2041],
    ],
    np.float32,
)
"""The landmarks' places in a 112x112 crop (insightface, after SphereFace and ArcFace)."""

_DLIB_SIDE = 150
_DLIB_EYES = np.array([[47.73, 47.14], [100.28, 47.12]], np.float32)
"""Where the eye centers lie in the 150x150 chip of dlib's face network."""

_HALF = 0.5


@dataclass(frozen=True, slots=True)
class Letterbox:
    """Where an image lies in a detector's input: `scale` times its size, at the offset."""

    height: int
    width: int
    scale: float
    x_offset: int
    y_offset: int
    inner_height: int
    inner_width: int


def plan_letterbox(spec: DetectorSpec, *, width: int, height: int) -> Letterbox:
    """Choose the input shape for an image of this size, and its place in it.

    That is the smallest shape that holds the image at full size, or as much of it as any
    does. What is left of the shape is used to enlarge a small image, up to the detector's
    `max_upscale`. A larger shape for a larger scale finds as many faces in portraits of 250
    pixels, but places their landmarks so that people are told apart less well. So the snug
    shapes have no say in the scale: they only spare the padding.
    """
    _, _, scale, shape = max(
        (min(scale, 1.0), -rows * columns, scale, (rows, columns))
        for rows, columns in spec.shapes
        for scale in (min(rows / height, columns / width, spec.max_upscale),)
    )
    inner_width = min(shape[1], max(1, round(width * scale)))
    inner_height = min(shape[0], max(1, round(height * scale)))
    snug = (
        each for each in spec.snug_shapes if each[0] >= inner_height and each[1] >= inner_width
    )
    shape = min((shape, *snug), key=math.prod)
    centered = spec.placement == "center"
    return Letterbox(
        height=shape[0],
        width=shape[1],
        scale=scale,
        x_offset=(shape[1] - inner_width) // 2 if centered else 0,
        y_offset=(shape[0] - inner_height) // 2 if centered else 0,
        inner_height=inner_height,
        inner_width=inner_width,
    )


def letterbox(image: UInt8Array, plan: Letterbox, *, color: tuple[int, int, int]) -> UInt8Array:
    """Return the detector's input, `(1, height, width, 3) uint8 RGB`."""
    canvas = np.empty((1, plan.height, plan.width, 3), np.uint8)
    inner = scaled(image, plan.scale)[: plan.inner_height, : plan.inner_width]
    bottom, right = plan.y_offset + inner.shape[0], plan.x_offset + inner.shape[1]
    canvas[0, plan.y_offset : bottom, plan.x_offset : right] = inner
    canvas[0, : plan.y_offset] = color
    canvas[0, bottom:] = color
    canvas[0, :, : plan.x_offset] = color
    canvas[0, :, right:] = color
    return canvas


def scaled(image: UInt8Array, scale: float) -> UInt8Array:
    """Return the image at exactly this scale; every pixel of a large one counts.

    It is halved by averages as often as that goes and interpolated then, which takes a tenth
    of the time of averages at any factor, where OpenCV has no vector instructions.
    """
    while scale <= _HALF:
        image, scale = halved(image), 2 * scale
    # With a size in place of the factors each axis would be stretched to whole pixels.
    size = None if round(min(image.shape[:2]) * scale) else (1, 1)
    resized = cv2.resize(image, size, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
    return np.asarray(resized, np.uint8)


def halved(image: UInt8Array) -> UInt8Array:
    """Return averages of 2 x 2 pixels; of an odd side the last pixel is left out."""
    rows, columns = max(1, image.shape[0] // 2), max(1, image.shape[1] // 2)
    even = image[: 2 * rows, : 2 * columns]
    half = cv2.resize(even, (columns, rows), interpolation=cv2.INTER_AREA)
    return np.asarray(half, np.uint8)


def pairwise_iou(boxes: FloatArray, others: FloatArray) -> FloatArray:
    """Return `(n, m)` intersections over union of `(n, 4)` and `(m, 4)` boxes."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    sides = np.maximum(high - low, 0)
    shared = sides[..., 0] * sides[..., 1]
    union = box_areas(boxes)[:, None] + box_areas(others)[None, :] - shared
    iou = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    return np.asarray(iou, np.float32)


def box_areas(boxes: FloatArray) -> FloatArray:
    """Return `(n,)` areas of `(n, 4)` boxes, 0 for empty ones."""
    sides = np.maximum(boxes[:, 2:] - boxes[:, :2], 0)
    return np.asarray(sides[:, 0] * sides[:, 1], np.float32)


def suppress(boxes: FloatArray, scores: FloatArray, *, max_iou: float) -> NDArray[np.intp]:
    """Return the indices that greedy non-maximum suppression keeps, best score first.

    A box stays if no better box that stays overlaps it by more than `max_iou`. Of equal
    scores the earlier is the better. Applying that rule to all boxes at once until nothing
    changes gives the greedy result: after k turns the k best boxes are settled.
    """
    order = np.argsort(-scores, kind="stable")
    overlaps = pairwise_iou(boxes[order], boxes[order]) > max_iou
    better = np.tril(overlaps, k=-1)
    keep: NDArray[np.bool_] = np.ones(len(order), np.bool_)
    for _ in range(len(order)):
        settled = np.logical_not(np.any(better & keep, axis=1))
        if np.array_equal(settled, keep):
            break
        keep = settled
    return order[keep]


def template(alignment: Alignment, *, side: int) -> FloatArray:
    """Return `(5, 2)` places of the landmarks in a square crop of `side` pixels."""
    if alignment == "arcface":
        return ARCFACE_TEMPLATE * np.float32(side / ARCFACE_SIDE)
    to_chip = similarities(ARCFACE_TEMPLATE[None, :2], _DLIB_EYES)[0]
    chip = ARCFACE_TEMPLATE @ to_chip[:, :2].T + to_chip[:, 2]
    return np.asarray(chip * (side / _DLIB_SIDE), np.float32)


def similarities(sources: FloatArray, target: FloatArray) -> FloatArray:
    """Return `(n, 2, 3)` similarity transforms that best map `(n, k, 2)` points on `(k, 2)`.

    The least squares solution of Umeyama (1991) without reflection. In the plane a rotation
    with scale is the product with one complex number, which makes it a plain regression.
    Points that all coincide are mapped on the center of the target at scale 0.
    """
    source = sources[..., 0].astype(np.float64) + 1j * sources[..., 1]
    goal = target[:, 0].astype(np.float64) + 1j * target[:, 1]
    source_mean = source.mean(axis=1, keepdims=True)
    centered = source - source_mean
    spread = (np.abs(centered) ** 2).sum(axis=1)
    product = (np.conj(centered) * (goal - goal.mean())).sum(axis=1)
    turn = np.divide(product, spread, out=np.zeros_like(product), where=spread > 0)
    shift = goal.mean() - turn * source_mean[:, 0]
    rows = [[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]]
    return np.asarray(rows, np.float32).transpose(2, 0, 1)


def align(
    image: UInt8Array, landmarks: FloatArray, *, places: FloatArray, side: int
) -> UInt8Array:
    """Return `(n, side, side, 3) uint8 RGB` crops with the `(n, 5, 2)` landmarks on `places`.

    Both are positions of pixel centers. Each crop is warped straight into the batch, from a
    halved image where the face is more than twice as large: interpolation between four
    pixels would skip the others. What lies outside the image is black.
    """
    crops = np.empty((len(landmarks), side, side, 3), np.uint8)
    matrices = similarities(landmarks, places)
    levels = [image]
    for crop, matrix, zoom in zip(crops, matrices, zooms(matrices), strict=True):
        level = 0
        while zoom * 2**level <= _HALF and min(levels[level].shape[:2]) > 1:
            level += 1
            if level == len(levels):
                levels.append(halved(levels[-1]))
        # The center at x in a halved image is that at 2 x + 1/2 in the one before.
        factor = 2**level
        turn = matrix[:, :2]
        shift = matrix[:, 2] + turn.sum(axis=1) * ((factor - 1) / 2)
        moved = np.column_stack((turn * factor, shift))
        cv2.warpAffine(levels[level], moved, (side, side), dst=crop, flags=cv2.INTER_LINEAR)
    return crops


def zooms(matrices: FloatArray) -> FloatArray:
    """Return `(n,)` how many times as large each `(2, 3)` similarity transform makes things."""
    return np.asarray(np.hypot(matrices[:, 0, 0], matrices[:, 1, 0]), np.float32)
