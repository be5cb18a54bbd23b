"""Other looks at a picture: made small, in tiles, turned.

Pixels are `(h, w, 3) uint8 RGB`. A view knows how its positions map on the picture's.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from facefolk_server.vision.detectors.candidates import Candidates

FloatArray = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """Pixels, and the `(2, 3)` map from positions in them to positions in the picture."""

    pixels: UInt8Array
    to_picture: FloatArray

    def restore(self, found: Candidates) -> Candidates:
        """Return candidates of the view in pixels of the picture, clipped to nothing."""
        turn, shift = self.to_picture[:, :2], self.to_picture[:, 2]
        corners = found.boxes.reshape(-1, 2, 2) @ turn.T + shift
        boxes = np.concatenate((corners.min(axis=1), corners.max(axis=1)), axis=1)
        points = found.landmarks @ turn.T + shift
        return Candidates(
            np.asarray(boxes, np.float32), np.asarray(points, np.float32), found.scores
        )


def small(image: UInt8Array, *, side: int, canvas: int) -> View:
    """Return the picture, its longer side made `side` pixels, amid a black square canvas.

    Faces that fill the picture become as large as a detector expects, and get a margin.
    """
    height, width = image.shape[:2]
    scale = min(1.0, side / max(height, width))
    inner = (max(1, round(width * scale)), max(1, round(height * scale)))
    pixels = np.zeros((canvas, canvas, 3), np.uint8)
    left, top = (canvas - inner[0]) // 2, (canvas - inner[1]) // 2
    pixels[top : top + inner[1], left : left + inner[0]] = cv2.resize(
        image, inner, interpolation=cv2.INTER_AREA
    )
    x_scale, y_scale = width / inner[0], height / inner[1]
    return View(
        pixels,
        np.array([[x_scale, 0, -left * x_scale], [0, y_scale, -top * y_scale]], np.float32),
    )


def tiles(image: UInt8Array, *, side: int, overlap: int, scale: int = 1) -> list[View]:
    """Cut the picture into squares of `side` pixels that overlap by at least `overlap`.

    What is no larger than a square in one direction is not cut in it. Each is made `scale`
    times as large.
    """
    height, width = image.shape[:2]
    return [
        View(
            _enlarged(image[top : top + side, left : left + side], scale),
            np.array([[1 / scale, 0, left], [0, 1 / scale, top]], np.float32),
        )
        for top in _starts(height, side=side, overlap=overlap)
        for left in _starts(width, side=side, overlap=overlap)
    ]


def turned(image: UInt8Array, *, quarters: int) -> View:
    """Return the picture turned counter-clockwise by 1, 2 or 3 quarters."""
    height, width = image.shape[:2]
    maps = {
        1: [[0, -1, width], [1, 0, 0]],
        2: [[-1, 0, width], [0, -1, height]],
        3: [[0, 1, 0], [-1, 0, height]],
    }
    pixels = np.ascontiguousarray(np.rot90(image, quarters))
    return View(pixels, np.array(maps[quarters], np.float32))


def _enlarged(pixels: UInt8Array, scale: int) -> UInt8Array:
    size = (pixels.shape[1] * scale, pixels.shape[0] * scale)
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_CUBIC), np.uint8)


def _starts(length: int, *, side: int, overlap: int) -> list[int]:
    if length <= side:
        return [0]
    count = -(-(length - overlap) // (side - overlap))
    return [round(place * (length - side) / (count - 1)) for place in range(count)]
