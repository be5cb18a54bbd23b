"""Decodes SCRFD: Guo et al., "Sample and Computation Redistribution ..." (2021)."""

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

    The outputs are unnamed and come in order: scores `(batch, anchors, 1)` of each stride,
    then boxes `(batch, anchors, 4)`, then landmarks `(batch, anchors, 10)`. Boxes are the
    distances from the anchor to left, top, right and bottom, landmarks relative to the
    anchor, all in strides.
    """
    values = list(outputs.values())
    levels = len(spec.strides)
    parts = []
    for level, stride in enumerate(spec.strides):
        scores = values[level][0, :, 0]
        rows = np.flatnonzero(scores >= min_score)
        cells = rows // spec.anchors_per_cell
        anchors = cell_corners(cells, columns=width // stride, stride=stride)
        sides = values[levels + level][0, rows] * np.float32(stride)
        points = values[2 * levels + level][0, rows].reshape(-1, 5, 2) * np.float32(stride)
        parts.append(
            Candidates(
                np.concatenate((anchors - sides[:, :2], anchors + sides[:, 2:]), axis=1),
                points + anchors[:, None],
                scores[rows],
            )
        )
    return concatenate(parts)
