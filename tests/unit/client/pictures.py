"""Generated photos and films whose content tells how they were turned."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

RED, GREEN, BLUE, WHITE = (220, 20, 20), (20, 200, 20), (20, 20, 220), (240, 240, 240)

# How a stored image has to be turned to show `upright()` under each EXIF orientation: the
# inverse of what CIPA DC-008 tells a viewer to do.
STORED = {
    1: (),
    2: (Image.Transpose.FLIP_LEFT_RIGHT,),
    3: (Image.Transpose.ROTATE_180,),
    4: (Image.Transpose.FLIP_TOP_BOTTOM,),
    5: (Image.Transpose.TRANSPOSE,),
    6: (Image.Transpose.ROTATE_90,),
    7: (Image.Transpose.TRANSVERSE,),
    8: (Image.Transpose.ROTATE_270,),
}


def upright(width: int = 120, height: int = 80) -> Image.Image:
    """Return an image with red, green, blue and white quarters, from top left by rows."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2] = RED
    pixels[: height // 2, width // 2 :] = GREEN
    pixels[height // 2 :, : width // 2] = BLUE
    pixels[height // 2 :, width // 2 :] = WHITE
    return Image.fromarray(pixels)


def is_upright(data: bytes) -> bool:
    """Tell whether the quarters of an encoded image are those of `upright()`."""
    image = Image.open(io.BytesIO(data)).convert("RGB")
    width, height = image.size
    places = [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)]
    found = [image.getpixel((int(width * x), int(height * y))) for x, y in places]
    wanted = [RED, GREEN, BLUE, WHITE]
    return bool(np.abs(np.subtract(found, wanted)).max() < 24)


def size_of(data: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(data)).size


def format_of(data: bytes) -> str | None:
    return Image.open(io.BytesIO(data)).format


def exif(orientation: int = 1, taken: str = "", offset: str = "") -> Image.Exif:
    made = Image.Exif()
    made[0x0112] = orientation
    if taken:
        made.get_ifd(0x8769)[0x9003] = taken
    if offset:
        made.get_ifd(0x8769)[0x9011] = offset
    return made


def save(path: Path, image: Image.Image | None = None, **options: Any) -> Path:
    (image or upright()).save(path, **options)
    return path


def turned(orientation: int, width: int = 120, height: int = 80) -> Image.Image:
    image = upright(width, height)
    for turn in STORED[orientation]:
        image = image.transpose(turn)
    return image


def save_film(path: Path, *, frames: int, rate: float = 10.0, size: Any = (64, 48)) -> Path:
    """Write a film whose frames are grey, brighter with each: 20 + 10 * index."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), rate, size)
    for index in range(frames):
        writer.write(np.full((size[1], size[0], 3), 20 + 10 * index, np.uint8))
    writer.release()
    return path
