"""Decodes submitted images: limits first, then pixels, upright."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from facefolk_server.errors import InvalidImageError
from facefolk_server.vision.headers import ImageFormat, StoredHeader, parse_header

UInt8Array = NDArray[np.uint8]

_READ_PLAIN = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
# The named flags for reduced decoding also ask for BGR, which excludes RGB.
_READ_REDUCED = {
    2: cv2.IMREAD_REDUCED_COLOR_2 & ~cv2.IMREAD_COLOR,
    4: cv2.IMREAD_REDUCED_COLOR_4 & ~cv2.IMREAD_COLOR,
    8: cv2.IMREAD_REDUCED_COLOR_8 & ~cv2.IMREAD_COLOR,
}
_FIRST_TURNED = 5
"""EXIF orientations from this one on swap width and height."""


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """What an image may be at most, in encoded bytes and in pixels."""

    max_bytes: int = 32 * 1024 * 1024
    max_pixels: int = 100_000_000


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """Format and size in pixels after EXIF orientation."""

    format: ImageFormat
    width: int
    height: int


@dataclass(frozen=True, slots=True, eq=False)
class DecodedImage:
    """Upright `(h, w, 3) uint8 RGB` pixels of an image of `width` x `height` pixels.

    Decoded at a reduced scale, each stands for `reduction` x `reduction` pixels of the image;
    those of the last row and column may reach past its edge.
    """

    pixels: UInt8Array
    width: int
    height: int
    reduction: int = 1


def read_header(data: bytes, limits: ImageLimits) -> ImageHeader:
    """Return format and upright size without decoding.

    Raises:
        InvalidImageError: not an image, truncated, damaged, or over a limit.
    """
    stored = _checked(data, limits)
    if stored.orientation >= _FIRST_TURNED:
        return ImageHeader(stored.format, stored.height, stored.width)
    return ImageHeader(stored.format, stored.width, stored.height)


def decode(data: bytes, limits: ImageLimits, *, least_side: int | None = None) -> DecodedImage:
    """Return the upright pixels; alpha and all but the first frame are dropped.

    With `least_side` a JPEG is decoded at a half, a quarter or an eighth of its size as long
    as its longer side keeps at least that many pixels.

    Raises:
        InvalidImageError: not an image, truncated, damaged, or over a limit.
    """
    stored = _checked(data, limits)
    reduction = _reduction(stored, least_side) if least_side else 1
    flags = _READ_PLAIN | _READ_REDUCED.get(reduction, 0)
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except (cv2.error, MemoryError) as exc:
        raise _undecodable(stored) from exc
    if pixels is None or pixels.dtype != np.uint8:
        raise _undecodable(stored)
    upright = _upright(np.asarray(pixels, np.uint8), stored.orientation)
    turned = stored.orientation >= _FIRST_TURNED
    width, height = (stored.height, stored.width) if turned else (stored.width, stored.height)
    if reduction == 1 and upright.shape[:2] != (height, width):
        raise _undecodable(stored)
    return DecodedImage(upright, width, height, reduction)


def _reduction(stored: StoredHeader, least_side: int) -> int:
    """Return by how much to reduce a JPEG.

    Of a side that does not divide, the last pixel is a part of one. It has to stay the last:
    turned to the front it would move all others by that part.
    """
    if stored.format != "jpeg":
        return 1
    longer = max(stored.width, stored.height)
    stays = stored.orientation == 1
    fits = [
        factor
        for factor in _READ_REDUCED
        if longer // factor >= least_side
        and (stays or not (stored.width % factor or stored.height % factor))
    ]
    return max(fits, default=1)


def _checked(data: bytes, limits: ImageLimits) -> StoredHeader:
    if len(data) > limits.max_bytes:
        raise InvalidImageError(
            f"the image has {len(data)} bytes; at most {limits.max_bytes} are accepted, "
            "send a preview",
            size_bytes=len(data),
            max_bytes=limits.max_bytes,
        )
    stored = parse_header(data)
    if stored.width < 1 or stored.height < 1:
        raise InvalidImageError("the image has no pixels; send the original file")
    if stored.width * stored.height > limits.max_pixels:
        raise InvalidImageError(
            f"the image has {stored.width} x {stored.height} pixels; at most "
            f"{limits.max_pixels} in all are accepted, send a preview",
            width=stored.width,
            height=stored.height,
            max_pixels=limits.max_pixels,
        )
    return stored


def _undecodable(stored: StoredHeader) -> InvalidImageError:
    return InvalidImageError(
        f"the {stored.format.upper()} is truncated or damaged and cannot be decoded; "
        "send an intact file"
    )


def _upright(pixels: UInt8Array, orientation: int) -> UInt8Array:
    """Undo an EXIF orientation: 2 to 4 mirror or turn by 180 degrees, 5 to 8 transpose."""
    if orientation >= _FIRST_TURNED:
        pixels = np.asarray(cv2.transpose(pixels), np.uint8)
    flip = {2: 1, 3: -1, 4: 0, 6: 1, 7: -1, 8: 0}.get(orientation)
    if flip is None:
        return pixels
    return np.asarray(cv2.flip(pixels, flip), np.uint8)
