"""From an encoded image to faces and embeddings, with miniature networks end to end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from builders import POINTS, Painted, paint, quarters, recognizer, yunet
from facefolk_server.errors import InvalidImageError, InvalidRequestError
from facefolk_server.vision.images import ImageLimits
from facefolk_server.vision.loading import LoadOptions, load_pipeline
from facefolk_server.vision.ops import align, template
from facefolk_server.vision.pipeline import Pipeline, PipelineOptions
from facefolk_server.vision.session import SessionFactory
from facefolk_server.vision.specs import DetectorSpec, EmbedderSpec, InputLayout, Pack

PACK = Pack(
    name="mini",
    digest="d" * 64,
    detector=DetectorSpec(
        "yunet",
        InputLayout(channel_order="bgr"),
        shapes=((64, 64), (128, 192)),
        max_upscale=1.0,
    ),
    embedder=EmbedderSpec(InputLayout(), dimension=12),
    recommended_distance=0.5,
)
FACES = [Painted(8, 5, 3, score=1.0), Painted(16, 8, 4, score=0.64), Painted(32, 1, 2, 0.36)]


def pipeline(sessions: SessionFactory, **options: object) -> Pipeline:
    return load_pipeline(
        PACK,
        yunet(),
        recognizer(),
        sessions=sessions,
        options=LoadOptions(pipeline=PipelineOptions(**options)),
    )


@pytest.fixture(scope="module")
def mini(sessions: SessionFactory) -> Pipeline:
    return pipeline(sessions)


def encoded(pixels: np.ndarray, suffix: str = ".png") -> bytes:
    return cv2.imencode(suffix, pixels[:, :, ::-1])[1].tobytes()


@pytest.fixture(scope="module")
def scene() -> np.ndarray:
    """Painted faces on a background without red, where networks see none."""
    background = np.random.default_rng(0).integers(0, 256, (128, 192, 3), np.uint8)
    background[..., 0] = 0
    marks = paint(FACES, height=128, width=192)
    return np.where(marks.any(axis=2, keepdims=True), marks, background)


def landmarks(face: Painted) -> np.ndarray:
    return face.corner + POINTS * face.stride


def test_faces_are_found_embedded_and_pictured(mini: Pipeline, scene: np.ndarray) -> None:
    seen = mini.analyze(encoded(scene), min_score=0.5)
    assert (seen.width, seen.height) == (192, 128)
    np.testing.assert_allclose(seen.detections.scores, [1.0, 0.8, 0.6], atol=2e-3)
    expected = np.stack([landmarks(face) for face in FACES])
    np.testing.assert_allclose(seen.detections.landmarks, expected, atol=1e-3)
    crops = align(scene, expected, places=template("arcface", side=112), side=112)
    for crop, embedding in zip(crops, seen.embeddings, strict=True):
        raw = quarters(crop)
        np.testing.assert_allclose(embedding, raw / np.linalg.norm(raw), atol=1e-4)
    assert len(seen.thumbnails) == 3
    assert len(seen.detections.qualities) == 3
    assert list(seen.timings) == ["decode", "detect", "align", "embed", "thumbnails"]
    assert all(value >= 0 for value in seen.timings.values())


def test_the_score_that_is_wanted_is_that_of_the_call(
    mini: Pipeline, scene: np.ndarray
) -> None:
    counts = [
        len(mini.detect(encoded(scene), min_score=score).detections)
        for score in (0.5, 0.7, 0.9)
    ]
    assert counts == [3, 2, 1]


def test_detecting_embeds_nothing(mini: Pipeline, scene: np.ndarray) -> None:
    seen = mini.detect(encoded(scene), min_score=0.5)
    assert seen.embeddings.shape == (0, 12)
    assert seen.thumbnails == []
    assert list(seen.timings) == ["decode", "detect", "align"]


def test_a_picture_without_faces_is_no_error(mini: Pipeline) -> None:
    seen = mini.analyze(encoded(np.zeros((50, 70, 3), np.uint8)), min_score=0.5)
    assert len(seen.detections) == 0
    assert seen.embeddings.shape == (0, 12)
    assert seen.detections.boxes.shape == (0, 4)
    assert seen.detections.landmarks.shape == (0, 5, 2)
    assert seen.detections.qualities.shape == (0,)


def test_faces_sent_back_get_the_same_embeddings(mini: Pipeline, scene: np.ndarray) -> None:
    data = encoded(scene)
    seen = mini.analyze(data, min_score=0.5, thumbnails=False)
    again = mini.embed_faces(data, seen.detections.landmarks[::-1])
    np.testing.assert_array_equal(again, seen.embeddings[::-1])


def test_aligned_crops_get_the_same_embeddings(mini: Pipeline, scene: np.ndarray) -> None:
    seen = mini.analyze(encoded(scene), min_score=0.5)
    places = template("arcface", side=112)
    crops = align(scene, seen.detections.landmarks, places=places, side=112)
    found = mini.embed_crops([encoded(crop) for crop in crops])
    np.testing.assert_allclose(found, seen.embeddings, atol=1e-6)
    assert mini.embed_crops([]).shape == (0, 12)


def test_crops_of_another_size_are_refused(mini: Pipeline) -> None:
    crops = [np.zeros((side, side, 3), np.uint8) for side in (112, 96)]
    with pytest.raises(InvalidImageError, match=r"crop 1 has 96 x 96 .* 112 x 112"):
        mini.embed_crops([encoded(crop) for crop in crops])


@pytest.mark.parametrize("value", [np.nan, np.inf, 5.0])
def test_landmarks_that_cannot_be_are_refused(mini: Pipeline, value: float) -> None:
    points = np.full((1, 5, 2), value, np.float32)
    with pytest.raises(InvalidRequestError, match="five finite points"):
        mini.embed_faces(encoded(np.zeros((50, 50, 3), np.uint8)), points)


def test_limits_are_those_of_the_options(sessions: SessionFactory, scene: np.ndarray) -> None:
    small = pipeline(sessions, limits=ImageLimits(max_pixels=1000))
    for call in (small.detect, small.analyze):
        with pytest.raises(InvalidImageError, match="192 x 128"):
            call(encoded(scene), min_score=0.5)
    with pytest.raises(InvalidImageError, match="192 x 128"):
        small.embed_faces(encoded(scene), landmarks(FACES[0])[None])


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_reduced_decoding_keeps_to_pixels_of_the_submitted_image(
    sessions: SessionFactory, suffix: str
) -> None:
    """Blocks of 8 pixels survive the codec and an eighth of the scale."""
    marks = paint([Painted(8, 4, 3), Painted(32, 1, 1, score=0.8)], height=128, width=192)
    large = np.repeat(np.repeat(marks, 8, axis=0), 8, axis=1)
    reduced = pipeline(sessions, detector_side=192)
    seen = reduced.analyze(encoded(large, suffix), min_score=0.5)
    assert (seen.width, seen.height) == (1536, 1024)
    expected = np.stack([landmarks(Painted(8, 4, 3)), landmarks(Painted(32, 1, 1))]) * 8
    np.testing.assert_allclose(seen.detections.landmarks, expected, atol=0.1)
    boxes = seen.detections.boxes
    sides = boxes[:, 2:] - boxes[:, :2]
    np.testing.assert_allclose(sides, [[128, 128], [512, 512]], atol=1)
    pictures = [
        cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR).shape[:2]
        for data in seen.thumbnails
    ]
    # Pictures and crops come from as many pixels as a face needs, not from the eighth.
    assert pictures == [(160, 160)] * 2
    whole = pipeline(sessions, detector_side=None)
    expected = whole.analyze(encoded(large, suffix), min_score=0.5).embeddings
    assert (seen.embeddings * expected).sum(axis=1).min() > 0.99


def test_faces_with_known_places_are_cropped_from_reduced_images_alike(
    sessions: SessionFactory,
) -> None:
    marks = paint([Painted(32, 1, 1)], height=128, width=192)
    large = np.repeat(np.repeat(marks, 8, axis=0), 8, axis=1)
    places = landmarks(Painted(32, 1, 1))[None] * 8
    exact, reduced = (
        pipeline(sessions).embed_faces(encoded(large, suffix), places)
        for suffix in (".png", ".jpg")
    )
    assert (exact * reduced).sum() > 0.99


def test_many_threads_get_what_one_gets(mini: Pipeline, scene: np.ndarray) -> None:
    data = encoded(scene)
    alone = mini.analyze(data, min_score=0.5)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: mini.analyze(data, min_score=0.5), range(40)))
    for each in found:
        np.testing.assert_array_equal(each.embeddings, alone.embeddings)
        np.testing.assert_array_equal(each.detections.boxes, alone.detections.boxes)
