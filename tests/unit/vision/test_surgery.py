"""Graph surgery: pixels in at a static shape, any batch, the same arithmetic."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from builders import Graph, Painted, centerface, paint, quarters, recognizer, scrfd, yunet
from facefolk_server.errors import ModelUnavailableError
from facefolk_server.vision.network import Network
from facefolk_server.vision.session import Session, SessionFactory
from facefolk_server.vision.specs import InputLayout, StaticShape
from facefolk_server.vision.surgery import prepare
from onnx import helper, numpy_helper

RGB = InputLayout()
MODELS = {"yunet": yunet(), "scrfd": scrfd(), "centerface": centerface()}


def pictures(count: int, *, height: int = 96, width: int = 64) -> np.ndarray:
    """Each with its own faces."""
    random = np.random.default_rng(count)
    faces = [
        [
            Painted(stride, *random.integers(0, 64 // stride, 2), score=random.uniform(0.5, 1))
            for stride in (8, 16, 32)
            for _ in range(2)
        ]
        for _ in range(count)
    ]
    return np.stack([paint(each, height=height, width=width) for each in faces])


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("batch", [1, 2, 5])
def test_images_of_a_batch_do_not_mix(name: str, batch: int, sessions: SessionFactory) -> None:
    for build in (sessions.build, sessions.build_reference):
        network = Network(MODELS[name], layout=RGB, build=build)
        pixels = pictures(batch)
        together = network.run(pixels)
        for index, picture in enumerate(pixels):
            alone = network.run(picture[None])
            for output, values in together.items():
                assert values.shape == (batch, *alone[output].shape[1:])
                np.testing.assert_allclose(values[index], alone[output][0], atol=1e-5)


@pytest.mark.parametrize("name", MODELS)
def test_outputs_have_the_names_and_lengths_of_the_network(
    name: str, sessions: SessionFactory
) -> None:
    outputs = Network(MODELS[name], layout=RGB, build=sessions.build_reference).run(pictures(2))
    if name == "yunet":
        assert outputs["bbox_16"].shape == (2, 6 * 4, 4)
        assert list(outputs)[:4] == ["cls_8", "obj_8", "bbox_8", "kps_8"]
    elif name == "scrfd":
        assert [value.shape[1:] for value in outputs.values()][3:6] == [
            (2 * 12 * 8, 4),
            (2 * 6 * 4, 4),
            (2 * 3 * 2, 4),
        ]
    else:
        assert [value.shape for value in outputs.values()] == [
            (2, channels, 24, 16) for channels in (1, 2, 2, 10)
        ]


@pytest.mark.parametrize("batch", [1, 3])
def test_a_recognizer_takes_any_batch(batch: int, sessions: SessionFactory) -> None:
    crops = np.random.default_rng(1).integers(0, 256, (batch, 112, 112, 3), np.uint8)
    outputs = Network(recognizer(), layout=RGB, build=sessions.build).run(crops)
    expected = np.stack([quarters(crop) for crop in crops])
    np.testing.assert_allclose(outputs["embedding"], expected, rtol=1e-4)


@pytest.mark.parametrize("order", ["rgb", "bgr"])
def test_order_mean_and_deviation_are_those_of_the_network(
    order: str, sessions: SessionFactory
) -> None:
    """`mean` and `std` are in the network's order: for BGR the first is that of blue."""
    mean, std = np.array([10.0, 20.0, 30.0]), np.array([2.0, 4.0, 8.0])
    layout = InputLayout(channel_order=order, mean=tuple(mean), std=tuple(std))
    crops = np.random.default_rng(2).integers(0, 256, (2, 112, 112, 3), np.uint8)
    outputs = Network(recognizer(), layout=layout, build=sessions.build).run(crops)
    ordered = crops if order == "rgb" else crops[..., ::-1]
    expected = np.stack([quarters((crop - mean) / std) for crop in ordered])
    np.testing.assert_allclose(outputs["embedding"], expected, rtol=1e-4, atol=1e-3)


def test_the_order_goes_into_the_weights_where_it_can() -> None:
    shape = StaticShape(1, 112, 112)
    bgr = InputLayout(channel_order="bgr")
    folded = onnx.load_from_string(prepare(recognizer(), layout=bgr, shape=shape))
    assert "Gather" not in {node.op_type for node in folded.graph.node}
    # Four convolutions of each stride read the input, so no one of them can be changed.
    shared = onnx.load_from_string(prepare(yunet(), layout=bgr, shape=shape))
    assert "Gather" in {node.op_type for node in shared.graph.node}


def test_the_input_is_static_pixels() -> None:
    model = onnx.load_from_string(prepare(scrfd(), layout=RGB, shape=StaticShape(4, 64, 96)))
    (given,) = model.graph.input
    assert given.name == "pixels"
    assert given.type.tensor_type.elem_type == onnx.TensorProto.UINT8
    assert [dim.dim_value for dim in given.type.tensor_type.shape.dim] == [4, 64, 96, 3]


