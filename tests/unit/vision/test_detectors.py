"""Decoders on miniature networks whose faces are painted into the picture."""

from __future__ import annotations

import numpy as np
import pytest
from builders import POINTS, SIDE, Painted, centerface, paint, scrfd, yunet
from facefolk_server.vision.detectors.candidates import Candidates
from facefolk_server.vision.detectors.detector import (
    NetworkDetector,
    decode_faces,
    disagreement,
)
from facefolk_server.vision.network import Network
from facefolk_server.vision.session import SessionFactory
from facefolk_server.vision.specs import DetectorSpec, InputLayout

RGB = InputLayout()
BGR = InputLayout(channel_order="bgr")
YUNET = DetectorSpec("yunet", BGR, shapes=((64, 64), (64, 128)))
SCRFD = DetectorSpec("scrfd", RGB, shapes=((64, 64), (64, 128)), anchors_per_cell=2)
CENTERFACE = DetectorSpec("centerface", RGB, shapes=((64, 64), (64, 128)), strides=(4,))
MODELS = {"yunet": yunet, "scrfd": scrfd, "centerface": centerface}
SPECS = {"yunet": YUNET, "scrfd": SCRFD, "centerface": CENTERFACE}


def detector(name: str, sessions: SessionFactory, **options: object) -> NetworkDetector:
    spec = DetectorSpec(**{**_fields(SPECS[name]), **options})
    return NetworkDetector(
        spec, network=Network(MODELS[name](), layout=spec.layout, build=sessions.build)
    )


def _fields(spec: DetectorSpec) -> dict[str, object]:
    return {name: getattr(spec, name) for name in DetectorSpec.__dataclass_fields__}


def answer(name: str, face: Painted) -> tuple[np.ndarray, np.ndarray, float]:
    """The box, landmarks and score that the network means by a painted face."""
    stride, corner = face.stride, face.corner
    shift = np.round(np.array([face.x, face.y]) * 255) / 255
    score = round(face.score * 255) / 255
    half = SIDE / 2 * stride
    if name == "yunet":
        center = corner + shift * stride
        box = np.concatenate((center - half, center + half))
        return box, corner + POINTS * stride, score**0.5
    if name == "scrfd":
        box = np.concatenate((corner - shift * stride, corner + SIDE * stride))
        return box, corner + POINTS * stride, score
    center = corner + (shift + 0.5) * stride
    box = np.concatenate((center - half, center + half))
    return box, box[:2] + POINTS * SIDE * stride, score


CASES = [
    (name, stride)
    for name, strides in (("yunet", (8, 16, 32)), ("scrfd", (8, 16, 32)), ("centerface", (4,)))
    for stride in strides
]


@pytest.mark.parametrize(("name", "stride"), CASES)
def test_a_face_is_where_it_was_painted(
    name: str, stride: int, sessions: SessionFactory
) -> None:
    cells = 64 // stride
    face = Painted(stride, 2 * cells - 2, cells - 1, score=0.9, x=0.25, y=0.75)
    picture = paint([face], height=64, width=128)
    found = detector(name, sessions).detect(picture, min_score=0.5)
    box, points, score = answer(name, face)
    assert len(found) == 1
    clipped = np.clip(box, 0, [128, 64, 128, 64])
    np.testing.assert_allclose(found.boxes[0], clipped, atol=1e-3)
    np.testing.assert_allclose(found.landmarks[0], points, atol=1e-3)
    np.testing.assert_allclose(found.scores[0], score, atol=1e-4)


