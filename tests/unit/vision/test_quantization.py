"""8-bit recognizers: evened out without a change, quantized, judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import onnx
import pytest
from facefolk_server.errors import ModelUnavailableError
from facefolk_server.vision.embedders.embedder import NetworkEmbedder
from facefolk_server.vision.equalizing import equalize
from facefolk_server.vision.network import Network
from facefolk_server.vision.quantization import MIN_FACES, Quantized, quantize
from facefolk_server.vision.session import SessionFactory
from facefolk_server.vision.specs import EmbedderSpec, InputLayout, StaticShape
from onnx import TensorProto, helper, numpy_helper

SIDE, WIDTH, BLOCKS = 16, 8, 6
SPEC = EmbedderSpec(
    InputLayout(mean=(127.5,) * 3, std=(127.5,) * 3), dimension=WIDTH, crop_side=SIDE
)
CROPS = np.random.default_rng(5).integers(0, 256, (36, SIDE, SIDE, 3), np.uint8)


def residual() -> bytes:
    """A small network of inverted residual blocks, as MobileFaceNet is a large one.

    What its blocks add up has channels of very different sizes.
    """
    random = np.random.default_rng(4)
    nodes, weights = [], []

    def constant(values: np.ndarray) -> str:
        weights.append(numpy_helper.from_array(values.astype(np.float32), f"w{len(weights)}"))
        return weights[-1].name

    def convolution(source: str, target: str, shape: tuple[int, ...], **how: object) -> None:
        spread = (2 / np.prod(shape[1:])) ** 0.5
        sizes = how.pop("sizes", np.ones(shape[0]))
        kernel = random.normal(0, spread, shape) * np.reshape(sizes, (-1, 1, 1, 1))
        bias = random.normal(0, 0.1, shape[0]) * sizes
        inputs = [source, constant(kernel), constant(bias)]
        nodes.append(helper.make_node("Conv", inputs, [target], name=target, **how))

    def capped(source: str, target: str) -> None:
        inputs = [source, constant(np.array(0)), constant(np.array(6))]
        nodes.append(helper.make_node("Clip", inputs, [target], name=target))

    sizes = np.geomspace(0.2, 5, WIDTH)
    convolution("image", "stem", (WIDTH, 3, 3, 3), pads=[1] * 4, strides=[2, 2])
    capped("stem", "stem6")
    convolution("stem6", "x0", (WIDTH, WIDTH, 1, 1), sizes=sizes)
    for block in range(BLOCKS):
        name = f"b{block}"
        convolution(f"x{block}", f"{name}wide", (2 * WIDTH, WIDTH, 1, 1))
        capped(f"{name}wide", f"{name}wide6")
        deep = (2 * WIDTH, 1, 3, 3)
        convolution(f"{name}wide6", f"{name}deep", deep, pads=[1] * 4, group=2 * WIDTH)
        capped(f"{name}deep", f"{name}deep6")
        convolution(f"{name}deep6", f"{name}out", (WIDTH, 2 * WIDTH, 1, 1), sizes=sizes / 2)
        inputs, total = [f"x{block}", f"{name}out"], f"x{block + 1}"
        nodes.append(helper.make_node("Add", inputs, [total], name=total))
    convolution(f"x{BLOCKS}", "head", (WIDTH, WIDTH, 1, 1))
    nodes.append(helper.make_node("GlobalAveragePool", ["head"], ["embedding"], name="mean"))
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, SIDE, SIDE])
    out = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [1, WIDTH, 1, 1])
    graph = helper.make_graph(nodes, "residual", [image], [out], initializer=weights)
    opset = [helper.make_opsetid("", 17)]
    return bytes(
        helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()
    )


@pytest.fixture(scope="module")
def own() -> SessionFactory:
    return SessionFactory(device="CPU", provider="onnxruntime", streams=1)


def embedded(model: bytes, sessions: SessionFactory) -> np.ndarray:
    network = Network(model, layout=SPEC.layout, build=sessions.build)
    return NetworkEmbedder(SPEC, network=network).embed(CROPS)


class Observer:
    """Looks at tensors, and remembers what it saw."""

    def __init__(self, sessions: SessionFactory) -> None:
        self._sessions = sessions
        self.seen: Mapping[str, np.ndarray] = {}

    def __call__(self, model: bytes, names: Sequence[str]) -> Mapping[str, np.ndarray]:
        network = Network(model, layout=SPEC.layout, build=self._sessions.build)
        session = network.session(StaticShape(1, SIDE, SIDE))
        runs = [session.run(crop[None]) for crop in CROPS]
        self.seen = {
            name: np.max([np.abs(run[name]).max(axis=(0, 2, 3)) for run in runs], axis=0)
            for name in names
        }
        return self.seen


def test_evening_out_changes_nothing_that_comes_out(own: SessionFactory) -> None:
    before, after = Observer(own), Observer(own)
    even = equalize(residual(), peaks=before)
    np.testing.assert_allclose(
        embedded(even, own), embedded(residual(), own), rtol=0, atol=1e-5
    )
    equalize(even, peaks=after)
    assert set(before.seen) == set(after.seen)
    assert {f"x{block}" for block in range(BLOCKS + 1)} <= set(before.seen)
    assert "b0wide" not in before.seen  # what a cap comes after must not be scaled

    def spread(seen: Mapping[str, np.ndarray]) -> float:
        sums = np.max([seen[f"x{block}"] for block in range(BLOCKS + 1)], axis=0)
        return float(sums.max() / sums.min())

    assert spread(before.seen) > 5
    assert spread(after.seen) == pytest.approx(1, rel=1e-3)


def test_a_quantized_network_says_about_the_same(own: SessionFactory) -> None:
    small = quantize(residual(), CROPS, spec=SPEC, build=own.build)
    kinds = {node.op_type for node in onnx.load_from_string(small.model).graph.node}
    assert {"QuantizeLinear", "DequantizeLinear"} <= kinds
    assert len(small.cosines) == 12
    cosines = (embedded(small.model, own) * embedded(residual(), own)).sum(axis=1)
    np.testing.assert_allclose(cosines[::3], small.cosines, atol=1e-6)
    assert cosines.min() > 0.9
    assert cosines.max() < 1 - 1e-6


def test_no_weights_are_left_for_the_runtime_to_quantize(own: SessionFactory) -> None:
    small = quantize(residual(), CROPS, spec=SPEC, build=own.build)
    graph = onnx.load_from_string(small.model).graph
    makers = {node.output[0]: node for node in graph.node}
    readers = {name: node for node in graph.node for name in node.input}
    scales = {tensor.name: list(tensor.dims) for tensor in graph.initializer}
    depthwise = []
    for node in graph.node:
        after = readers.get(node.output[0], node)
        after = readers[after.output[0]] if after.op_type == "Clip" else after
        if after.op_type == "QuantizeLinear" and node.op_type == "Conv" and node.name != "x0":
            channels = WIDTH if node.name.endswith("out") else 2 * WIDTH
            assert scales[makers[node.input[1]].input[1]] == [channels]
            depthwise += [node.name] if "deep" in node.name else []
    assert depthwise == [f"b{block}deep" for block in range(BLOCKS)]


def test_faces_enough_are_needed(own: SessionFactory) -> None:
    with pytest.raises(ModelUnavailableError, match=f"{MIN_FACES} faces or more; here are 19"):
        quantize(residual(), CROPS[: MIN_FACES - 1], spec=SPEC, build=own.build)


@pytest.mark.parametrize(
    ("low", "good"), [(0, True), (1, True), (2, False), (20, False)], ids=str
)
def test_one_poor_face_in_twenty_is_borne(low: int, good: bool) -> None:
    cosines = np.array([0.97] * low + [0.99] * (20 - low), np.float32)
    small = Quantized(b"", cosines)
    assert small.is_good is good
    assert "on 20 faces" in str(small)
