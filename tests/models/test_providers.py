"""The OpenVINO provider and ONNX Runtime's own CPU provider say the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from conftest import Label
from facefolk_server.vision.detectors.detector import NetworkDetector
from facefolk_server.vision.embedders.embedder import NetworkEmbedder
from facefolk_server.vision.images import ImageLimits, decode
from facefolk_server.vision.loading import LoadOptions, load_pipeline
from facefolk_server.vision.network import Network
from facefolk_server.vision.ops import align, template
from facefolk_server.vision.packs import BUILTIN_PACKS
from facefolk_server.vision.selftest import reference_scene
from facefolk_server.vision.session import SessionFactory
from models.conftest import Files

pytestmark = pytest.mark.models


def few(labels: tuple[Label, ...], photos: Path, *, share: int = 3) -> list[Path]:
    """Photographs of every kind."""
    wanted = {"preview": 1, "bbt": 3 * share, "orl": 25 * share, "lfw": 60 * share}
    paths = [label.path for label in labels]
    return [
        path
        for name, step in wanted.items()
        for path in [path for path in paths if path.is_relative_to(photos / name)][::step]
    ]


def some(labels: tuple[Label, ...], photos: Path) -> list[Path]:
    """Three times as many."""
    return few(labels, photos, share=1)


def every(labels: tuple[Label, ...], photos: Path) -> list[Path]:
    """All photographs with labels; beside them there is a film."""
    return [label.path for label in labels if label.path.suffix != ".mp4"]


@pytest.mark.parametrize(
    ("name", "chosen", "least"),
    [
        ("open", few, 25),
        ("dlib", few, 25),
        pytest.param("dlib", some, 75, marks=pytest.mark.slow),
        pytest.param("open", every, 2000, marks=pytest.mark.slow),
        pytest.param("dlib", every, 2000, marks=pytest.mark.nightly),
    ],
)
def test_the_providers_agree(
    name: str,
    chosen: Callable[[tuple[Label, ...], Path], list[Path]],
    least: int,
    pack_files: Files,
    sessions: SessionFactory,
    labels: tuple[Label, ...],
    photos: Path,
) -> None:
    files, pack = pack_files(name), BUILTIN_PACKS[name].pack()
    builds = (sessions.build, sessions.build_reference)
    ours, theirs = (
        (
            NetworkDetector(
                pack.detector,
                network=Network(files.detector, layout=pack.detector.layout, build=build),
            ),
            NetworkEmbedder(
                pack.embedder,
                network=Network(files.embedder, layout=pack.embedder.layout, build=build),
            ),
        )
        for build in builds
    )
    side = pack.embedder.crop_side
    places = template(pack.embedder.alignment, side=side)
    faces = 0
    for path in chosen(labels, photos):
        image = decode(path.read_bytes(), ImageLimits()).pixels
        found, expected = (each[0].detect(image, min_score=0.7) for each in (ours, theirs))
        assert len(found) == len(expected)
        np.testing.assert_allclose(found.boxes, expected.boxes, atol=1.0)
        np.testing.assert_allclose(found.landmarks, expected.landmarks, atol=1.0)
        crops = align(image, expected.landmarks, places=places, side=side)
        # Each provider embeds the crops of its own landmarks, as it would alone.
        own_crops = align(image, found.landmarks, places=places, side=side)
        for each in (crops, own_crops):
            cosines = (ours[1].embed(each) * theirs[1].embed(crops)).sum(axis=1)
            assert cosines.min(initial=1.0) >= 0.9999
        faces += len(found)
    assert faces > least


def test_a_watched_device_passes_its_self_test_on_the_real_models(
    pack_files: Files, sessions: SessionFactory
) -> None:
    files = pack_files("open")
    pipeline = load_pipeline(
        BUILTIN_PACKS["open"].pack(),
        files.detector,
        files.embedder,
        sessions=sessions,
        options=LoadOptions(watch=True),
    )
    for status in pipeline.devices():
        assert status.self_tested
        assert status.quarantined == ""
        assert status.device == "openvino:CPU"


@pytest.mark.parametrize("name", ["open", "dlib"])
def test_the_reference_scene_has_faces_for_the_detectors(
    name: str, pack_files: Files, sessions: SessionFactory
) -> None:
    spec = BUILTIN_PACKS[name].detector
    network = Network(
        pack_files(name).detector, layout=spec.layout, build=sessions.build_reference
    )
    detector = NetworkDetector(spec, network=network)
    for height, width in spec.shapes:
        scene = reference_scene(height=height, width=width)
        assert len(detector.detect(scene, min_score=0.5)) == 2
