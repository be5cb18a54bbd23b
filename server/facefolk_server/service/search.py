"""Comparing faces and finding those nearest to one."""

from __future__ import annotations

from dataclasses import dataclass

from facefolk_server.service.call import Call
from facefolk_server.service.packs import FloatArray
from facefolk_server.service.views import Comparison, SearchResult


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """What is compared or looked for: exactly one of the three is given."""

    image: bytes | None = None
    face_id: str = ""
    embedding: FloatArray | None = None


class Search:
    """The calls that measure distances."""

    async def compare(self, call: Call, left: Probe, right: Probe) -> Comparison:
        """Measure every pair of two sides."""
        raise NotImplementedError

    async def search(
        self,
        call: Call,
        probe: Probe,
        *,
        k: int = 0,
        max_distance: float | None = None,
        include_embedding: bool = False,
        include_hidden: bool = False,
    ) -> tuple[SearchResult, ...]:
        """Find the stored faces nearest to each face of the probe."""
        raise NotImplementedError
