"""Encoded pictures of every kind, made of one photograph."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

# How an upright picture has to be turned so that its EXIF orientation turns it back.
STORED_AS = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
_ORIENTATION_TAG = 0x0112


class Photograph:
    """One photograph, 960 pixels wide, in many encodings."""

    def __init__(self, path: Path) -> None:
        with Image.open(path) as opened:
            scale = 960 / opened.width
            self.image = opened.convert("RGB").resize((960, round(opened.height * scale)))

    def jpeg(self, mode: str = "RGB", *, orientation: int = 1) -> bytes:
        turn = STORED_AS[orientation]
        stored = self.image.transpose(turn) if turn is not None else self.image
        exif = Image.Exif()
        exif[_ORIENTATION_TAG] = orientation
        return _saved(stored.convert(mode), "JPEG", quality=95, exif=exif)

    def png(self, mode: str = "RGB") -> bytes:
        return _saved(self.image.convert(mode), "PNG", compress_level=1)

    def deep_png(self) -> bytes:
        pixels = np.asarray(self.image)[:, :, ::-1].astype(np.uint16) * 257
        _, data = cv2.imencode(".png", pixels)
        return data.tobytes()

    def animated_webp(self) -> bytes:
        blank = Image.new("RGB", self.image.size)
        return _saved(
            self.image, "WEBP", save_all=True, append_images=[blank], duration=100, quality=90
        )

    def truncated_jpeg(self) -> bytes:
        data = self.jpeg()
        return data[: len(data) // 2]

    def broken_jpeg(self) -> bytes:
        """A JPEG whose middle holds what no scan can hold: markers of other segments."""
        data = bytearray(self.jpeg())
        middle = len(data) // 2
        data[middle : middle + 400] = b"\xff\xc4\x00\x04" * 100
        return bytes(data)


def huge_png() -> bytes:
    """A PNG whose header says 60,000 x 60,000 pixels."""
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
    parts = [b"\x89PNG\r\n\x1a\n"]
    for kind, body in chunks:
        checksum = zlib.crc32(kind + body)
        parts.append(struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum))
    return b"".join(parts)


def one_pixel() -> bytes:
    return _saved(Image.new("RGB", (1, 1)), "PNG")


def _saved(image: Image.Image, form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()
