"""How well a face serves as the picture of its person, 0..1."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from facefolk_server.vision.detectors.candidates import Candidates

FloatArray = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]

_SMALL_SIDE, _LARGE_SIDE = 16.0, 160.0
"""Sides in pixels of faces that are as bad and as good as size can make them."""
_SHARP_VARIANCE = 300.0
"""Variance of the Laplacian at which sharpness counts half."""
_INNER_ROWS, _INNER_COLUMNS = (0.3, 0.91), (0.21, 0.79)
"""The part of a crop that is face from brow to chin, as shares of its side."""
_FLOOR = 0.02
"""Keeps one bad property from hiding all others."""
_WEIGHTS = np.array([0.3, 0.25, 0.3, 0.15])


def qualities(found: Candidates, crops: UInt8Array) -> FloatArray:
    """Return `(n,) float32` qualities, 0..1, from `(n, side, side, 3) uint8 RGB` crops.

    The weighted geometric mean of size, sharpness, pose and detection score, each 0..1: a
    face has to be passable in all of them. Ranks faces; is not a probability.
    """
    if not len(found):
        return np.zeros(0, np.float32)
    factors = np.stack(
        (size(found.boxes), sharpness(crops), frontality(found.landmarks), found.scores), axis=1
    ).astype(np.float64)
    logs = np.log(np.clip(factors, _FLOOR, 1.0))
    return np.asarray(np.exp(logs @ _WEIGHTS), np.float32)


def size(boxes: FloatArray) -> FloatArray:
    """Return `(n,)` 0..1 from `(n, 4)` boxes: the shorter side on a logarithmic scale."""
    shorter = np.maximum((boxes[:, 2:] - boxes[:, :2]).min(axis=1), 1e-3)
    span = np.log(_LARGE_SIDE / _SMALL_SIDE)
    return np.asarray(np.clip(np.log(shorter / _SMALL_SIDE) / span, 0, 1), np.float32)


def sharpness(crops: UInt8Array) -> FloatArray:
    """Return `(n,)` 0..1 from aligned crops: the variance of the Laplacian.

    A measure of focus after Pech-Pacheco et al. (2000); v / (v + 300) brings it to 0..1. It is
    taken of the face alone: the edge of a picture that ends inside the crop is sharp however
    blurred the face is.
    """
    rows, columns = (
        slice(*(round(share * crops.shape[axis]) for share in shares))
        for axis, shares in ((1, _INNER_ROWS), (2, _INNER_COLUMNS))
    )
    values = np.empty(len(crops), np.float32)
    for index, crop in enumerate(crops[:, rows, columns]):
        grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
        _, deviation = cv2.meanStdDev(cv2.Laplacian(grey, cv2.CV_32F))
        values[index] = deviation[0, 0] ** 2
    return values / (values + np.float32(_SHARP_VARIANCE))


def frontality(landmarks: FloatArray) -> FloatArray:
    """Return `(n,)` 0..1 from `(n, 5, 2)` landmarks: 1 for a face seen from the front.

    In the frame of eyes and mouth the nose of a frontal face lies midway between left and
    right and near the middle between eyes and mouth; turning moves it by up to half a width,
    nodding towards eyes or mouth.
    """
    points = landmarks.astype(np.float64)
    eyes = points[:, :2].mean(axis=1)
    mouth = points[:, 3:].mean(axis=1)
    down = mouth - eyes
    height = np.maximum(np.linalg.norm(down, axis=1), 1e-6)
    axis = down / height[:, None]
    across = np.stack((axis[:, 1], -axis[:, 0]), axis=1)
    left = points[:, [0, 3]].mean(axis=1)
    right = points[:, [1, 4]].mean(axis=1)
    width = np.abs(((right - left) * across).sum(axis=1))
    nose = points[:, 2] - (left + right) / 2
    yaw = np.abs((nose * across).sum(axis=1)) / np.maximum(width, height / 4)
    pitch = np.abs((nose * axis).sum(axis=1)) / height
    narrow = np.clip(width / height / 0.5, 0, 1)
    facing = np.clip(1 - 2 * yaw, 0, 1) * np.clip(1 - pitch, 0, 1) * narrow
    return np.asarray(facing, np.float32)
