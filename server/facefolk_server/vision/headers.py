"""Reads the headers of JPEG, PNG and WebP files without decoding them.

Walks the structure of the file to its end, so that a truncated file is told from a whole one
before any memory is spent on its pixels. Sources: ITU-T T.81 (JPEG), W3C PNG third edition,
RFC 9649 (WebP), CIPA DC-008 (EXIF).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from facefolk_server.errors import InvalidImageError

ImageFormat = Literal["jpeg", "png", "webp"]

_ORIENTATION_TAG = 0x0112
_EXIF_PREFIX = b"Exif\0\0"
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SOI, _EOI, _SOS, _APP1 = 0xD8, 0xD9, 0xDA, 0xE1
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_AFTER_SCANS = frozenset({0xDC, *range(0xE0, 0xF0), 0xFE})
"""What may stand between the last scan and the end: the number of lines, notes of programs."""
_MOST_SEGMENTS = 100_000
"""No honest file has more; each costs a turn of a Python loop."""
_SEGMENTS = _FRAMES | {0xC4, 0xCC, _SOS, *range(0xDB, 0xF0), 0xFE}


@dataclass(frozen=True, slots=True)
class StoredHeader:
    """Format, size in pixels as stored, and EXIF orientation, 1 to 8."""

    format: ImageFormat
    width: int
    height: int
    orientation: int


def parse_header(data: bytes) -> StoredHeader:
    """Return what the header of an encoded image says.

    Raises:
        InvalidImageError: the bytes are no JPEG, PNG or WebP, or are cut off or damaged.
    """
    try:
        if data[:2] == b"\xff\xd8":
            return _jpeg(data)
        if data[:8] == _PNG_SIGNATURE:
            return _png(data)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp(data)
    except (struct.error, IndexError) as exc:
        raise InvalidImageError("the image is truncated; send the whole file") from exc
    if not data:
        raise InvalidImageError("the image is empty; send an encoded JPEG, PNG or WebP")
    raise InvalidImageError(
        f"the {len(data)} bytes are not a JPEG, PNG or WebP image; convert it to one of these"
    )


def _jpeg(data: bytes) -> StoredHeader:
    size: tuple[int, int] | None = None
    orientation = 1
    progressive, to_scan = False, 0
    for marker, body in _jpeg_segments(data):
        if size and not progressive and to_scan <= 0 and marker not in _AFTER_SCANS:
            # Decoders stop at a marker inside the coded data and leave the rest grey.
            raise _damaged_jpeg()
        if marker in _FRAMES:
            if size is not None:
                raise _damaged_jpeg()
            height, width = struct.unpack_from(">HH", body, 1)
            size = (width, height)
            progressive, to_scan = marker in _PROGRESSIVE, body[5]
        elif marker == _SOS:
            to_scan -= body[0]
        elif marker == _APP1 and orientation == 1 and body[:6] == _EXIF_PREFIX:
            orientation = _exif_orientation(body[6:])
    if size is None:
        raise InvalidImageError("the JPEG holds no picture; send the original file")
    return StoredHeader("jpeg", *size, orientation)


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield marker and content of each segment up to the end of the image."""
    codes = np.frombuffer(data, np.uint8)
    places = np.flatnonzero(codes[:-1] == 0xFF)
    following = codes[places + 1]
    # In coded data 0xFF is followed by a stuffed zero, a restart number or another 0xFF.
    real = (following != 0) & (following != 0xFF) & ((following < 0xD0) | (following > 0xD7))
    markers = places[real]
    position = 2
    for _ in range(_MOST_SEGMENTS):
        index = int(np.searchsorted(markers, position))
        if index == len(markers):
            raise InvalidImageError("the JPEG is truncated; send the whole file")
        position = int(markers[index])
        marker = data[position + 1]
        if marker == _EOI:
            return
        if marker not in _SEGMENTS:
            raise _damaged_jpeg()
        (length,) = struct.unpack_from(">H", data, position + 2)
        yield marker, data[position + 4 : position + 2 + length]
        position += 2 + length
    raise _too_many_segments()


def _png(data: bytes) -> StoredHeader:
    width, height = struct.unpack_from(">II", data, 16)
    orientation = 1
    position = len(_PNG_SIGNATURE)
    for _ in range(_MOST_SEGMENTS):
        length, kind = struct.unpack_from(">I4s", data, position)
        if kind == b"IEND":
            return StoredHeader("png", width, height, orientation)
        if kind == b"eXIf":
            orientation = _exif_orientation(data[position + 8 : position + 8 + length])
        position += 12 + length
    raise _too_many_segments()


def _webp(data: bytes) -> StoredHeader:
    (riff_bytes,) = struct.unpack_from("<I", data, 4)
    if riff_bytes + 8 > len(data):
        raise InvalidImageError("the WebP is truncated; send the whole file")
    size: tuple[int, int] | None = None
    orientation = 1
    position = 12
    for _ in range(_MOST_SEGMENTS):
        if position + 8 > riff_bytes + 8:
            break
        kind, length = struct.unpack_from("<4sI", data, position)
        start = position + 8
        if size is None:
            size = _webp_size(kind, data, start)
        if kind == b"EXIF":
            orientation = _exif_orientation(
                data[start : start + length].removeprefix(_EXIF_PREFIX)
            )
        position = start + length + length % 2
    else:
        raise _too_many_segments()
    if size is None:
        raise InvalidImageError("the WebP holds no picture; send the original file")
    return StoredHeader("webp", *size, orientation)


def _webp_size(kind: bytes, data: bytes, start: int) -> tuple[int, int] | None:
    if kind == b"VP8X":
        low_w, high_w, low_h, high_h = struct.unpack_from("<HBHB", data, start + 4)
        return (low_w | high_w << 16) + 1, (low_h | high_h << 16) + 1
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, start + 6)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, start + 1)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return None


def _damaged_jpeg() -> InvalidImageError:
    return InvalidImageError("the JPEG is damaged in the middle; send an intact file")


def _too_many_segments() -> InvalidImageError:
    return InvalidImageError(
        f"the image has more than {_MOST_SEGMENTS} parts; save it again with another program"
    )


def _exif_orientation(tiff: bytes) -> int:
    """Return the orientation of a TIFF block; 1 where it has none or makes no sense."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    try:
        (directory,) = struct.unpack_from(order + "I", tiff, 4)
        (count,) = struct.unpack_from(order + "H", tiff, directory)
        for entry in range(count):
            tag, _, _, value = struct.unpack_from(
                order + "HHIH", tiff, directory + 2 + entry * 12
            )
            if tag == _ORIENTATION_TAG:
                return value if 1 <= value <= 8 else 1
    except struct.error:
        return 1
    return 1