def test_weights_that_are_listed_as_inputs_are_no_inputs(sessions: SessionFactory) -> None:
    """As exporters did before the fourth version of the format."""
    model = onnx.load_from_string(recognizer())
    for weight in model.graph.initializer:
        model.graph.input.append(
            helper.make_tensor_value_info(weight.name, weight.data_type, weight.dims)
        )
    crop = np.random.default_rng(3).integers(0, 256, (1, 112, 112, 3), np.uint8)
    old = model.SerializeToString()
    outputs = Network(old, layout=RGB, build=sessions.build_reference).run(crop)
    np.testing.assert_allclose(outputs["embedding"][0], quarters(crop[0]), rtol=1e-4)


def test_constants_may_be_nodes(sessions: SessionFactory) -> None:
    model = onnx.load_from_string(recognizer())
    (target,) = [t for t in model.graph.initializer if list(t.dims) == [2]]
    model.graph.node.insert(0, helper.make_node("Constant", [], [target.name], value=target))
    model.graph.initializer.remove(target)
    crops = np.random.default_rng(4).integers(0, 256, (3, 112, 112, 3), np.uint8)
    network = Network(model.SerializeToString(), layout=RGB, build=sessions.build_reference)
    assert network.run(crops)["embedding"].shape == (3, 12)


def test_sizes_fixed_in_a_resize_become_scales(sessions: SessionFactory) -> None:
    """A file that was exported for 32x32 doubles its maps at any size."""
    graph = Graph()
    filters = np.eye(3, dtype=np.float32).reshape(3, 3, 1, 1)
    halves = graph.node("Conv", ["input", graph.constant(filters)], strides=[2, 2])
    sizes = graph.constant([1, 3, 32, 32], np.int64)
    graph.node(
        "Resize",
        [halves, "", "", sizes],
        output="doubled",
        mode="nearest",
        coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
    )
    model = graph.model((1, 3, 32, 32), [("doubled", (1, 3, 32, 32))])
    pixels = np.random.default_rng(5).integers(0, 256, (2, 64, 96, 3), np.uint8)
    for build in (sessions.build, sessions.build_reference):
        outputs = Network(model, layout=RGB, build=build).run(pixels)
        expected = pixels[:, ::2, ::2].repeat(2, axis=1).repeat(2, axis=2)
        np.testing.assert_array_equal(outputs["doubled"].transpose(0, 2, 3, 1), expected)


@pytest.mark.parametrize(
    ("model", "named"),
    [
        (b"", "no network"),
        (b"<html>not found</html>", "not ONNX"),
        (b"\x00" * 100, "not ONNX"),
        (recognizer()[:200], "not ONNX"),
    ],
)
def test_what_is_no_network_is_refused(model: bytes, named: str) -> None:
    with pytest.raises(ModelUnavailableError, match=named):
        prepare(model, layout=RGB, shape=StaticShape(1, 8, 8))


def test_a_network_without_an_image_input_is_refused() -> None:
    graph = Graph()
    graph.node("Relu", ["input"], output="out")
    flat = graph.model((1, 10), [("out", (1, 10))])
    with pytest.raises(ModelUnavailableError, match="batch, 3, height, width"):
        prepare(flat, layout=RGB, shape=StaticShape(1, 8, 8))
    graph = Graph()
    value = graph.constant(numpy_helper.to_array(numpy_helper.from_array(np.ones(3))))
    graph.node("Identity", [value], output="out")
    without = onnx.load_from_string(graph.model((1, 3, 8, 8), [("out", (3,))]))
    del without.graph.input[:]
    with pytest.raises(ModelUnavailableError, match="0 inputs"):
        prepare(without.SerializeToString(), layout=RGB, shape=StaticShape(1, 8, 8))


def test_a_session_is_built_once_for_each_shape(sessions: SessionFactory) -> None:
    built = []

    def build(model: bytes) -> Session:
        built.append(model)
        return sessions.build_reference(model)

    network = Network(recognizer(side=32), layout=RGB, build=build)
    for batch in (1, 2, 1, 2, 2):
        network.run(np.zeros((batch, 32, 32, 3), np.uint8))
    assert len(built) == 2


def test_a_model_file_that_went_away_is_named(tmp_path: Path, sessions: SessionFactory) -> None:
    path = tmp_path / "model.onnx"
    network = Network(path, layout=RGB, build=sessions.build_reference)
    with pytest.raises(ModelUnavailableError, match=r"model\.onnx cannot be read"):
        network.run(np.zeros((1, 32, 32, 3), np.uint8))
    path.write_bytes(recognizer(side=32))
    assert network.run(np.zeros((1, 32, 32, 3), np.uint8))
