"""The faces that the packs find in photographs with labels."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from conftest import Label
from facefolk_server.vision.pipeline import Analysis, Pipeline

pytestmark = pytest.mark.models
MIN_SCORE = 0.7


def found(pipeline: Pipeline, label: Label) -> Analysis:
    return pipeline.detect(label.path.read_bytes(), min_score=MIN_SCORE)


def folder(labels: tuple[Label, ...], photos: Path, name: str) -> list[Label]:
    return [label for label in labels if label.path.is_relative_to(photos / name)]


def with_a_face(pipeline: Pipeline, labels: list[Label]) -> int:
    return sum(len(found(pipeline, label).detections) > 0 for label in labels)


@pytest.mark.slow
def test_open_finds_the_portraits_of_orl(
    open_pipeline: Pipeline, labels: tuple[Label, ...], photos: Path
) -> None:
    portraits = folder(labels, photos, "orl")
    assert len(portraits) == 400
    assert with_a_face(open_pipeline, portraits) >= 398


@pytest.mark.slow
def test_dlib_finds_the_portraits_of_orl(
    dlib_pipeline: Pipeline, labels: tuple[Label, ...], photos: Path
) -> None:
    assert with_a_face(dlib_pipeline, folder(labels, photos, "orl")) >= 395


@pytest.mark.parametrize("name", ["bbt", "preview"])
def test_open_finds_each_face_that_was_counted(
    open_pipeline: Pipeline, labels: tuple[Label, ...], photos: Path, name: str
) -> None:
    counted = folder(labels, photos, name)
    assert counted
    assert all(label.faces is not None for label in counted)
    expected = {label.path.name: label.faces for label in counted}
    assert {
        label.path.name: len(found(open_pipeline, label).detections) for label in counted
    } == expected


def test_dlib_finds_each_face_of_the_previews(
    dlib_pipeline: Pipeline, labels: tuple[Label, ...], photos: Path
) -> None:
    counted = folder(labels, photos, "preview")
    expected = {label.path.name: label.faces for label in counted}
    assert {
        label.path.name: len(found(dlib_pipeline, label).detections) for label in counted
    } == expected


def test_faces_lie_in_the_picture_with_their_landmarks_in_order(
    open_pipeline: Pipeline, labels: tuple[Label, ...], photos: Path
) -> None:
    for label in folder(labels, photos, "preview"):
        seen = found(open_pipeline, label)
        faces = seen.detections
        corners = faces.boxes.reshape(-1, 2, 2)
        assert (seen.width, seen.height) == cv2.imread(str(label.path)).shape[1::-1]
        assert (corners >= 0).all()
        assert (corners <= (seen.width, seen.height)).all()
        outside = np.maximum(corners[:, :1] - faces.landmarks, faces.landmarks - corners[:, 1:])
        assert (outside / np.ptp(corners, axis=1)[:, None]).max() < 0.1
        left_eye, right_eye, nose, left_mouth, right_mouth = faces.landmarks.transpose(1, 0, 2)
        assert (left_eye[:, 0] < right_eye[:, 0]).all()
        assert (left_mouth[:, 0] < right_mouth[:, 0]).all()
        assert (np.maximum(left_eye, right_eye)[:, 1] < nose[:, 1]).all()
        assert (nose[:, 1] < np.minimum(left_mouth, right_mouth)[:, 1]).all()
        assert (np.diff(faces.scores) <= 0).all()
        assert (faces.scores >= MIN_SCORE).all()
        assert ((faces.qualities > 0) & (faces.qualities <= 1)).all()


def test_a_film_has_its_faces_in_every_frame(open_pipeline: Pipeline, photos: Path) -> None:
    film = cv2.VideoCapture(str(photos / "video" / "clip.mp4"))
    frames = []
    while True:
        there, frame = film.read()
        if not there:
            break
        frames.append(cv2.imencode(".png", frame)[1].tobytes())
    film.release()
    counts = [
        len(open_pipeline.detect(frame, min_score=MIN_SCORE).detections) for frame in frames
    ]
    # The fourth is a figure on a sign, 15 pixels wide, not found in every frame.
    assert len(counts) == 5
    assert min(counts) >= 3
    assert max(counts) == 4
