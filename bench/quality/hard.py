"""Recall on hard pictures made of an album's own, and what it costs.

Each picture's face nearest the center, as the plain detector finds it, is followed through
what is done to the picture: it counts as found when a find overlaps the place where it must
be now by an IoU of 0.3, and the line from its eyes to its mouth points the right way. The
face-free pictures are the album's own with every face painted over, of those where faces take
less than half; there every find is false.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

import cv2
import numpy as np
from facefolk_server.types import PLAIN, Looks
from facefolk_server.vision.detectors.candidates import Candidates
from facefolk_server.vision.detectors.detector import Detector
from facefolk_server.vision.hard import ThoroughDetector
from facefolk_server.vision.ops import pairwise_iou
from numpy.typing import NDArray

from bench.quality import conditions
from bench.quality.albums import Album

Pixels = NDArray[np.uint8]
Box = NDArray[np.float32]
_LEAST_IOU = 0.3
_FACE_FREE_SCORE = 0.3
_FACE_SHARE = 0.5
_NOWHERE = np.full(4, -1e6, np.float32)
AS_IT_IS, CLOSE, TURNED, TINY = "as it is", "fills", "turned", "in 1440"
LOOKS: Mapping[str, Looks] = MappingProxyType(
    {
        "plain": PLAIN,
        "close": Looks(close=True),
        "turned": Looks(turned=True),
        "tiny": Looks(tiny=True),
        "all": Looks(close=True, turned=True, tiny=True),
    }
)
"""What is compared, by name."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Pixels `(h, w, 3) uint8 RGB`, where the face is, and its turn in quarters."""

    pixels: Pixels
    box: Box
    quarters: int = 0


Condition = Callable[[int, Scene], Scene]


@dataclass(frozen=True, slots=True)
class HardScores:
    """Share of faces found, finds beside them, and the median time of a picture."""

    pictures: int
    recall: float
    surplus: int
    milliseconds: float


