"""Pipelines out of miniature packs: self-tested at every shape, on the CPU where need be."""

from __future__ import annotations

import dataclasses
import logging
from pathlib import Path

import cv2
import numpy as np
import pytest
from builders import recognizer, yunet
from facefolk_server.errors import ModelUnavailableError
from facefolk_server.vision.guard import GuardOptions
from facefolk_server.vision.loading import LoadOptions, load_pipeline
from facefolk_server.vision.selftest import reference_crop, reference_scene
from facefolk_server.vision.session import Outputs, Session, SessionFactory
from facefolk_server.vision.specs import DetectorSpec, EmbedderSpec, InputLayout, Pack

PACK = Pack(
    name="mini",
    digest="d" * 64,
    detector=DetectorSpec(
        "yunet", InputLayout(channel_order="bgr"), shapes=((64, 64), (64, 128))
    ),
    embedder=EmbedderSpec(InputLayout(), dimension=12),
    recommended_distance=0.5,
)
MODELS = (yunet(), recognizer())
WATCHED = LoadOptions(watch=True)


class Broken(SessionFactory):
    """A device whose sessions cannot be built, as where a driver is missing."""

    def build(self, model: bytes) -> Session:
        raise ModelUnavailableError("the model cannot be loaded on openvino:CPU: no driver")


class Lying(SessionFactory):
    """A device that gives nothing but zeros, as iGPUs are known to."""

    def build(self, model: bytes) -> Session:
        session = super().build(model)

        class Zeros:
            device = session.device

            def run(self, pixels: np.ndarray) -> dict[str, np.ndarray]:
                return {name: value * 0 for name, value in session.run(pixels).items()}

        return Zeros()


def test_a_sound_device_passes(sessions: SessionFactory) -> None:
    options = LoadOptions(watch=True, batch_sizes=(1, 4))
    pipeline = load_pipeline(PACK, *MODELS, sessions=sessions, options=options)
    names = [status.model for status in pipeline.devices()]
    assert names == ["detector", "recognizer"]
    for status in pipeline.devices():
        assert status.self_tested
        assert status.device == "openvino:CPU"
        assert status.quarantined == ""


def test_the_cpu_at_full_precision_needs_no_second_opinion(sessions: SessionFactory) -> None:
    pipeline = load_pipeline(PACK, *MODELS, sessions=sessions)
    assert not any(status.self_tested for status in pipeline.devices())
    reduced = SessionFactory(device="CPU", precision="bf16", streams=1)
    pipeline = load_pipeline(PACK, *MODELS, sessions=reduced)
    assert all(status.self_tested for status in pipeline.devices())


def test_a_pipeline_keeps_to_the_threads_that_call_it(sessions: SessionFactory) -> None:
    cv2.setNumThreads(4)
    load_pipeline(PACK, *MODELS, sessions=sessions)
    assert cv2.getNumThreads() == 1


class Counting(SessionFactory):
    """Tells how many pictures each run takes."""

    def __init__(self) -> None:
        super().__init__(device="CPU", provider="onnxruntime", streams=1)
        self.counts: list[int] = []

    def build(self, model: bytes) -> Session:
        session, counts = super().build(model), self.counts

        class Counted:
            device = session.device

            def run(self, pixels: np.ndarray) -> Outputs:
                counts.append(len(pixels))
                return session.run(pixels)

        return Counted()


@pytest.mark.parametrize(("quantized", "expected"), [(False, [1, 1, 1]), (True, [2, 1])])
def test_crops_go_two_by_two_in_8_bits_alone(quantized: bool, expected: list[int]) -> None:
    sessions = Counting()
    embedder = dataclasses.replace(PACK.embedder, quantized=quantized)
    pack = dataclasses.replace(PACK, embedder=embedder)
    pipeline = load_pipeline(pack, *MODELS, sessions=sessions)
    sessions.counts.clear()
    crop = cv2.imencode(".png", np.full((112, 112, 3), 90, np.uint8))[1].tobytes()
    assert len(pipeline.embed_crops([crop] * 3)) == 3
    assert sessions.counts == expected


def test_files_are_read_from_paths(sessions: SessionFactory, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("detector.onnx", "recognizer.onnx")]
    for path, model in zip(paths, MODELS, strict=True):
        path.write_bytes(model)
    load_pipeline(PACK, *paths, sessions=sessions)
    paths[1].write_bytes(b"something else")
    with pytest.raises(ModelUnavailableError, match="not ONNX"):
        load_pipeline(PACK, *paths, sessions=sessions)


@pytest.mark.parametrize("factory", [Broken, Lying])
def test_an_unsound_device_is_replaced_by_the_cpu(
    factory: type[SessionFactory], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        pipeline = load_pipeline(
            PACK, *MODELS, sessions=factory(device="CPU", streams=1), options=WATCHED
        )
    recognizer_status = pipeline.devices()[1]
    assert recognizer_status.device == "cpu"
    assert recognizer_status.quarantined
    assert any("goes on with the CPU" in record.getMessage() for record in caplog.records)
    if factory is Broken:
        assert [status.device for status in pipeline.devices()] == ["cpu", "cpu"]


@pytest.mark.parametrize("factory", [Broken, Lying])
def test_a_required_device_has_to_be_sound(factory: type[SessionFactory]) -> None:
    options = LoadOptions(guard=GuardOptions(require_device=True), watch=True)
    with pytest.raises(ModelUnavailableError, match="must run on openvino:CPU"):
        load_pipeline(PACK, *MODELS, sessions=factory(device="CPU", streams=1), options=options)


@pytest.mark.parametrize("shape", [(320, 320), (448, 640), (640, 480)])
def test_the_reference_scene_is_the_same_every_time(shape: tuple[int, int]) -> None:
    height, width = shape
    scene = reference_scene(height=height, width=width)
    assert scene.shape == (height, width, 3)
    assert scene.std() > 20
    np.testing.assert_array_equal(scene, reference_scene(height=height, width=width))


@pytest.mark.parametrize(
    "spec", [EmbedderSpec(InputLayout(), 12), EmbedderSpec(InputLayout(), 12, 150, "dlib")]
)
def test_the_reference_crop_is_a_crop_of_the_pack(spec: EmbedderSpec) -> None:
    crop = reference_crop(spec)
    assert crop.shape == (spec.crop_side, spec.crop_side, 3)
    assert crop.std() > 20
