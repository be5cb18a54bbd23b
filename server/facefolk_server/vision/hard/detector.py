"""Looks at a picture more than once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facefolk_server.types import Looks
from facefolk_server.vision.detectors.candidates import Candidates, concatenate
from facefolk_server.vision.detectors.detector import Detector
from facefolk_server.vision.hard.views import View, small, tiles, turned
from facefolk_server.vision.ops import box_areas

FloatArray = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]
_TURNS = (1, 3, 2)


@dataclass(frozen=True, slots=True)
class HardOptions:
    """How further looks are taken. Sides are in pixels, scores 0..1.

    The close one is at the whole picture made `close_side` large; it is for faces whose longer
    side is `close_share` of the picture's at least: what it sees beside them often only
    resembles a face. Those for tiny faces are at tiles of `tile_side`, made `tile_scale`
    times as large, of pictures with a side above `tiled_from`: their faces vanish when the
    picture is made to fit the detector.
    A turned picture is looked at from all four sides, though not in tiles, when no face
    scores `sure_score`: a detector finds many faces that lie on their side or stand on their
    head, with a lower score and with the landmarks of an upright one. The side whose best
    face scores highest is taken if that is `turned_score` at least, and more than the upright
    picture's best by `turn_gain`. The scores suit YuNet. There are so many tiles that one of
    them holds something like a face more often than the whole picture does; so a find there
    has to score `tile_gain` more than a find elsewhere. A find goes whose box shares
    `shared` of the smaller one's area with a better one.
    """

    close_side: int = 160
    close_canvas: int = 320
    close_share: float = 0.3
    tile_side: int = 320
    tile_overlap: int = 40
    tile_scale: int = 2
    tile_gain: float = 0.05
    tiled_from: int = 960
    sure_score: float = 0.92
    turned_score: float = 0.9
    turn_gain: float = 0.02
    shared: float = 0.5


class ThoroughDetector:
    """Finds what a plain detector finds, and more. Thread-safe if that one is."""

    def __init__(
        self, plain: Detector, looks: Looks, options: HardOptions | None = None
    ) -> None:
        self._plain = plain
        self._wanted = looks
        self._options = options or HardOptions()

    def detect(self, image: UInt8Array, *, min_score: float) -> Candidates:
        """Return the faces of an `(h, w, 3) uint8 RGB` image, best first, in its pixels.

        A face that the plain look finds stays as that found it, unless the picture is
        turned.

        Raises:
            ModelUnavailableError: the network fails on the device and on the CPU.
        """
        looks = self._looks(image, min_score=min_score)
        if self._wanted.turned and _best(looks) < self._options.sure_score:
            looks = self._turn(image, looks, min_score=min_score)
        if self._wanted.tiny and max(image.shape[:2]) > self._options.tiled_from:
            least = min(min_score + self._options.tile_gain, 1.0)
            looks = [*looks, self._see(self._tiles(image), image, min_score=least)]
        return self._together(looks)

    def _looks(self, image: UInt8Array, *, min_score: float) -> list[Candidates]:
        """Look at the whole picture: plainly first, then closely."""
        looks = [self._plain.detect(image, min_score=min_score)]
        if self._wanted.close:
            side, canvas = self._options.close_side, self._options.close_canvas
            view = small(image, side=side, canvas=canvas)
            found = self._see([view], image, min_score=min_score)
            sides = (found.boxes[:, 2:] - found.boxes[:, :2]).max(axis=1)
            large = sides >= self._options.close_share * max(image.shape[:2])
            looks.append(found.take(np.flatnonzero(large)))
        return looks

    def _turn(
        self, image: UInt8Array, looks: list[Candidates], *, min_score: float
    ) -> list[Candidates]:
        """Return what is seen from the side where faces stand upright."""
        options = self._options
        best, least = looks, max(options.turned_score, _best(looks) + options.turn_gain)
        for quarters in _TURNS:
            view = turned(image, quarters=quarters)
            others = self._looks(view.pixels, min_score=min_score)
            if _best(others) >= least:
                best, least = [view.restore(other) for other in others], _best(others)
        return best

    def _tiles(self, image: UInt8Array) -> list[View]:
        options = self._options
        return tiles(
            image,
            side=options.tile_side,
            overlap=options.tile_overlap,
            scale=options.tile_scale,
        )

    def _together(self, looks: list[Candidates]) -> Candidates:
        if len(looks) == 1:
            return looks[0]
        everything = concatenate(looks)
        further = np.repeat(np.arange(len(looks)) > 0, [len(look) for look in looks])
        order = np.lexsort((-everything.scores, further))
        distinct = _distinct(everything.boxes, order, shared=self._options.shared)
        kept = everything.take(distinct)
        return kept.take(np.argsort(-kept.scores, kind="stable"))

    def _see(self, views: Sequence[View], image: UInt8Array, *, min_score: float) -> Candidates:
        height, width = image.shape[:2]
        found = concatenate(
            [
                view.restore(self._plain.detect(view.pixels, min_score=min_score))
                for view in views
            ]
        )
        limits = np.array([width, height], np.float32)
        boxes = np.clip(found.boxes.reshape(-1, 2, 2), 0, limits).reshape(-1, 4)
        clipped = Candidates(np.asarray(boxes, np.float32), found.landmarks, found.scores)
        return clipped.take(np.flatnonzero(box_areas(clipped.boxes) > 0))


def _best(looks: Sequence[Candidates]) -> float:
    return max(float(found.scores.max(initial=0.0)) for found in looks)


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
