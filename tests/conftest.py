"""Where the shared material lies; tests that need it are skipped where it does not."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings

# Property tests draw the same examples each time, and nothing waits on a clock.
# `thorough` is the profile of `make test-slow`: see `drawing.drawn`.
for profile in ("facefolk", "thorough"):
    settings.register_profile(profile, deadline=None, derandomize=True)
settings.load_profile("facefolk")

SHARED = (Path(__file__).parents[2] / "shared").resolve()


@dataclass(frozen=True, slots=True)
class Label:
    """One labelled photo: its visible faces where they were counted, and who is in it."""

    path: Path
    faces: int | None
    people: tuple[str, ...]


@pytest.fixture(scope="session")
def hub() -> Path:
    """The mirror of the model hubs."""
    return _needed(SHARED / "hub", "the mirror of the model hubs")


@pytest.fixture(scope="session")
def photos() -> Path:
    """The photographs with labels."""
    return _needed(SHARED / "photos", "the labelled photographs")


@pytest.fixture(scope="session")
def labels(photos: Path) -> tuple[Label, ...]:
    """The labels of the photographs, their paths absolute."""
    with (photos / "labels.csv").open(newline="") as file:
        return tuple(
            Label(
                photos / row["path"],
                int(row["faces"]) if row["faces"] else None,
                tuple(row["people"].split()),
            )
            for row in csv.DictReader(file)
        )


def _needed(path: Path, what: str) -> Path:
    if not path.is_dir():
        pytest.skip(f"needs {what} at {path}")
    return path
