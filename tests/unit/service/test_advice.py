from __future__ import annotations

from dataclasses import replace

import pytest
from facefolk_server.service.advice import advise
from facefolk_server.types import RecognitionSettings


def advice(**values: object) -> str:
    settings = replace(RecognitionSettings(), **values)  # type: ignore[arg-type]
    return " ".join(advise(settings, recommended_score=0.7, recommended_distance=0.5))


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"min_detection_score": 0.7, "max_recognition_distance": 0.5},
        {"max_recognition_distance": 0.3},
        {"max_recognition_distance": 0.7, "min_recognized_faces": 4},
        {"min_detection_score": 0.5, "min_recognized_faces": 4},
        {"min_detection_score": 0.89},
    ],
)
def test_says_nothing_about_what_is_usual(values: dict[str, object]) -> None:
    assert advice(**values) == ""


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"min_detection_score": 0.49}, "will not be faces"),
        ({"min_detection_score": 0.9}, "will be missed"),
        ({"max_recognition_distance": 0.29}, "below 0.3"),
        ({"max_recognition_distance": 0.71}, "above 0.7"),
        ({"max_recognition_distance": 0.6}, "raise min_recognized_faces"),
        ({"min_detection_score": 0.6}, "raise min_recognized_faces"),
        ({"min_recognized_faces": 1}, "every face is a core one"),
    ],
)
def test_says_what_to_think_over(values: dict[str, object], said: str) -> None:
    assert said in advice(**values)
