"""Decodes CenterFace: Xu et al., "CenterFace: Joint Face Detection and Alignment" (2019)."""

from __future__ import annotations

import numpy as np

from facefolk_server.vision.detectors.candidates import Candidates
from facefolk_server.vision.session import Outputs
from facefolk_server.vision.specs import DetectorSpec


def decode(outputs: Outputs, *, spec: DetectorSpec, width: int, min_score: float) -> Candidates:
    """Return the candidates of the first image of a batch, in pixels of the input.

    The outputs are unnamed and come in order: heat map `(batch, 1, rows, columns)`, log size
    (height, width) and offset (y, x) `(batch, 2, rows, columns)`, landmarks (y, x)
    `(batch, 10, rows, columns)` relative to the box. Sizes are exponents in strides, offsets
    are from the center of the cell, landmarks in units of the box's size.
    """
    heat, log_sizes, offsets, landmarks = (value[0] for value in outputs.values())
    stride = np.float32(spec.strides[0])
    columns = width // spec.strides[0]
    cells = np.flatnonzero(heat.reshape(-1) >= min_score)
    sizes = np.exp(log_sizes.reshape(2, -1)[:, cells].T[:, ::-1]) * stride
    places = np.stack((cells % columns, cells // columns), axis=1).astype(np.float32)
    offset = offsets.reshape(2, -1)[:, cells].T[:, ::-1]
    centers = (places + offset + np.float32(0.5)) * stride
    low = centers - sizes / 2
    points = landmarks.reshape(5, 2, -1)[:, ::-1, cells].transpose(2, 0, 1)
    return Candidates(
        np.concatenate((low, low + sizes), axis=1),
        low[:, None] + points * sizes[:, None],
        heat.reshape(-1)[cells],
    )
