"""What the use cases ask of a loaded pack; `vision` has the real ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from facefolk_server.types import Looks

FloatArray = NDArray[np.float32]


class PackIdentity(Protocol):
    """What is known of the pack of a pipeline."""

    @property
    def name(self) -> str:
        """The name."""

    @property
    def digest(self) -> str:
        """The digest of all that decides detections and embeddings."""

    @property
    def dimension(self) -> int:
        """The length of its embeddings."""

    @property
    def recommended_distance(self) -> float:
        """The cosine distance that suits it."""

    @property
    def recommended_min_score(self) -> float:
        """The minimum detection score that suits it."""

    @property
    def guard_distance(self) -> float | None:
        """What the chain guard goes by, where it is not the recommended distance."""


class Detections(Protocol):
    """n faces of one image, in pixels of the upright submitted image.

    `boxes (n, 4)`, `landmarks (n, 5, 2)`, `scores (n,)`, `qualities (n,)`, all float32.
    """

    @property
    def boxes(self) -> FloatArray:
        """x_min, y_min, x_max, y_max."""

    @property
    def landmarks(self) -> FloatArray:
        """Five points each."""

    @property
    def scores(self) -> FloatArray:
        """Detection scores, 0..1."""

    @property
    def qualities(self) -> FloatArray:
        """Qualities, 0..1."""


class Analysis(Protocol):
    """What a pipeline says of one image."""

    @property
    def width(self) -> int:
        """The width of the upright image in pixels."""

    @property
    def height(self) -> int:
        """The height of the upright image in pixels."""

    @property
    def detections(self) -> Detections:
        """The faces."""

    @property
    def embeddings(self) -> FloatArray:
        """`(n, d) float32`, unit length; `(0, d)` where they were not asked for."""

    @property
    def thumbnails(self) -> Sequence[bytes]:
        """One JPEG a face; none where they were not asked for."""

    @property
    def timings(self) -> Mapping[str, float]:
        """Milliseconds by stage."""


class Pipeline(Protocol):
    """A loaded pack; blocking and safe to call from several threads."""

    @property
    def pack(self) -> PackIdentity:
        """The pack."""

    def detect(self, data: bytes, *, min_score: float, looks: Looks) -> Analysis:
        """Find the faces of an encoded image."""

    def analyze(
        self, data: bytes, *, min_score: float, thumbnails: bool, looks: Looks
    ) -> Analysis:
        """Find and embed the faces of an encoded image."""

    def embed_faces(self, data: bytes, landmarks: FloatArray) -> FloatArray:
        """Embed faces by their landmarks `(n, 5, 2)`; return `(n, d)`."""

    def embed_crops(self, crops: Sequence[bytes]) -> FloatArray:
        """Embed encoded aligned crops; return `(n, d)`."""
