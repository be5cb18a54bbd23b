"""Cuts and encodes the small pictures that show a face."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from facefolk_server.vision.ops import halved

FloatArray = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]

THUMBNAIL_SIDE = 160
_MARGIN = 0.3
"""Added on each side, in parts of the longer side of the box."""
_JPEG_QUALITY = 85


def cut_thumbnails(image: UInt8Array, boxes: FloatArray) -> list[bytes]:
    """Return a JPEG of at most 160x160 pixels for each of `(n, 4)` boxes.

    The square around a box with its margin is moved into the `(h, w, 3) uint8 RGB` image,
    and made smaller where the image is. Small faces are not blown up.
    """
    return [_encode(_cut(image, box)) for box in boxes]


def _cut(image: UInt8Array, box: FloatArray) -> UInt8Array:
    height, width = image.shape[:2]
    longer = float(max(box[2] - box[0], box[3] - box[1]))
    side = max(1, min(round(longer * (1 + 2 * _MARGIN)), width, height))
    center_x, center_y = float(box[0] + box[2]) / 2, float(box[1] + box[3]) / 2
    left = min(max(round(center_x - side / 2), 0), width - side)
    top = min(max(round(center_y - side / 2), 0), height - side)
    cut = image[top : top + side, left : left + side]
    if side <= THUMBNAIL_SIDE:
        return cut
    while side >= 2 * THUMBNAIL_SIDE:
        cut, side = halved(cut), side // 2
    size = (THUMBNAIL_SIDE, THUMBNAIL_SIDE)
    return np.asarray(cv2.resize(cut, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def _encode(picture: UInt8Array) -> bytes:
    swapped = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    _, encoded = cv2.imencode(".jpg", swapped, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    return encoded.tobytes()
