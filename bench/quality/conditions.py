"""Harder pictures made of an album's own."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.quality.albums import Album

Pixels = NDArray[np.uint8]
Change = Callable[[int, Pixels], Pixels]
SEED = 5


def degrade_third(album: Album, *, side: int = 24, blur_share: float = 1 / 40) -> Album:
    """Return the album with a third of its pictures blurred or made small.

    Which ones is drawn at random, the same each time. Every second of them is blurred, by a
    Gaussian with a deviation of this share of the width; the others are shrunk until a face
    that fills two thirds of the picture has `side` pixels.
    """
    count = len(album.pictures)
    chosen = np.random.default_rng(SEED).permutation(count)[: count // 3]
    blurred, small = set(chosen[::2].tolist()), set(chosen[1::2].tolist())

    def change(index: int, pixels: Pixels) -> Pixels:
        if index in blurred:
            return blur(index, pixels, share=blur_share)
        if index in small:
            return shrink(index, pixels, shorter=side * 3 // 2)
        return pixels

    return made(album, f"blurred-{blur_share:.3f}-or-small", change)


def blur(_: int, pixels: Pixels, *, share: float) -> Pixels:
    """Blur by a Gaussian whose deviation is this share of the width."""
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), pixels.shape[1] * share), np.uint8)


def shrink(_: int, pixels: Pixels, *, shorter: int) -> Pixels:
    """Scale the picture so that its shorter side has this many pixels."""
    factor = shorter / min(pixels.shape[:2])
    return np.asarray(
        cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8
    )


def turn(_: int, pixels: Pixels, *, quarters: int) -> Pixels:
    """Turn by quarters, counter-clockwise."""
    return np.ascontiguousarray(np.rot90(pixels, quarters))


def grey(_: int, pixels: Pixels) -> Pixels:
    """Take the color away from RGB."""
    return np.repeat(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)


def darken(_: int, pixels: Pixels, *, factor: float) -> Pixels:
    """Leave this share of the light, in linear light (gamma 2.2)."""
    table = 255 * factor ** (1 / 2.2) * np.arange(256) / 255
    return np.asarray(np.rint(table), np.uint8)[pixels]


def noisy(index: int, pixels: Pixels, *, deviation: float) -> Pixels:
    """Add Gaussian noise of this deviation, 0..255."""
    noise = np.random.default_rng((SEED, index)).normal(0, deviation, pixels.shape)
    return np.asarray(np.clip(np.rint(pixels + noise), 0, 255), np.uint8)


def pasted(
    index: int, pixels: Pixels, *, face: int, box: NDArray[np.float32], canvas: int
) -> tuple[Pixels, NDArray[np.float64], float]:
    """Paste the picture, scaled so that the face with this box has `face` pixels, on a canvas.

    The canvas of `canvas` by three quarters of that is a smooth gradient with noise, drawn by
    the picture's number. Returns it, the corner where the picture lies, and its scale.
    """
    scale = face / float((box[2:] - box[:2]).max())
    small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    random = np.random.default_rng((SEED, index))
    rows, columns = canvas * 3 // 4, canvas
    corners = random.integers(30, 220, (3, 4, 3)).astype(np.float32)
    ground = cv2.resize(corners, (columns, rows), interpolation=cv2.INTER_CUBIC)
    noise = random.normal(0, 6, (rows, columns, 3))
    image = np.asarray(np.clip(ground + noise, 0, 255), np.uint8)
    top = int(random.integers(0, rows - small.shape[0]))
    left = int(random.integers(0, columns - small.shape[1]))
    image[top : top + small.shape[0], left : left + small.shape[1]] = small
    return image, np.array([left, top], np.float64), scale


def filling(_: int, pixels: Pixels, *, box: NDArray[np.float32], share: float) -> Pixels:
    """Cut the picture so that the face with this box fills the share of its shorter side.

    What lies outside of the picture repeats its border. The cut has 640 pixels a side.
    """
    width, height = box[2:] - box[:2]
    side = float(max(width, height)) / share
    center = (box[:2] + box[2:]) / 2
    matrix = np.array(
        [
            [640 / side, 0, 320 - center[0] * 640 / side],
            [0, 640 / side, 320 - center[1] * 640 / side],
        ]
    )
    return np.asarray(
        cv2.warpAffine(
            pixels, matrix, (640, 640), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        ),
        np.uint8,
    )


def made(
    album: Album, suffix: str, change: Change, *, jpeg_quality: int | None = None
) -> Album:
    """Return the album with the pixels `(h, w, 3) uint8 BGR` of each picture changed."""

    def rewrite(index: int, data: bytes) -> bytes:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        changed = change(index, np.asarray(pixels, np.uint8))
        if jpeg_quality is None:
            done, file = cv2.imencode(".png", changed, [cv2.IMWRITE_PNG_COMPRESSION, 1])
        else:
            done, file = cv2.imencode(".jpg", changed, [cv2.IMWRITE_JPEG_QUALITY, jpeg_quality])
        if not done:
            raise ValueError(f"picture {index} cannot be encoded")
        return file.tobytes()

    return album.changed(suffix, rewrite)
