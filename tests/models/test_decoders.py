"""The decoders on the real detectors, held to OpenCV, to plain loops and to each other."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from facefolk_server.vision.detectors.candidates import Candidates
from facefolk_server.vision.detectors.detector import NetworkDetector, decode_faces
from facefolk_server.vision.network import Network
from facefolk_server.vision.ops import letterbox, pairwise_iou, plan_letterbox
from facefolk_server.vision.packs import BUILTIN_PACKS
from facefolk_server.vision.session import Outputs, SessionFactory, UInt8Array
from facefolk_server.vision.specs import DetectorSpec
from models.conftest import Files

pytestmark = pytest.mark.models

_YUNET = BUILTIN_PACKS["open"].detector
_SCRFD = BUILTIN_PACKS["buffalo_sc"].detector
_TRAIN = (
    "raw.githubusercontent.com/ShiqiYu/libfacedetection.train/"
    "0047ac24afb1a50a0c6105001c89d1b5b805dbf1/onnx"
)
_SCRFD_FOLDER = (
    "raw.githubusercontent.com/yukkki7/FaceAnalysisApp/"
    "d4126572f7642f97f903cfab7ab73f67e99622db/models"
)
_YUNET_2023 = (
    "huggingface.co/opencv/face_detection_yunet/resolve/main/face_detection_yunet_2023mar.onnx"
)
FILES: dict[str, tuple[str, DetectorSpec]] = {
    "yunet_2023mar": (_YUNET_2023, _YUNET),
    "yunet_n_640": (f"{_TRAIN}/yunet_n_640_640.onnx", _YUNET),
    "yunet_n_320": (f"{_TRAIN}/yunet_n_320_320.onnx", _YUNET),
    "yunet_s_dynamic": (f"{_TRAIN}/yunet_s_dynamic.onnx", _YUNET),
    "det_500m": (f"{_SCRFD_FOLDER}/scrfd_500m.onnx", _SCRFD),
    "scrfd_500m_bnkps": (f"{_SCRFD_FOLDER}/scrfd_500m_bnkps.onnx", _SCRFD),
    "det_2.5g": (f"{_SCRFD_FOLDER}/scrfd_2.5g.onnx", _SCRFD),
}


@pytest.fixture(scope="session")
def previews(photos: Path) -> list[UInt8Array]:
    return [
        cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
        for path in sorted((photos / "preview").glob("*.jpg"))
    ]


@pytest.fixture(scope="session")
def network(
    hub: Path, pack_files: Files, sessions: SessionFactory
) -> Callable[[str], tuple[Network, DetectorSpec]]:
    def make(name: str) -> tuple[Network, DetectorSpec]:
        if name in FILES:
            place, spec = FILES[name]
            path = hub / place
        else:
            path, spec = pack_files(name).detector, BUILTIN_PACKS[name].detector
        return Network(path, layout=spec.layout, build=sessions.build_reference), spec

    return make


Networks = Callable[[str], tuple[Network, DetectorSpec]]


@pytest.fixture(scope="session")
def expected(network: Networks, previews: list[UInt8Array]) -> list[Candidates]:
    """What the detector of `open` finds."""
    runner, spec = network("open")
    detector = NetworkDetector(spec, network=runner)
    found = [detector.detect(image, min_score=0.7) for image in previews]
    assert [len(faces) for faces in found] == [3, 3, 3, 4, 5, 4]
    return found


@pytest.mark.parametrize("name", [*FILES, "dlib"])
def test_every_detector_sees_the_same_faces(
    network: Networks, previews: list[UInt8Array], expected: list[Candidates], name: str
) -> None:
    runner, spec = network(name)
    detector = NetworkDetector(spec, network=runner)
    all_distances = []
    for image, faces in zip(previews, expected, strict=True):
        found = detector.detect(image, min_score=0.7)
        assert len(found) == len(faces)
        overlaps = pairwise_iou(faces.boxes, found.boxes)
        same = overlaps.argmax(axis=1)
        assert len(set(same)) == len(faces)
        # Detectors differ in how much of forehead and chin belongs to a face.
        assert overlaps.max(axis=1).min() > 0.7
        distances = np.linalg.norm(found.landmarks[same] - faces.landmarks, axis=2)
        sides = np.sqrt((faces.boxes[:, 2:] - faces.boxes[:, :2]).prod(axis=1))
        all_distances.append(distances / sides[:, None])
    assert np.median(np.concatenate(all_distances)) < 0.05
    assert np.concatenate(all_distances).max() < 0.25


def test_yunet_is_decoded_as_opencv_does(
    network: Networks, previews: list[UInt8Array], hub: Path
) -> None:
    runner, spec = network("yunet_2023mar")
    oracle = cv2.FaceDetectorYN.create(
        str(hub / _YUNET_2023), "", (640, 640), score_threshold=0.5, nms_threshold=spec.nms_iou
    )
    for image in previews:
        pixels = np.zeros((1, 640, 640, 3), np.uint8)
        pixels[0, :360] = cv2.resize(image, (640, 360), interpolation=cv2.INTER_AREA)
        _, rows = oracle.detect(np.ascontiguousarray(pixels[0, :, :, ::-1]))
        found = decode_faces(runner.run(pixels), spec=spec, width=640, min_score=0.5)
        assert len(found) == len(rows) > 0
        rows = rows[np.argsort(-rows[:, 14], kind="stable")]
        np.testing.assert_allclose(found.boxes[:, :2], rows[:, :2], atol=0.05)
        np.testing.assert_allclose(found.boxes[:, 2:], rows[:, :2] + rows[:, 2:4], atol=0.05)
        points = rows[:, 4:14].reshape(-1, 5, 2)
        np.testing.assert_allclose(found.landmarks, points, atol=0.05)
        np.testing.assert_allclose(found.scores, rows[:, 14], atol=1e-3)


def _scrfd_by_loops(outputs: Outputs, width: int, min_score: float) -> list[list[float]]:
    """Score, box and landmarks of each anchor, as the authors' code walks over them."""
    values = list(outputs.values())
    rows = []
    for level, stride in enumerate((8, 16, 32)):
        scores, boxes, points = (values[kind * 3 + level][0] for kind in range(3))
        for anchor, (score,) in enumerate(scores):
            if score < min_score:
                continue
            y, x = divmod(anchor // 2, width // stride)
            x, y = x * stride, y * stride
            left, top, right, bottom = boxes[anchor] * stride
            offsets = points[anchor].reshape(5, 2) * stride
            spots = [value for dx, dy in offsets for value in (x + dx, y + dy)]
            rows.append([score, x - left, y - top, x + right, y + bottom, *spots])
    return rows


def _centerface_by_loops(outputs: Outputs, width: int, min_score: float) -> list[list[float]]:
    heat, size, offset, points = (value[0] for value in outputs.values())
    rows = []
    for y, x in np.argwhere(heat[0] >= min_score):
        height, breadth = (math.exp(size[axis, y, x]) * 4 for axis in range(2))
        top = (y + offset[0, y, x] + 0.5) * 4 - height / 2
        left = (x + offset[1, y, x] + 0.5) * 4 - breadth / 2
        spots = []
        for point in range(5):
            spots.append(left + points[2 * point + 1, y, x] * breadth)
            spots.append(top + points[2 * point, y, x] * height)
        rows.append([heat[0, y, x], left, top, left + breadth, top + height, *spots])
    return rows


@pytest.mark.parametrize(
    ("name", "by_loops"),
    [
        ("det_500m", _scrfd_by_loops),
        ("det_2.5g", _scrfd_by_loops),
        ("dlib", _centerface_by_loops),
    ],
)
def test_decoding_by_arrays_is_decoding_by_loops(
    network: Networks,
    previews: list[UInt8Array],
    name: str,
    by_loops: Callable[[Outputs, int, float], list[list[float]]],
) -> None:
    runner, spec = network(name)
    image = previews[4]
    plan = plan_letterbox(spec, width=image.shape[1], height=image.shape[0])
    outputs = runner.run(letterbox(image, plan, color=spec.letterbox_color))
    found = decode_faces(outputs, spec=spec, width=plan.width, min_score=0.5)
    rows = np.array(by_loops(outputs, plan.width, 0.5))
    assert len(rows) > len(found) > 0
    for index, score in enumerate(found.scores):
        (row,) = rows[rows[:, 0] == score]
        np.testing.assert_allclose(found.boxes[index], row[1:5], rtol=1e-5, atol=1e-3)
        np.testing.assert_allclose(
            found.landmarks[index].reshape(-1), row[5:], rtol=1e-5, atol=1e-3
        )
    assert found.scores[0] == rows[:, 0].max().astype(np.float32)
