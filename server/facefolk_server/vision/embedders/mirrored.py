"""Embeds each crop together with its mirror image."""

from __future__ import annotations

import numpy as np

from facefolk_server.vision.embedders.embedder import (
    Embedder,
    FloatArray,
    UInt8Array,
    normalize,
)


class MirroredEmbedder:
    """Averages the embeddings of a crop and of its mirror image, at twice the cost.

    Faces are nearly symmetric, so what the two differ in is mostly noise; test-time
    augmentation by flipping is the custom of ArcFace's own evaluation (Deng et al., 2019,
    which concatenates; the mean keeps the length and the space). Its embeddings may not be
    mixed with plain ones. Thread-safe.
    """

    def __init__(self, plain: Embedder) -> None:
        self._plain = plain

    def embed(self, crops: UInt8Array) -> FloatArray:
        """Return `(n, d) float32` embeddings of `(n, side, side, 3) uint8 RGB` crops.

        They have unit length and are rounded to multiples of 2**-24.

        Raises:
            ModelUnavailableError: the network fails on the device and on the CPU, or gives
                no direction at all.
        """
        mirrored = np.ascontiguousarray(crops[:, :, ::-1])
        return normalize(self._plain.embed(crops) + self._plain.embed(mirrored))
