"""How many of the faces that can be seen are found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bench.quality.embedded import UNKNOWN, Faces


@dataclass(frozen=True, slots=True)
class DetectionScores:
    """Of pictures where somebody counted: `recall`, and faces `surplus` to what can be seen.

    Of pictures with one person in the label: `person_recall`, the share with any face.
    Without boxes in the labels a face counts as found when the number of faces says so.
    """

    pictures: int
    faces: int
    recall: float
    surplus: int
    person_pictures: int
    person_recall: float
    milliseconds: float


def judge_detection(faces: Faces) -> DetectionScores:
    """Compare what was found with what can be seen."""
    counted = faces.counted != UNKNOWN
    seen, found = faces.counted[counted], faces.found[counted]
    single = faces.labelled != UNKNOWN
    hits = faces.found[single] > 0
    return DetectionScores(
        pictures=int(counted.sum()),
        faces=int(seen.sum()),
        recall=float(np.minimum(seen, found).sum() / max(seen.sum(), 1)),
        surplus=int(np.maximum(found - seen, 0).sum()),
        person_pictures=int(single.sum()),
        person_recall=float(hits.mean()) if single.any() else 1.0,
        milliseconds=float(np.median(faces.milliseconds)),
    )
