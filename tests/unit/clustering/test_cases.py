"""The worked cases that came with the design."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from facefolk_server.clustering import RoundParameters
from facefolk_server.types import Reason, RoundMode
from unit.clustering.reference import NaiveFace, NaiveResult
from unit.clustering.states import as_naive, naive, ours

CASES = (Path(__file__).parents[4] / "shared/rounds/cases.jsonl").resolve()


@pytest.fixture(scope="module")
def cases() -> list[dict]:
    if not CASES.is_file():
        pytest.skip(f"needs the worked cases at {CASES}")
    return [json.loads(line) for line in CASES.read_text().splitlines()]


def faces_of(case: dict) -> list[NaiveFace]:
    return [
        NaiveFace(
            face_id=face["face_id"],
            asset_id=face["asset_id"],
            embedding=face["embedding"],
            person_id=face["person_id"],
            manual=face["assignment"] == "MANUAL",
            barred=frozenset(face["not_persons"]),
        )
        for face in case["faces"]
    ]


def parameters_of(case: dict) -> RoundParameters:
    return RoundParameters(
        mode=RoundMode[case["mode"]],
        max_distance=case["max_recognition_distance"],
        min_faces=case["min_recognized_faces"],
        one_face_per_asset=case["one_face_per_asset"],
    )


def told(result: NaiveResult) -> dict:
    """The result as the cases tell it: of the reasons they leave out that of an outlier."""
    silent = (Reason.NONE, Reason.OUTLIER)
    return {
        face: {
            "person_id": person,
            "core": result.core[face],
            "reason": None if result.reasons[face] in silent else result.reasons[face].name,
        }
        for face, person in result.people.items()
    }


def ours_told(faces: list[NaiveFace], parameters: RoundParameters) -> NaiveResult:
    return as_naive(faces, ours(faces, parameters))


@pytest.mark.parametrize("tell", [ours_told, naive], ids=["ours", "naive"])
def test_every_case_ends_as_it_says(
    cases: list[dict], tell: Callable[[list[NaiveFace], RoundParameters], NaiveResult]
) -> None:
    assert len(cases) == 320
    for case in cases:
        result = tell(faces_of(case), parameters_of(case))
        assert told(result) == case["expected"], f"case {case['case']}"
