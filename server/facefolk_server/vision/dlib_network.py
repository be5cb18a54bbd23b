"""Convert dlib's face recognition network to ONNX.

The topology is that of dlib's `dnn_face_recognition_ex.cpp` (a ResNet of 29 layers): a
convolution and a pooling, residual blocks of two convolutions, the global average, a dense
layer. A block whose first convolution has stride 2 halves the picture; its shortcut is an
average pooling.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from facefolk_server.errors import ModelUnavailableError
from facefolk_server.vision.dlib_format import (
    Convolution,
    DlibFormatError,
    FloatArray,
    Network,
    parse,
)

_OPSET = 17
_IR_VERSION = 8
Shape = tuple[int, int, int]


def convert(source: Path, target: Path) -> None:
    """Write the ONNX form of dlib's `.dat` file.

    Input `input` is `(batch, 3, side, side) float32`, RGB after mean and scale; output
    `embedding` is `(batch, d) float32`, not of unit length.

    Raises:
        ModelUnavailableError: the file is not such a network.
    """
    try:
        network = parse(source.read_bytes())
        model = build(network)
    except DlibFormatError as exc:
        raise ModelUnavailableError(
            f"{source.name} is not dlib's face recognition network: {exc}", file=source.name
        ) from exc
    target.write_bytes(model.SerializeToString(deterministic=True))


def build(network: Network) -> onnx.ModelProto:
    """Return the network as an ONNX model with a dynamic batch.

    Raises:
        DlibFormatError: the layers do not form residual blocks.
    """
    stem, *rest = network.convolutions
    if len(rest) % 2:
        raise DlibFormatError("a residual block has one convolution only")
    graph = _Graph()
    value, shape = graph.convolution("input", (3, network.side, network.side), stem)
    value = graph.node("Relu", [value])
    value, shape = graph.pool("MaxPool", value, shape, side=3)
    for first, second in zip(rest[::2], rest[1::2], strict=True):
        value, shape = _block(graph, value, shape, first, second)
    if shape[0] != network.dense.shape[0]:
        raise DlibFormatError("the dense layer does not fit the last block")
    value = graph.node("GlobalAveragePool", [value])
    value = graph.node("Flatten", [value])
    graph.node("MatMul", [value, graph.constant(network.dense)], output="embedding")
    return graph.model(network)


def _block(
    graph: _Graph, value: str, shape: Shape, first: Convolution, second: Convolution
) -> tuple[str, Shape]:
    inner, inner_shape = graph.convolution(value, shape, first)
    inner = graph.node("Relu", [inner])
    inner, inner_shape = graph.convolution(inner, inner_shape, second)
    if first.stride != (1, 1):
        value, shape = graph.pool("AveragePool", value, shape, side=2)
    # dlib adds tensors of different sizes as if zeros followed the smaller one.
    largest: Shape = (
        max(shape[0], inner_shape[0]),
        max(shape[1], inner_shape[1]),
        max(shape[2], inner_shape[2]),
    )
    padded = [graph.pad(inner, inner_shape, largest), graph.pad(value, shape, largest)]
    return graph.node("Relu", [graph.node("Add", padded)]), largest


class _Graph:
    """Nodes and constants as they come; names are counted."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def node(
        self, kind: str, inputs: list[str], *, output: str = "", **options: int | list[int]
    ) -> str:
        name = output or f"{kind.lower()}_{len(self._nodes)}"
        node = helper.make_node(kind, inputs, [name], name=name)
        node.attribute.extend(
            helper.make_attribute(key, value) for key, value in options.items()
        )
        self._nodes.append(node)
        return name

    def constant(self, values: FloatArray | np.ndarray[tuple[int], np.dtype[np.int64]]) -> str:
        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(values, name))
        return name

    def convolution(self, value: str, shape: Shape, layer: Convolution) -> tuple[str, Shape]:
        filters, biases = layer.folded()
        count, channels, *kernel = filters.shape
        if channels != shape[0]:
            raise DlibFormatError("a convolution does not fit what comes before it")
        sides = [
            (shape[axis + 1] + 2 * layer.padding[axis] - kernel[axis]) // layer.stride[axis] + 1
            for axis in range(2)
        ]
        if min(sides) < 1:
            raise DlibFormatError("a convolution is larger than its input")
        output = self.node(
            "Conv",
            [value, self.constant(filters), self.constant(biases)],
            kernel_shape=kernel,
            strides=list(layer.stride),
            pads=[*layer.padding, *layer.padding],
        )
        return output, (count, sides[0], sides[1])

    def pool(self, kind: str, value: str, shape: Shape, *, side: int) -> tuple[str, Shape]:
        """Pool with stride 2 and no padding."""
        rows, columns = ((length - side) // 2 + 1 for length in shape[1:])
        output = self.node(kind, [value], kernel_shape=[side, side], strides=[2, 2])
        return output, (shape[0], rows, columns)

    def pad(self, value: str, shape: Shape, target: Shape) -> str:
        """Put zeros at the end of each axis."""
        if shape == target:
            return value
        after = [to - now for now, to in zip(shape, target, strict=True)]
        return self.node("Pad", [value, self.constant(np.array([0] * 5 + after, np.int64))])

    def model(self, network: Network) -> onnx.ModelProto:
        side, dimension = network.side, network.dense.shape[1]
        graph = helper.make_graph(
            self._nodes,
            "dlib_face_recognition",
            [
                helper.make_tensor_value_info(
                    "input", TensorProto.FLOAT, ["batch", 3, side, side]
                )
            ],
            [
                helper.make_tensor_value_info(
                    "embedding", TensorProto.FLOAT, ["batch", dimension]
                )
            ],
            initializer=self._constants,
        )
        model = helper.make_model(
            graph,
            ir_version=_IR_VERSION,
            opset_imports=[helper.make_opsetid("", _OPSET)],
            producer_name="facefolk",
        )
        onnx.checker.check_model(model, full_check=True)
        return model
