"""Settings at run time: what they do, when, and what is said about them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from facefolk.v1.recognition_pb2 import ASSET_FILTER_STALE
from facefolk.v1.resources_pb2 import ROUND_STATE_SUCCEEDED, ROUND_STATE_WAITING
from integration.people.album import ROUND_MODE_ALL, Album, ids

pytestmark = pytest.mark.models


def update(album: Album, **values: object) -> list[str]:
    """Change settings and return the advice."""
    paths = {"paths": list(values)}
    reply = album.ask("UpdateSettings", settings=values, update_mask=paths)
    for name, value in values.items():
        expected = pytest.approx(value) if isinstance(value, float) else value
        assert getattr(reply.settings, name) == expected
    assert album.ask("GetSettings") == reply.settings
    return list(reply.advice)


def assert_logged(album: Album, sentence: str) -> None:
    """The log comes through a pipe, a moment later."""
    deadline = time.monotonic() + 10
    while sentence not in album.server.text:
        assert time.monotonic() < deadline, f"not in the log: {sentence}"
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"min_detection_score": 0.49}, ["min_detection_score 0.49 is below 0.5", "raise"]),
        ({"min_detection_score": 0.5}, ["raise min_recognized_faces"]),
        ({"min_detection_score": 0.7}, []),
        ({"min_detection_score": 0.89}, []),
        ({"min_detection_score": 0.9}, ["min_detection_score 0.9 is 0.9 or more"]),
        ({"max_recognition_distance": 0.29}, ["max_recognition_distance 0.29 is below 0.3"]),
        ({"max_recognition_distance": 0.3}, []),
        ({"max_recognition_distance": 0.5}, []),
        ({"max_recognition_distance": 0.6}, ["raise min_recognized_faces above 3"]),
        ({"max_recognition_distance": 0.6, "min_recognized_faces": 4}, []),
        ({"max_recognition_distance": 0.7, "min_recognized_faces": 4}, []),
        ({"max_recognition_distance": 0.71}, ["is above 0.7", "raise"]),
        ({"min_recognized_faces": 1}, ["every face is a core one"]),
        ({"min_recognized_faces": 2}, []),
        ({"min_detection_score": 0.6, "min_recognized_faces": 5}, []),
    ],
    ids=str,
)
def test_advice_is_given_past_the_limits(
    seen_album: Album, values: dict[str, float], said: list[str]
) -> None:
    usual = {"min_detection_score": 0.0, "max_recognition_distance": 0.0}
    usual["min_recognized_faces"] = 3
    assert update(seen_album, **usual) == []
    advice = update(seen_album, **values)
    assert len(advice) == len(said), advice
    for sentence, part in zip(advice, said, strict=True):
        assert part in sentence
        assert_logged(seen_album, sentence)
    update(seen_album, **usual)


def test_the_distance_acts_on_the_next_round(album: Album) -> None:
    before = album.placed()
    update(album, max_recognition_distance=0.2)
    assert album.placed() == before
    ended = album.round(ROUND_MODE_ALL)
    assert ended.max_recognition_distance == pytest.approx(0.2)
    assert album.placed() != before
    update(album, max_recognition_distance=0.5)
    album.round(ROUND_MODE_ALL)
    assert {f for f, (p, _) in album.placed().items() if p} == {
        f for f, (p, _) in before.items() if p
    }


def test_a_minimum_of_one_makes_every_face_a_core_one(album: Album) -> None:
    outliers = ids(album.faces(unassigned=True))
    assert outliers
    assert not album.ask("ExplainFace", face_id=outliers[0]).core
    update(album, min_recognized_faces=1)
    assert album.ask("ExplainFace", face_id=outliers[0]).core
    ended = album.round()
    assert (ended.faces_deferred, ended.outliers) == (0, 0)
    placed = album.placed()
    assert all(placed[face][0] for face in outliers)
    singles = [person for person in album.people() if person.face_count == 1]
    assert singles, "one face is enough to be listed, too"


def test_the_score_acts_on_new_detections_and_tells_which_are_stale(
    album: Album, photos: Path
) -> None:
    group = "group/group2.jpg"
    faces = album.faces(asset_id=group)
    scores = sorted(face.score for face in faces)
    between = (scores[0] + scores[1]) / 2
    update(album, min_detection_score=between)
    assert album.faces(asset_id=group) == faces
    stale = album.ask("ListAssets", filter=ASSET_FILTER_STALE, page_size=1000).assets
    assert len(stale) == len(album.ask("ListAssets", page_size=1000).assets)
    picture = {"data": (photos / "bbt" / group).read_bytes()}
    album.ask("Recognize", asset_id=group, image=picture)
    kept = {face.face_id for face in album.faces(asset_id=group)}
    assert kept == {face.face_id for face in faces if face.score >= between}
    fresh = album.ask("ListAssets", filter=ASSET_FILTER_STALE, page_size=1000).assets
    assert {a.asset_id for a in stale} - {a.asset_id for a in fresh} == {group}


def test_a_round_that_runs_keeps_the_settings_it_began_with(album: Album, photos: Path) -> None:
    before = album.placed()
    with album.streaming((photos / "bbt/amy/amy1.png").read_bytes()):
        started = album.ask("StartRound", mode=ROUND_MODE_ALL)
        assert started.state == ROUND_STATE_WAITING
        update(album, max_recognition_distance=0.2, min_recognized_faces=6)
    (*_, ended) = [step.round for step in album.ask("WatchRound", round_id=started.round_id)]
    assert ended.state == ROUND_STATE_SUCCEEDED
    assert ended.max_recognition_distance == pytest.approx(0.5)
    assert ended.min_recognized_faces == 3
    assert album.placed() == before
