"""Finds faces in an image with a detector network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Protocol

import numpy as np

from facefolk_server.vision.detectors import centerface, scrfd, yunet
from facefolk_server.vision.detectors.candidates import Candidates
from facefolk_server.vision.guard import MIN_BOX_IOU, Runner
from facefolk_server.vision.ops import box_areas, letterbox, pairwise_iou, plan_letterbox
from facefolk_server.vision.session import Outputs, UInt8Array
from facefolk_server.vision.specs import Decoder, DetectorSpec

DECODERS: Mapping[Decoder, Callable[..., Candidates]] = MappingProxyType(
    {"yunet": yunet.decode, "scrfd": scrfd.decode, "centerface": centerface.decode}
)
_FARTHEST = 1e6
"""In pixels: farther from the origin than any input reaches, and its square is a float32."""
_COMPARED_SCORE = 0.5
"""A device has to agree with the CPU about faces from this score on."""
_SCORE_SLACK = 0.05
"""A face that one of them scores this little above may be missed by the other."""


class Detector(Protocol):
    """Whatever finds faces."""

    def detect(self, image: UInt8Array, *, min_score: float) -> Candidates:
        """Return the faces of an `(h, w, 3) uint8 RGB` image, best first, in its pixels."""


class NetworkDetector:
    """Letterboxes an image, runs the network and decodes its outputs. Thread-safe."""

    def __init__(self, spec: DetectorSpec, *, network: Runner) -> None:
        self._spec = spec
        self._network = network

    def detect(self, image: UInt8Array, *, min_score: float) -> Candidates:
        """Return the faces of an `(h, w, 3) uint8 RGB` image, best first, in its pixels.

        Boxes are clipped to the image; what lies outside of it altogether is no face.

        Raises:
            ModelUnavailableError: the network fails on the device and on the CPU.
        """
        height, width = image.shape[:2]
        plan = plan_letterbox(self._spec, width=width, height=height)
        pixels = letterbox(image, plan, color=self._spec.letterbox_color)
        found = decode_faces(
            self._network.run(pixels), spec=self._spec, width=plan.width, min_score=min_score
        )
        offset = np.array([plan.x_offset, plan.y_offset], np.float32)
        scale = np.float32(plan.scale)
        corners = (found.boxes.reshape(-1, 2, 2) - offset) / scale
        corners = np.clip(corners, 0, np.array([width, height], np.float32))
        points = (found.landmarks - offset) / scale
        moved = Candidates(corners.reshape(-1, 4), points, found.scores)
        return moved.take(np.flatnonzero(box_areas(moved.boxes) > 0))


def decode_faces(
    outputs: Outputs, *, spec: DetectorSpec, width: int, min_score: float
) -> Candidates:
    """Return the faces of the first image of a batch, best first, in pixels of the input.

    `width` is that of the input. Candidates that are not finite or far outside are dropped.
    """
    threshold = max(min_score, spec.score_floor)
    # A device that goes wrong gives sizes past what exp can hold.
    with np.errstate(over="ignore", invalid="ignore"):
        found = DECODERS[spec.decoder](outputs, spec=spec, width=width, min_score=threshold)
    inside = (
        (np.abs(found.boxes) < _FARTHEST).all(axis=1)
        & (np.abs(found.landmarks) < _FARTHEST).all(axis=(1, 2))
        & np.isfinite(found.scores)
    )
    if not inside.all():
        found = found.take(inside)
    return found.best(count=spec.max_candidates, max_iou=spec.nms_iou)


def disagreement(
    outputs: Outputs, expected: Outputs, shape: tuple[int, ...], *, spec: DetectorSpec
) -> str:
    """Say how a device's detections differ from the CPU's; "" if they do not.

    Each face that one of them is sure of has to be found by the other, overlapping by
    `MIN_BOX_IOU`.
    """
    low = _COMPARED_SCORE - _SCORE_SLACK
    ours, theirs = (
        decode_faces(each, spec=spec, width=shape[2], min_score=low)
        for each in (outputs, expected)
    )
    sure_ours = ours.take(ours.scores >= _COMPARED_SCORE)
    sure_theirs = theirs.take(theirs.scores >= _COMPARED_SCORE)
    if len(sure_theirs) and not len(ours):
        return f"it found nothing where the CPU found {len(sure_theirs)} faces"
    for sure, other in ((sure_theirs, ours), (sure_ours, theirs)):
        overlap = pairwise_iou(sure.boxes, other.boxes).max(axis=1, initial=0.0)
        if len(sure) and overlap.min() < MIN_BOX_IOU:
            return f"its boxes overlap the CPU's by {overlap.min():.3f} only"
    return ""
