"""Further looks at pictures made hard: what they find, and that they invent nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from facefolk_server.types import Looks
from facefolk_server.vision.detectors.detector import Detector
from facefolk_server.vision.hard import ThoroughDetector
from facefolk_server.vision.pipeline import Pipeline

from bench.quality.albums import load_albums
from bench.quality.hard import CONDITIONS, Scene, face_free, judge, mosaics, scenes

pytestmark = [pytest.mark.models, pytest.mark.slow]
MIN_SCORE = 0.7
PICTURES = {"orl": 60, "bbt": 40, "lfw": 60}
ALL = Looks(close=True, turned=True, tiny=True)
PLAIN_SHARES = {"turned 90": 0.0, "turned 180": 0.2, "turned 270": 0.0}

Scenes = dict[str, list[Scene]]


@pytest.fixture(scope="module")
def detector(open_pipeline: Pipeline) -> Detector:
    return open_pipeline.detector


@pytest.fixture(scope="module")
def hard_ones(detector: Detector, photos: Path) -> Scenes:
    """Pictures of each album whose main face the plain detector finds."""
    albums = {album.name: album for album in load_albums(photos, list(PICTURES))}
    return {
        name: scenes(albums[name], detector, count=count, min_score=MIN_SCORE)
        for name, count in PICTURES.items()
    }


def recall(
    made: list[Scene], condition: str, detector: Detector, *, looks: Looks | None = None
) -> float:
    look = ThoroughDetector(detector, looks) if looks else detector
    change = CONDITIONS[condition]
    changed = (change(index, scene) for index, scene in enumerate(made))
    return judge(changed, look, min_score=MIN_SCORE).recall


@pytest.mark.parametrize("share", ["40%", "60%", "80%", "95%"])
def test_faces_that_fill_the_frame(hard_ones: Scenes, detector: Detector, share: str) -> None:
    found = [
        recall(made, f"fills {share}", detector, looks=Looks(close=True)) * len(made)
        for made in hard_ones.values()
    ]
    assert sum(found) >= 0.99 * sum(map(len, hard_ones.values()))


@pytest.mark.parametrize("condition", PLAIN_SHARES)
def test_pictures_that_lie_on_their_side_or_stand_on_their_head(
    hard_ones: Scenes, detector: Detector, condition: str
) -> None:
    found = 0.0
    for made in hard_ones.values():
        assert recall(made, condition, detector) <= PLAIN_SHARES[condition]
        found += recall(made, condition, detector, looks=Looks(turned=True)) * len(made)
    assert found >= 0.99 * sum(map(len, hard_ones.values()))


@pytest.mark.parametrize("album", PICTURES)
def test_faces_of_24_pixels_in_large_previews(
    hard_ones: Scenes, detector: Detector, album: str
) -> None:
    made = hard_ones[album][::3]
    plain = recall(made, "24 px in 1440", detector)
    found = recall(made, "24 px in 1440", detector, looks=Looks(tiny=True))
    assert found >= 0.95 > plain


def test_nothing_is_found_where_nobody_is(detector: Detector, photos: Path) -> None:
    (album,) = load_albums(photos, ["lfw"])
    nobody = list(face_free(album, detector, count=120))
    assert len(nobody) >= 60
    large = list(mosaics(nobody, count=4))
    for pictures in (nobody, large):
        found = [
            judge(iter(pictures), look, min_score=MIN_SCORE).surplus
            for look in (detector, ThoroughDetector(detector, ALL))
        ]
        assert found[1] <= found[0]