def judge_conditions(
    album: Album, detector: Detector, *, count: int, min_score: float
) -> Iterator[dict[str, Any]]:
    """Yield a row for each condition and each look it concerns, with up to `count` pictures.

    The plain look says where faces are.
    """
    found = scenes(album, detector, count=count, min_score=min_score)
    nothing = list(face_free(album, detector, count=count))
    for name, looks in LOOKS.items():
        look = detector if looks == PLAIN else ThoroughDetector(detector, looks)
        for condition, change in CONDITIONS.items():
            if found and concerns(name, condition):
                made = (change(index, scene) for index, scene in enumerate(found))
                yield _row(condition, name, judge(made, look, min_score=min_score))
        if nothing:
            yield _row("no faces", name, judge(iter(nothing), look, min_score=min_score))
        if nothing and concerns(name, TINY):
            made = mosaics(nothing, count=max(1, count // 5))
            yield _row("no faces in 1440", name, judge(made, look, min_score=min_score))


def concerns(look: str, condition: str) -> bool:
    """Tell whether a look is measured under a condition: each where it is meant to help."""
    if look in ("plain", "all") or condition == AS_IT_IS:
        return True
    if look == "tiny":
        return condition.endswith(TINY)
    return condition.startswith({"close": CLOSE, "turned": TURNED}[look])


def _row(condition: str, detector: str, scores: HardScores) -> dict[str, Any]:
    facts = {"section": "conditions", "condition": condition, "detector": detector}
    return {**facts, **asdict(scores)}


def scenes(album: Album, detector: Detector, *, count: int, min_score: float) -> list[Scene]:
    """Return up to `count` pictures, evenly spread over the album, with their main faces."""
    chosen = [p for p in album.pictures if p.person]
    step = max(1, len(chosen) // count)
    found = []
    for picture in chosen[::step][:count]:
        pixels = _decode(picture.read())
        faces = detector.detect(pixels, min_score=min_score)
        if len(faces):
            middle = np.array(pixels.shape[1::-1]) / 2
            centers = (faces.boxes[:, :2] + faces.boxes[:, 2:]) / 2
            nearest = int(np.linalg.norm(centers - middle, axis=1).argmin())
            found.append(Scene(pixels, faces.boxes[nearest]))
    return found


def judge(made: Iterator[Scene], detector: Detector, *, min_score: float) -> HardScores:
    """Detect in every scene."""
    hits = surplus = count = 0
    milliseconds = []
    for scene in made:
        start = time.perf_counter()
        found = detector.detect(scene.pixels, min_score=min_score)
        milliseconds.append((time.perf_counter() - start) * 1000)
        hit = _hit(scene, found)
        count += 1
        hits += hit
        surplus += len(found) - hit
    return HardScores(
        count, hits / max(count, 1), surplus, float(np.median(milliseconds or [0.0]))
    )


def face_free(album: Album, detector: Detector, *, count: int) -> Iterator[Scene]:
    """Paint over whatever might be a face, by a low score."""
    step = max(1, len(album.pictures) // count)
    for picture in album.pictures[::step][:count]:
        pixels = _decode(picture.read())
        height, width = pixels.shape[:2]
        mask = np.zeros((height, width), np.uint8)
        for box in detector.detect(pixels, min_score=_FACE_FREE_SCORE).boxes:
            margin = 0.25 * (box[2:] - box[:2])
            left, top = np.maximum(box[:2] - margin, 0).astype(int)
            right, bottom = (box[2:] + margin).astype(int)
            mask[top:bottom, left:right] = 1
        if mask.mean() <= _FACE_SHARE:
            painted = cv2.inpaint(pixels, mask, 3, cv2.INPAINT_TELEA)
            yield Scene(np.asarray(painted, np.uint8), _NOWHERE)


def mosaics(made: Sequence[Scene], *, count: int) -> Iterator[Scene]:
    """Lay pictures without faces out on canvases of 1440 x 1080 pixels."""
    for number in range(count):
        canvas = np.zeros((1080, 1440, 3), np.uint8)
        random = np.random.default_rng((conditions.SEED, number))
        top = 0
        while top < 1080:
            left, bottom = 0, top + 1
            while left < 1440:
                pixels = made[int(random.integers(len(made)))].pixels
                part = pixels[: 1080 - top, : 1440 - left]
                canvas[top : top + part.shape[0], left : left + part.shape[1]] = part
                left += part.shape[1]
                bottom = max(bottom, top + part.shape[0])
            top = bottom
        yield Scene(canvas, _NOWHERE)


def _hit(scene: Scene, found: Candidates) -> bool:
    if not len(found):
        return False
    overlaps = pairwise_iou(found.boxes, scene.box[None])[:, 0]
    down = found.landmarks[:, 3:].mean(axis=1) - found.landmarks[:, :2].mean(axis=1)
    right_way = ((0, 1), (1, 0), (0, -1), (-1, 0))[scene.quarters]
    along = (down @ np.array(right_way)) / np.maximum(np.linalg.norm(down, axis=1), 1e-6)
    return bool(((overlaps >= _LEAST_IOU) & (along > np.cos(np.pi / 4))).any())


def _decode(data: bytes) -> Pixels:
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
    return np.asarray(pixels, np.uint8)


def _only_pixels(index: int, scene: Scene, *, change: conditions.Change) -> Scene:
    return Scene(change(index, scene.pixels), scene.box)


def _jpeg(_: int, pixels: Pixels) -> Pixels:
    _, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 20])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def _turned(index: int, scene: Scene, *, quarters: int) -> Scene:
    height, width = scene.pixels.shape[:2]
    corners = scene.box.reshape(2, 2)
    for _ in range(quarters):
        corners = np.stack((corners[:, 1], width - corners[:, 0]), axis=1)
        height, width = width, height
    box = np.concatenate((corners.min(axis=0), corners.max(axis=0)))
    return Scene(conditions.turn(index, scene.pixels, quarters=quarters), box, quarters)


def _filling(index: int, scene: Scene, *, share: float) -> Scene:
    pixels = conditions.filling(index, scene.pixels, box=scene.box, share=share)
    sides = scene.box[2:] - scene.box[:2]
    half = 320 * share * sides / sides.max()
    return Scene(pixels, np.concatenate((320 - half, 320 + half)).astype(np.float32))


def _tiny(index: int, scene: Scene, *, side: int) -> Scene:
    pixels, corner, scale = conditions.pasted(
        index, scene.pixels, face=side, box=scene.box, canvas=1440
    )
    return Scene(pixels, (scene.box * scale + np.tile(corner, 2)).astype(np.float32))


def _masked(_: int, scene: Scene) -> Scene:
    """Cover the lower half of the face."""
    left, top, right, bottom = (round(float(value)) for value in scene.box)
    pixels = scene.pixels.copy()
    middle = top + round(0.55 * (bottom - top))
    corners = [
        (left, middle),
        ((left + right) // 2, middle - (bottom - top) // 12),
        (right, middle),
        (right - (right - left) // 5, bottom),
        (left + (right - left) // 5, bottom),
    ]
    cv2.fillPoly(pixels, [np.array(corners, np.int32)], (150, 180, 205))
    return Scene(pixels, scene.box)


CONDITIONS: Mapping[str, Condition] = MappingProxyType(
    {
        AS_IT_IS: lambda _, scene: scene,
        **{
            f"{CLOSE} {share:.0%}": partial(_filling, share=share)
            for share in (0.4, 0.6, 0.8, 0.95)
        },
        **{f"{TURNED} {90 * n}": partial(_turned, quarters=n) for n in (1, 2, 3)},
        **{f"{side} px {TINY}": partial(_tiny, side=side) for side in (16, 24, 32, 48)},
        "grey": partial(_only_pixels, change=conditions.grey),
        "dark": partial(_only_pixels, change=partial(conditions.darken, factor=0.02)),
        "noisy": partial(_only_pixels, change=partial(conditions.noisy, deviation=15.0)),
        "blurred": partial(_only_pixels, change=partial(conditions.blur, share=1 / 60)),
        "JPEG quality 20": partial(_only_pixels, change=_jpeg),
        "masked": _masked,
    }
)
"""What can be done to a scene."""