@pytest.mark.parametrize("name", SPECS)
def test_faces_come_best_first_from_all_strides(name: str, sessions: SessionFactory) -> None:
    strides = SPECS[name].strides
    faces = [
        Painted(strides[-1], 1 if len(strides) > 1 else 10, 1, score=0.6),
        Painted(strides[0], 12 * 8 // strides[0], 2, score=1.0),
        Painted(strides[0], 14 * 8 // strides[0], 6 * 8 // strides[0], score=0.8),
    ]
    found = detector(name, sessions).detect(paint(faces, height=64, width=128), min_score=0.5)
    expected = [answer(name, faces[index]) for index in (1, 2, 0)]
    np.testing.assert_allclose(found.scores, [score for _, _, score in expected], atol=1e-4)
    np.testing.assert_allclose(
        found.landmarks, np.stack([points for _, points, _ in expected]), atol=1e-3
    )


@pytest.mark.parametrize("name", SPECS)
def test_scores_below_the_wanted_one_are_left_out(name: str, sessions: SessionFactory) -> None:
    stride = SPECS[name].strides[0]
    faces = [Painted(stride, 3, 3, score=0.5), Painted(stride, 7, 7, score=0.2)]
    picture = paint(faces, height=64, width=64)
    low, high = sorted(answer(name, face)[2] for face in faces)
    finder = detector(name, sessions)
    assert len(finder.detect(picture, min_score=low - 0.01)) == 2
    assert len(finder.detect(picture, min_score=low + 0.01)) == 1
    assert len(finder.detect(picture, min_score=high + 0.01)) == 0
    assert len(finder.detect(np.zeros_like(picture), min_score=0.0)) == 0


@pytest.mark.parametrize("name", SPECS)
def test_of_faces_that_overlap_the_better_stays(name: str, sessions: SessionFactory) -> None:
    stride = SPECS[name].strides[0]
    faces = [Painted(stride, 4, 4, score=0.8), Painted(stride, 4, 5, score=1.0)]
    picture = paint(faces, height=64, width=64)
    found = detector(name, sessions, nms_iou=0.3).detect(picture, min_score=0.5)
    np.testing.assert_allclose(found.scores, [1.0], atol=1e-4)
    assert len(detector(name, sessions, nms_iou=0.99).detect(picture, min_score=0.5)) == 2


@pytest.mark.parametrize("name", SPECS)
def test_boxes_are_in_pixels_of_the_picture(name: str, sessions: SessionFactory) -> None:
    """A picture twice as large as the input, and one in the middle of a wider input."""
    stride = SPECS[name].strides[0]
    face = Painted(stride, 32 // stride, 32 // stride)
    small = paint([face], height=64, width=64)
    box, points, _ = answer(name, face)
    large = np.repeat(np.repeat(small, 2, axis=0), 2, axis=1)
    found = detector(name, sessions, shapes=((64, 64),)).detect(large, min_score=0.5)
    np.testing.assert_allclose(found.boxes[0], box * 2, atol=1e-2)
    np.testing.assert_allclose(found.landmarks[0], points * 2, atol=1e-2)
    centered = detector(
        name, sessions, shapes=((64, 128),), placement="center", max_upscale=1.0
    )
    found = centered.detect(small, min_score=0.5)
    np.testing.assert_allclose(found.boxes[0], box, atol=1e-3)
    np.testing.assert_allclose(found.landmarks[0], points, atol=1e-3)


def test_a_color_of_the_letterbox_is_no_part_of_the_picture(sessions: SessionFactory) -> None:
    red_around = detector(
        "scrfd", sessions, shapes=((64, 128),), letterbox_color=(255, 0, 0), max_upscale=1.0
    )
    found = red_around.detect(np.zeros((64, 64, 3), np.uint8), min_score=0.5)
    assert (found.boxes[:, 0] < 64).all()
    # Faces that lie wholly in the margin are none, whatever the network says.
    assert len(found) < 32


def test_only_the_best_candidates_are_compared(sessions: SessionFactory) -> None:
    faces = [
        Painted(8, x, y, score=0.5 + x / 20) for x in range(0, 8, 3) for y in range(0, 8, 3)
    ]
    picture = paint(faces, height=64, width=64)
    found = detector("yunet", sessions, max_candidates=4).detect(picture, min_score=0.1)
    assert len(found) == 4
    everything = detector("yunet", sessions).detect(picture, min_score=0.1)
    np.testing.assert_array_equal(found.scores, everything.scores[:4])


def test_what_is_not_finite_or_past_all_bounds_is_dropped() -> None:
    shape = {"cls": 1, "obj": 1, "bbox": 4, "kps": 10}
    outputs = {
        f"{name}_{stride}": np.zeros((1, (32 // stride) ** 2, width), np.float32)
        for name, width in shape.items()
        for stride in (8, 16, 32)
    }
    outputs["cls_8"][0, :5] = 1
    outputs["obj_8"][0, :5] = 1
    outputs["bbox_8"][0, 0] = np.nan
    outputs["bbox_8"][0, 1, 2] = 1000
    outputs["bbox_8"][0, 4, 2] = 60  # finite, but its area is not
    outputs["kps_8"][0, 2, 5] = np.inf
    found = decode_faces(outputs, spec=YUNET, width=32, min_score=0.5)
    assert len(found) == 1
    np.testing.assert_allclose(found.boxes[0], [20, -4, 28, 4])


def test_taking_no_candidates_keeps_the_shapes() -> None:
    some = Candidates(
        np.zeros((3, 4), np.float32), np.zeros((3, 5, 2), np.float32), np.ones(3, np.float32)
    )
    none = some.take(np.flatnonzero(some.scores > 2))
    assert (none.boxes.shape, none.landmarks.shape, len(none)) == ((0, 4), (0, 5, 2), 0)


class TestDisagreement:
    """How a device that is wrong about faces is told from one that is right."""

    @pytest.fixture
    def runner(self, sessions: SessionFactory) -> Network:
        return Network(scrfd(), layout=RGB, build=sessions.build_reference)

    def say(self, runner: Network, ours: list[Painted], theirs: list[Painted]) -> str:
        pictures = [paint(faces, height=64, width=64)[None] for faces in (ours, theirs)]
        outputs = [runner.run(picture) for picture in pictures]
        return disagreement(*outputs, pictures[0].shape, spec=SCRFD)

    def test_the_same_faces_agree(self, runner: Network) -> None:
        faces = [Painted(8, 2, 2), Painted(16, 3, 1, score=0.7)]
        assert self.say(runner, faces, faces) == ""
        assert self.say(runner, [], []) == ""

    def test_nothing_instead_of_something_is_told(self, runner: Network) -> None:
        assert "nothing" in self.say(runner, [], [Painted(8, 2, 2)])

    def test_a_face_more_or_less_is_told(self, runner: Network) -> None:
        one, two = [Painted(8, 2, 2)], [Painted(8, 2, 2), Painted(16, 3, 2)]
        assert "overlap" in self.say(runner, one, two)
        assert "overlap" in self.say(runner, two, one)
        assert "overlap" in self.say(runner, one, []) or self.say(runner, one, [])

    def test_a_face_that_moved_is_told(self, runner: Network) -> None:
        assert "0.9" in self.say(runner, [Painted(8, 2, 2, x=0.1)], [Painted(8, 2, 2)])

    def test_faces_that_are_hardly_faces_do_not_count(self, runner: Network) -> None:
        sure, unsure = Painted(8, 2, 2), Painted(16, 3, 2, score=0.49)
        assert self.say(runner, [sure], [sure, unsure]) == ""
        near = Painted(16, 3, 2, score=0.51)
        assert self.say(runner, [sure, near], [sure, unsure]) == ""
