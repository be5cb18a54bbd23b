"""Sessions run where they were asked to, or say why not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from builders import quarters, recognizer
from facefolk_server.errors import ModelUnavailableError
from facefolk_server.vision.session import (
    SessionFactory,
    available_devices,
    resolve_device,
)
from facefolk_server.vision.specs import InputLayout, StaticShape
from facefolk_server.vision.surgery import prepare


def prepared(model: bytes | None = None, side: int = 32) -> bytes:
    shape = StaticShape(1, side, side)
    return prepare(model or recognizer(side=side), layout=InputLayout(), shape=shape)


PIXELS = np.random.default_rng(0).integers(0, 256, (1, 32, 32, 3), np.uint8)


@pytest.mark.parametrize(
    ("wanted", "there", "used"),
    [
        ("AUTO", ("CPU",), "CPU"),
        ("AUTO", ("CPU", "GPU"), "GPU"),
        ("AUTO", ("CPU", "GPU.1", "GPU.0"), "GPU.0"),
        ("AUTO", ("CPU", "NPU"), "CPU"),
        ("AUTO", (), "CPU"),
        ("NPU", ("CPU", "NPU"), "NPU"),
        ("GPU", ("CPU",), "GPU"),
        ("CPU", ("CPU", "GPU"), "CPU"),
    ],
)
def test_auto_is_the_gpu_where_there_is_one(
    wanted: str, there: tuple[str, ...], used: str
) -> None:
    assert resolve_device(wanted, there) == used


def test_this_machine_has_a_cpu() -> None:
    assert "CPU" in available_devices()


def test_both_providers_give_what_the_network_means(sessions: SessionFactory) -> None:
    for build, device in (
        (sessions.build, "openvino:CPU"),
        (sessions.build_reference, "cpu"),
    ):
        session = build(prepared())
        assert session.device == device
        (embedding,) = session.run(PIXELS)["embedding"]
        np.testing.assert_allclose(embedding, quarters(PIXELS[0]), rtol=1e-4)


def test_the_runtime_itself_may_be_the_provider() -> None:
    factory = SessionFactory(device="CPU", provider="onnxruntime", streams=1)
    session = factory.build(prepared())
    assert session.device == factory.place == "cpu"
    (embedding,) = session.run(PIXELS)["embedding"]
    np.testing.assert_allclose(embedding, quarters(PIXELS[0]), rtol=1e-4)


@pytest.mark.parametrize("device", ["GPU", "NPU"])
def test_a_device_that_is_not_there_is_an_error(device: str) -> None:
    if device in {name.split(".")[0] for name in available_devices()}:
        pytest.skip(f"this machine has a {device}")
    factory = SessionFactory(device=device)
    with pytest.raises(ModelUnavailableError, match=f"openvino:{device}"):
        factory.build(prepared())
    assert factory.build_reference(prepared()).device == "cpu"


def test_a_precision_is_set_on_the_device() -> None:
    session = SessionFactory(device="CPU", precision="bf16").build(prepared())
    (embedding,) = session.run(PIXELS)["embedding"]
    np.testing.assert_allclose(embedding, quarters(PIXELS[0]), rtol=2e-2)


def test_compiled_networks_are_kept(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "compiled"
    SessionFactory(device="CPU", cache_dir=folder).build(prepared())
    kept = sorted(path.name for path in folder.rglob("*.blob"))
    assert kept
    SessionFactory(device="CPU", cache_dir=folder).build(prepared())
    assert sorted(path.name for path in folder.rglob("*.blob")) == kept


@pytest.mark.parametrize("model", [b"", b"no network", recognizer(side=32)[:99]])
def test_bytes_that_are_no_network_are_refused(model: bytes, sessions: SessionFactory) -> None:
    for build in (sessions.build, sessions.build_reference):
        with pytest.raises(ModelUnavailableError, match="cannot be loaded"):
            build(model)


def test_a_part_that_the_device_does_not_know_is_an_error(sessions: SessionFactory) -> None:
    """Not even for one node does the CPU provider step in behind our back."""
    model = onnx.load_from_string(recognizer(side=32))
    model.graph.node[0].domain, model.graph.node[0].op_type = "nobody", "NoSuchOperator"
    with pytest.raises(ModelUnavailableError, match="cannot be loaded on openvino:CPU"):
        sessions.build(prepared(model.SerializeToString()))


def test_an_input_of_another_shape_is_an_error_of_ours(sessions: SessionFactory) -> None:
    session = sessions.build_reference(prepared())
    with pytest.raises(ModelUnavailableError, match="the model failed on cpu") as caught:
        session.run(np.zeros((1, 16, 16, 3), np.uint8))
    assert "\n" not in caught.value.message
    assert caught.value.__cause__ is not None
