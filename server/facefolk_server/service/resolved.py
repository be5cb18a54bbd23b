"""Settings with the pack's own values where a library sets none."""

from __future__ import annotations

from dataclasses import dataclass

from facefolk_server.clustering import QualityGate
from facefolk_server.types import Frame, Looks, RecognitionSettings
from facefolk_server.vision.calibration import Calibration, calibration_of

# Scores pass through float32 on the wire and in tables.
_SAME_SCORE = 1e-6


@dataclass(frozen=True, slots=True)
class Resolved:
    """The settings that act, with no value left open."""

    pack: str
    pack_digest: str
    min_detection_score: float
    max_recognition_distance: float
    min_recognized_faces: int
    one_face_per_asset: bool
    chain_guard: bool
    quality_gate: bool
    looks: Looks
    recommended_distance: float
    guard_distance: float
    calibration: Calibration

    @property
    def gate(self) -> QualityGate | None:
        """The quality gate of this distance, where it is wanted."""
        if not self.quality_gate:
            return None
        return QualityGate.at(self.max_recognition_distance, recommended=self.guard_distance)

    def is_stale(self, frame: Frame) -> bool:
        """Tell whether a frame was made with another pack or other detection settings."""
        return (
            frame.pack_digest != self.pack_digest
            or frame.looks != str(self.looks)
            or abs(frame.min_detection_score - self.min_detection_score) > _SAME_SCORE
        )


def resolve(
    settings: RecognitionSettings,
    *,
    pack: str,
    pack_digest: str,
    recommended_min_score: float,
    recommended_distance: float,
    guard_distance: float | None,
) -> Resolved:
    """Fill what the settings leave open from the pack's recommendations."""
    score = settings.min_detection_score
    distance = settings.max_recognition_distance
    return Resolved(
        pack=pack,
        pack_digest=pack_digest,
        min_detection_score=recommended_min_score if score is None else score,
        max_recognition_distance=recommended_distance if distance is None else distance,
        min_recognized_faces=settings.min_recognized_faces,
        one_face_per_asset=settings.one_face_per_asset,
        chain_guard=settings.chain_guard,
        quality_gate=settings.quality_gate,
        looks=settings.looks,
        recommended_distance=recommended_distance,
        guard_distance=guard_distance or recommended_distance,
        calibration=calibration_of(pack, recommended_distance=recommended_distance),
    )
