"""Reference inputs for the self-test of a device: drawn faces, so that no photo is shipped."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from facefolk_server.vision.ops import align, template
from facefolk_server.vision.specs import EmbedderSpec

FloatArray = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]

_CANVAS = 512
_LANDMARKS: FloatArray = np.array(
    [[196, 230], [316, 230], [256, 306], [208, 370], [304, 370]], np.float32
)
_SKIN, _SHADE, _LIGHT = (214, 168, 140), (150, 104, 84), (236, 198, 174)
_HAIR, _SHIRT, _WALL = (58, 42, 34), (70, 86, 120), (176, 182, 188)
_LIPS, _WHITE, _IRIS, _BLACK = (176, 92, 88), (238, 234, 230), (84, 60, 44), (20, 16, 14)


def reference_scene(*, height: int, width: int) -> UInt8Array:
    """Return `(height, width, 3) uint8 RGB` with a drawn face in two sizes."""
    portrait = _portrait()
    scene = np.full((height, width, 3), _WALL, np.uint8)
    large, small = min(height, width) * 5 // 8, min(height, width) * 5 // 16
    scene[:large, :large] = cv2.resize(portrait, (large, large), interpolation=cv2.INTER_AREA)
    scene[height - small :, width - small :] = cv2.resize(
        portrait, (small, small), interpolation=cv2.INTER_AREA
    )
    return scene


def reference_crop(spec: EmbedderSpec) -> UInt8Array:
    """Return the drawn face aligned for a recognizer, `(side, side, 3) uint8 RGB`."""
    side = spec.crop_side
    places = template(spec.alignment, side=side)
    return np.asarray(align(_portrait(), _LANDMARKS[None], places=places, side=side)[0])


def _portrait() -> UInt8Array:
    """Draw head and shoulders, `(512, 512, 3) uint8 RGB`, softened like a photograph."""
    canvas = np.full((_CANVAS, _CANVAS, 3), _WALL, np.uint8)

    def ellipse(x: int, y: int, rx: int, ry: int, color: tuple[int, int, int]) -> None:
        cv2.ellipse(canvas, (x, y), (rx, ry), 0, 0, 360, color, -1, cv2.LINE_AA)

    def soften(sigma: float) -> None:
        cv2.GaussianBlur(canvas, (0, 0), sigma, dst=canvas)

    ellipse(256, 540, 220, 130, _SHIRT)
    ellipse(256, 232, 162, 192, _HAIR)
    cv2.rectangle(canvas, (206, 380), (306, 470), _SHADE, -1)
    ellipse(256, 270, 132, 172, _SHADE)
    ellipse(256, 264, 126, 166, _SKIN)
    soften(6)
    for x in (196, 316):
        ellipse(x, 226, 42, 26, _SHADE)
    ellipse(256, 312, 34, 18, _SHADE)
    ellipse(256, 405, 44, 12, _SHADE)
    for x in (176, 336):
        ellipse(x, 300, 34, 30, _LIGHT)
    ellipse(256, 160, 80, 30, _LIGHT)
    ellipse(254, 270, 11, 46, _LIGHT)
    soften(9)
    for x in (196, 316):
        ellipse(x, 230, 27, 13, _WHITE)
        ellipse(x, 230, 12, 12, _IRIS)
        ellipse(x, 230, 6, 6, _BLACK)
        cv2.ellipse(canvas, (x, 232), (30, 17), 0, 195, 345, _BLACK, 5, cv2.LINE_AA)
        cv2.ellipse(canvas, (x, 214), (42, 22), 0, 205, 335, _HAIR, 11, cv2.LINE_AA)
    for x in (241, 271):
        ellipse(x, 318, 8, 5, _BLACK)
    cv2.ellipse(canvas, (256, 306), (26, 18), 0, 20, 160, _SHADE, 4, cv2.LINE_AA)
    ellipse(256, 366, 50, 11, _LIPS)
    ellipse(256, 377, 40, 12, _LIPS)
    cv2.ellipse(canvas, (256, 360), (50, 12), 0, 15, 165, _BLACK, 3, cv2.LINE_AA)
    soften(2)
    return canvas
