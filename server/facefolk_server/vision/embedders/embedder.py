"""Turns aligned crops into embeddings with a recognition network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from facefolk_server.errors import ModelUnavailableError
from facefolk_server.vision.guard import MIN_COSINE, Runner
from facefolk_server.vision.session import Outputs
from facefolk_server.vision.specs import EmbedderSpec

FloatArray = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]

_STEP = 2.0**-24
"""Embeddings are multiples of this, so that products of them add up exactly in float64."""


class Embedder(Protocol):
    """Whatever makes embeddings."""

    def embed(self, crops: UInt8Array) -> FloatArray:
        """Return `(n, d) float32` embeddings of `(n, side, side, 3) uint8 RGB` crops."""


class NetworkEmbedder:
    """Runs a recognition network in batches of a few static sizes. Thread-safe."""

    def __init__(
        self, spec: EmbedderSpec, *, network: Runner, batch_sizes: Sequence[int] = (1,)
    ) -> None:
        self._spec = spec
        self._network = network
        self._batch_sizes = tuple(sorted({1, *batch_sizes}, reverse=True))

    def embed(self, crops: UInt8Array) -> FloatArray:
        """Return `(n, d) float32` embeddings of `(n, side, side, 3) uint8 RGB` crops.

        They have unit length and are rounded to multiples of 2**-24.

        Raises:
            ModelUnavailableError: the network fails on the device and on the CPU, or gives
                no direction at all.
        """
        raw = np.empty((len(crops), self._spec.dimension), np.float32)
        start = 0
        while start < len(crops):
            left = len(crops) - start
            count = next(size for size in self._batch_sizes if size <= left)
            batch = vectors(self._network.run(crops[start : start + count]), count=count)
            if batch.shape[1] != self._spec.dimension:
                raise ModelUnavailableError(
                    f"the recognizer gives {batch.shape[1]} values where its pack says "
                    f"{self._spec.dimension}; use the pack that belongs to the file"
                )
            raw[start : start + count] = batch
            start += count
        return normalize(raw)


def vectors(outputs: Outputs, *, count: int) -> FloatArray:
    """Return the first output of a recognizer as `(count, d) float32`."""
    return next(iter(outputs.values())).reshape(count, -1)


def normalize(raw: FloatArray) -> FloatArray:
    """Return `(n, d)` vectors at unit length, rounded to multiples of 2**-24.

    Every such multiple up to 1 is a float32.

    Raises:
        ModelUnavailableError: a vector is not finite or has no length.
    """
    exact = raw.astype(np.float64)
    lengths = np.linalg.norm(exact, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or (lengths == 0).any():
        raise ModelUnavailableError(
            "the recognizer gave a vector without direction; verify its file and the device"
        )
    return np.asarray(np.rint(exact / lengths / _STEP) * _STEP, np.float32)


def disagreement(outputs: Outputs, expected: Outputs, shape: tuple[int, ...]) -> str:
    """Say how a device's embeddings differ from the CPU's; "" if they do not."""
    ours, theirs = (
        vectors(each, count=shape[0]).astype(np.float64) for each in (outputs, expected)
    )
    lengths = np.linalg.norm(ours, axis=1) * np.linalg.norm(theirs, axis=1)
    cosines = (ours * theirs).sum(axis=1) / np.maximum(lengths, np.finfo(np.float64).tiny)
    if not cosines.min() >= MIN_COSINE:
        return f"its embeddings have a cosine of {cosines.min():.4f} only to the CPU's"
    return ""
