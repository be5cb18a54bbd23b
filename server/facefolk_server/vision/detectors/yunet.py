"""Decodes YuNet: Wu, Peng, Yu, "YuNet: A Tiny Millisecond-level Face Detector" (2023)."""

from __future__ import annotations

import numpy as np

from facefolk_server.vision.detectors.candidates import (
    Candidates,
    cell_corners,
    concatenate,
)
from facefolk_server.vision.session import Outputs
from facefolk_server.vision.specs import DetectorSpec


def decode(outputs: Outputs, *, spec: DetectorSpec, width: int, min_score: float) -> Candidates:
    """Return the candidates of the first image of a batch, in pixels of the input.

    For each stride s there are `cls_s`, `obj_s` `(batch, cells, 1)`, `bbox_s`
    `(batch, cells, 4)` and `kps_s` `(batch, cells, 10)`. The score is the geometric mean of
    class and objectness. A box is its center relative to the cell's corner and the logarithm
    of its size, landmarks are relative to the corner, all in strides.
    """
    parts = []
    for stride in spec.strides:
        product = outputs[f"cls_{stride}"][0, :, 0] * outputs[f"obj_{stride}"][0, :, 0]
        cells = np.flatnonzero(product >= min_score**2)
        corners = cell_corners(cells, columns=width // stride, stride=stride)
        box = outputs[f"bbox_{stride}"][0, cells] * np.float32(stride)
        centers = corners + box[:, :2]
        halves = np.exp(box[:, 2:] / np.float32(stride)) * np.float32(stride / 2)
        points = outputs[f"kps_{stride}"][0, cells].reshape(-1, 5, 2) * np.float32(stride)
        parts.append(
            Candidates(
                np.concatenate((centers - halves, centers + halves), axis=1),
                points + corners[:, None],
                np.sqrt(product[cells]),
            )
        )
    return concatenate(parts)
