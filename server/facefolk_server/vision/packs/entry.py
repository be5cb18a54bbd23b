"""A pack with everything around its specs: files, license, digest."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass

from facefolk_server.vision.downloads.sources import ModelFile
from facefolk_server.vision.specs import DetectorSpec, EmbedderSpec, Pack

# They decide which faces are reported, not what an embedding is.
_NOT_IN_DIGEST = frozenset({"score_floor", "max_faces", "snug_shapes"})


@dataclass(frozen=True, slots=True)
class PackEntry:
    """One row of the table of packs.

    `license` names the terms of detector and recognizer. A `noncommercial` pack is chosen by
    name and its license acknowledged. `recommended_distance` is a cosine distance (0..2),
    `recommended_min_score` a detection score (0..1), `guard_distance` what the chain guard
    goes by (see `Pack`); None stands for `recommended_distance`.
    """

    name: str
    detector: DetectorSpec
    detector_file: ModelFile
    embedder: EmbedderSpec
    embedder_file: ModelFile
    license: str
    recommended_distance: float
    recommended_min_score: float = 0.7
    guard_distance: float | None = None
    noncommercial: bool = False
    summary: str = ""

    @property
    def files(self) -> tuple[ModelFile, ModelFile]:
        """The detector's file and the recognizer's."""
        return (self.detector_file, self.embedder_file)

    @property
    def size_bytes(self) -> int | None:
        """The size of both files; None where it is not known beforehand."""
        sizes = [file.size_bytes for file in self.files]
        return None if None in sizes else sum(size or 0 for size in sizes)

    @property
    def digest(self) -> str:
        """The SHA-256 over both files' checksums and all that changes embeddings."""
        parts = {
            "detector": _described(self.detector_file, dataclasses.asdict(self.detector)),
            "embedder": _described(self.embedder_file, dataclasses.asdict(self.embedder)),
        }
        text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def as_mirrored(self) -> PackEntry:
        """Return the pack with each crop embedded together with its mirror image."""
        embedder = dataclasses.replace(self.embedder, mirrored=True)
        return dataclasses.replace(self, embedder=embedder)

    def pack(self) -> Pack:
        """Return what the vision code works with."""
        return Pack(
            name=self.name,
            digest=self.digest,
            detector=self.detector,
            embedder=self.embedder,
            recommended_distance=self.recommended_distance,
            recommended_min_score=self.recommended_min_score,
            guard_distance=self.guard_distance,
        )


def _described(file: ModelFile, spec: dict[str, object]) -> dict[str, object]:
    fields = {name: value for name, value in spec.items() if name not in _NOT_IN_DIGEST}
    for choice in ("mirrored", "quantized"):
        if not fields.get(choice):
            fields.pop(choice, None)  # digests are older than the choice
    return {"sha256": file.sha256, "conversion": file.conversion, **fields}
