"""Looks at a picture more than once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facefolk_server.vision.detectors.candidates import Candidates, concatenate
from facefolk_server.vision.detectors.detector import Detector
from facefolk_server.vision.hard.views import View, small, tiles, turned
from facefolk_server.vision.ops import box_areas

FloatArray = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]
_TURNS = (1, 3, 2)


@dataclass(frozen=True, slots=True)
class HardOptions:
    """Which further looks a picture gets. Sides are in pixels, scores 0..1.

    `close` adds a look at the whole picture at `close_side`, for faces that fill it. `tiled`
    adds tiles of `tile_side` of pictures with a side above `tiled_from`, for faces that
    vanish when the picture is made to fit the detector. `turned` looks at a picture from all
    four sides when no face scores `sure_score`: detectors find some faces that lie on their
    side, with a lower score and with the landmarks of an upright one. The side whose best
    face scores higher than the upright picture's by `turn_gain` is taken.
    """

    close: bool = True
    close_side: int = 160
    close_canvas: int = 320
    tiled: bool = False
    tile_side: int = 576
    tile_overlap: int = 72
    tiled_from: int = 960
    turned: bool = True
    sure_score: float = 0.9
    turn_gain: float = 0.02
    shared: float = 0.5
    """A find goes whose box shares this part of the smaller one's area with a better one."""


class ThoroughDetector:
    """Finds what a plain detector finds, and more. Thread-safe if that one is."""

    def __init__(self, plain: Detector, options: HardOptions) -> None:
        self.plain = plain
        self._options = options

    def detect(self, image: UInt8Array, *, min_score: float) -> Candidates:
        """Return the faces of an `(h, w, 3) uint8 RGB` image, best first, in its pixels.

        A face that the plain look finds stays as that found it.

        Raises:
            ModelUnavailableError: the network fails on the device and on the CPU.
        """
        found = self._look(image, min_score=min_score)
        if self._options.turned and _best(found) < self._options.sure_score:
            found = self._turn(image, found, min_score=min_score)
        return found

    def _turn(self, image: UInt8Array, found: Candidates, *, min_score: float) -> Candidates:
        best, least = found, _best(found) + self._options.turn_gain
        for quarters in _TURNS:
            view = turned(image, quarters=quarters)
            other = self._look(view.pixels, min_score=min_score)
            if len(other) and _best(other) >= least:
                best, least = view.restore(other), _best(other)
        return best

    def _look(self, image: UInt8Array, *, min_score: float) -> Candidates:
        options = self._options
        height, width = image.shape[:2]
        parts = [self.plain.detect(image, min_score=min_score)]
        if options.close:
            view = small(image, side=options.close_side, canvas=options.close_canvas)
            parts.append(self._see([view], image, min_score=min_score))
        if options.tiled and max(height, width) > options.tiled_from:
            cut = tiles(image, side=options.tile_side, overlap=options.tile_overlap)
            parts.append(self._see(cut, image, min_score=min_score))
        if len(parts) == 1:
            return parts[0]
        everything = concatenate(parts)
        ranks = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
        ranks[ranks > 0] = 1
        order = np.lexsort((-everything.scores, ranks))
        kept = everything.take(_distinct(everything.boxes, order, shared=options.shared))
        return kept.take(np.argsort(-kept.scores, kind="stable"))

    def _see(self, views: Sequence[View], image: UInt8Array, *, min_score: float) -> Candidates:
        height, width = image.shape[:2]
        found = concatenate(
            [
                view.restore(self.plain.detect(view.pixels, min_score=min_score))
                for view in views
            ]
        )
        limits = np.array([width, height], np.float32)
        boxes = np.clip(found.boxes.reshape(-1, 2, 2), 0, limits).reshape(-1, 4)
        clipped = Candidates(np.asarray(boxes, np.float32), found.landmarks, found.scores)
        return clipped.take(np.flatnonzero(box_areas(clipped.boxes) > 0))


def _best(found: Candidates) -> float:
    return float(found.scores.max(initial=0.0))


def _distinct(boxes: FloatArray, order: NDArray[np.intp], *, shared: float) -> NDArray[np.intp]:
    """Return the boxes that stay, in this order: each that shares little with those before.

    Shared is measured by the smaller box, so that a part of a face at the edge of a tile goes
    although it covers little of the whole.
    """
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    sides = np.maximum(high - low, 0)
    areas = box_areas(boxes)
    part = sides[..., 0] * sides[..., 1] / np.maximum(np.minimum(areas[:, None], areas), 1e-6)
    kept: list[int] = []
    for index in order.tolist():
        if not (part[index, kept] > shared).any():
            kept.append(index)
    return np.array(kept, np.intp)
