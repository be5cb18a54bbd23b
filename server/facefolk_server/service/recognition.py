"""Finding, embedding and storing the faces of images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from facefolk_server.service.call import Call
from facefolk_server.service.packs import FloatArray
from facefolk_server.service.views import Embeddings, ImageFaces


@dataclass(frozen=True, slots=True)
class FrameSubmission:
    """One frame to be recognized; see `RecognizeRequest` in the API."""

    asset_id: str
    data: bytes
    frame_offset_us: int = 0
    content_digest: str = ""
    capture_time: datetime | None = None
    dry_run: bool = False
    include_embedding: bool = False
    include_hidden: bool = False


class Recognition:
    """The calls that take images."""

    async def detect(
        self, call: Call, data: bytes, *, min_score: float | None = None
    ) -> ImageFaces:
        """Find the faces of an image."""
        raise NotImplementedError

    async def embed_faces(self, call: Call, data: bytes, landmarks: FloatArray) -> Embeddings:
        """Embed faces of an image by their landmarks, `(n, 5, 2)` in pixels."""
        raise NotImplementedError

    async def embed_crops(self, call: Call, crops: Sequence[bytes]) -> Embeddings:
        """Embed encoded aligned crops."""
        raise NotImplementedError

    async def recognize(self, call: Call, submission: FrameSubmission) -> ImageFaces:
        """Find, embed and store the faces of a frame."""
        raise NotImplementedError
