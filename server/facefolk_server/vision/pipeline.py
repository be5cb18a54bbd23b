"""From an encoded image to faces and their embeddings."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from facefolk_server.errors import InvalidImageError, InvalidRequestError
from facefolk_server.types import PLAIN, Looks
from facefolk_server.vision import quality
from facefolk_server.vision.detectors.candidates import Candidates
from facefolk_server.vision.detectors.detector import Detector
from facefolk_server.vision.embedders.embedder import Embedder
from facefolk_server.vision.embedders.mirrored import MirroredEmbedder
from facefolk_server.vision.guard import DeviceStatus
from facefolk_server.vision.hard import HardOptions, ThoroughDetector
from facefolk_server.vision.images import (
    DecodedImage,
    ImageHeader,
    ImageLimits,
    decode,
    read_header,
)
from facefolk_server.vision.ops import align, similarities, template, zooms
from facefolk_server.vision.specs import Pack
from facefolk_server.vision.thumbnails import cut_thumbnails

FloatArray = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """Faces in pixels of the upright submitted image, best score first, all float32.

    `boxes` are `(n, 4)` x_min, y_min, x_max, y_max; `landmarks` `(n, 5, 2)`; `scores` and
    `qualities` `(n,)`, 0..1.
    """

    boxes: FloatArray
    landmarks: FloatArray
    scores: FloatArray
    qualities: FloatArray

    def __len__(self) -> int:
        return len(self.scores)


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """What was found in an image of `width` x `height` upright pixels.

    `embeddings` are `(n, d) float32`, unit length, multiples of 2**-24, or `(0, d)` where
    they were not asked for. `thumbnails` are JPEG files. `timings` are milliseconds by stage.
    """

    width: int
    height: int
    detections: Detections
    embeddings: FloatArray
    thumbnails: list[bytes]
    timings: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class PipelineOptions:
    """Limits of images, and how much is done about each.

    A JPEG is decoded at a half, a quarter or an eighth as long as its longer side keeps at
    least `detector_side` pixels (`tiled_side` where tiny faces are looked for), and once more
    at a larger scale where a face in it is smaller than its crop; None decodes all at full
    scale. `hard` says how further looks at an image are taken, where a call asks for them.
    """

    limits: ImageLimits = field(default_factory=ImageLimits)
    detector_side: int | None = 640
    tiled_side: int | None = 1920
    hard: HardOptions = field(default_factory=HardOptions)


class Watched(Protocol):
    """Whatever tells where a model runs."""

    @property
    def status(self) -> DeviceStatus:
        """Where the model runs now."""


class Pipeline:
    """Detects and embeds faces with one pack; blocking and thread-safe."""

    def __init__(
        self,
        pack: Pack,
        *,
        detector: Detector,
        embedder: Embedder,
        options: PipelineOptions | None = None,
        devices: Sequence[Watched] = (),
    ) -> None:
        self.pack = pack
        self._options = options or PipelineOptions()
        self._detector = detector
        self._embedder = MirroredEmbedder(embedder) if pack.embedder.mirrored else embedder
        self._devices = tuple(devices)
        self._side = pack.embedder.crop_side
        self._places = template(pack.embedder.alignment, side=self._side)

    def devices(self) -> tuple[DeviceStatus, ...]:
        """Return where detector and recognizer run now."""
        return tuple(device.status for device in self._devices)

    @property
    def detector(self) -> Detector:
        """What finds faces in decoded pixels."""
        return self._detector

    def detect(self, data: bytes, *, min_score: float, looks: Looks = PLAIN) -> Analysis:
        """Find faces without embedding them.

        Raises:
            InvalidImageError: not an image, damaged, or over a limit.
            ModelUnavailableError: a network fails on the device and on the CPU.
        """
        clock = _Clock()
        image, found, _ = self._find(data, min_score=min_score, looks=looks, clock=clock)
        return self._analysis(image, found, clock=clock)

    def analyze(
        self,
        data: bytes,
        *,
        min_score: float,
        thumbnails: bool = True,
        looks: Looks = PLAIN,
    ) -> Analysis:
        """Find faces, embed them and cut a picture of each.

        Raises:
            InvalidImageError: not an image, damaged, or over a limit.
            ModelUnavailableError: a network fails on the device and on the CPU.
        """
        clock = _Clock()
        image, found, crops = self._find(data, min_score=min_score, looks=looks, clock=clock)
        embeddings = self._embedder.embed(crops)
        clock.lap("embed")
        pictures: list[bytes] = []
        if thumbnails:
            boxes = found.boxes / np.float32(image.reduction)
            pictures = cut_thumbnails(image.pixels, boxes)
            clock.lap("thumbnails")
        return self._analysis(
            image, found, clock=clock, embeddings=embeddings, thumbnails=pictures
        )

    def embed_faces(self, data: bytes, landmarks: FloatArray) -> FloatArray:
        """Return `(n, d)` embeddings of the faces with `(n, 5, 2)` landmarks, in that order.

        Raises:
            InvalidImageError: not an image, damaged, or over a limit.
            InvalidRequestError: landmarks are not finite or are all in one place.
            ModelUnavailableError: the network fails on the device and on the CPU.
        """
        points = np.asarray(landmarks, np.float32).reshape(-1, 5, 2)
        finite = bool(np.isfinite(points).all())
        if not finite or (np.ptp(points, axis=1).max(axis=1) < 1).any():
            raise InvalidRequestError(
                "landmarks must be five finite points that do not coincide, in pixels"
            )
        header = read_header(data, self._options.limits)
        image = self._decode(data, self._enough(header, points))
        return self._embedder.embed(self._crops(image, points))

    def embed_crops(self, crops: Sequence[bytes]) -> FloatArray:
        """Return `(n, d)` embeddings of encoded aligned crops, in that order.

        Raises:
            InvalidImageError: a crop is no image, or not of the pack's size.
            ModelUnavailableError: the network fails on the device and on the CPU.
        """
        side = self._side
        batch = np.empty((len(crops), side, side, 3), np.uint8)
        for index, data in enumerate(crops):
            pixels = decode(data, self._options.limits).pixels
            if pixels.shape != (side, side, 3):
                raise InvalidImageError(
                    f"crop {index} has {pixels.shape[1]} x {pixels.shape[0]} pixels; the pack "
                    f"{self.pack.name} needs aligned crops of {side} x {side}",
                    crop=index,
                )
            batch[index] = pixels
        return self._embedder.embed(batch)

    def _decode(self, data: bytes, least_side: int | None) -> DecodedImage:
        return decode(data, self._options.limits, least_side=least_side)

    def _find(
        self, data: bytes, *, min_score: float, looks: Looks, clock: _Clock
    ) -> tuple[DecodedImage, Detections, UInt8Array]:
        options, detector = self._options, self._detector
        if looks != PLAIN:
            detector = ThoroughDetector(detector, looks, options.hard)
        image = self._decode(data, options.tiled_side if looks.tiny else options.detector_side)
        clock.lap("decode")
        found = detector.detect(image.pixels, min_score=min_score)
        full = _submitted(found, image)
        clock.lap("detect")
        image = self._enlarged(data, image, full.landmarks)
        clock.lap("decode")
        crops = self._crops(image, full.landmarks)
        ranks = quality.qualities(full, crops)
        clock.lap("align")
        return image, Detections(full.boxes, full.landmarks, full.scores, ranks), crops

    def _enlarged(
        self, data: bytes, image: DecodedImage, landmarks: FloatArray
    ) -> DecodedImage:
        """Return the image with enough pixels for the crop of its smallest face."""
        if image.reduction == 1 or not len(landmarks):
            return image
        enough = self._enough(image, landmarks)
        fits = max(image.width, image.height) // image.reduction >= enough
        return image if fits else self._decode(data, enough)

    def _enough(self, image: DecodedImage | ImageHeader, landmarks: FloatArray) -> int:
        """Return how long the longer side must be for no crop to be blown up."""
        zoom = zooms(similarities(landmarks, self._places)).max(initial=0.0)
        return ceil(min(float(zoom), 1.0) * max(image.width, image.height))

    def _crops(self, image: DecodedImage, landmarks: FloatArray) -> UInt8Array:
        # What the detector calls a position in the submitted image is the center of a pixel.
        points = (landmarks + np.float32(0.5)) / np.float32(image.reduction) - np.float32(0.5)
        return align(image.pixels, points, places=self._places, side=self._side)

    def _analysis(
        self,
        image: DecodedImage,
        found: Detections,
        *,
        clock: _Clock,
        embeddings: FloatArray | None = None,
        thumbnails: list[bytes] | None = None,
    ) -> Analysis:
        if embeddings is None:
            embeddings = np.empty((0, self.pack.dimension), np.float32)
        return Analysis(
            width=image.width,
            height=image.height,
            detections=found,
            embeddings=embeddings,
            thumbnails=thumbnails or [],
            timings=clock.milliseconds,
        )


def _submitted(found: Candidates, image: DecodedImage) -> Candidates:
    """Return what was found in decoded pixels in those of the submitted image."""
    factor = np.float32(image.reduction)
    edges = np.array([image.width, image.height] * 2, np.float32)
    boxes = np.minimum(found.boxes * factor, edges)
    return Candidates(boxes, found.landmarks * factor, found.scores)


class _Clock:
    def __init__(self) -> None:
        self.milliseconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.milliseconds[stage] = self.milliseconds.get(stage, 0.0) + (now - self._last) * 1000
        self._last = now
