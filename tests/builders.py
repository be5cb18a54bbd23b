"""Miniature ONNX networks whose answers are painted into the picture.

A detector looks at one pixel in each of its cells: what is painted there is the face it
finds. A recognizer gives the mean colors of the quarters of its crop. So a test that paints a
picture knows what has to come out, in every unit and to the last channel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
IR_VERSION = 8
STRIDES = (8, 16, 32)

# Where the five landmarks lie, in units that the decoders of each network give a meaning.
POINTS = np.array(
    [[-0.5, -0.5], [0.5, -0.5], [0.0, 0.0], [-0.25, 0.5], [0.25, 0.5]], np.float32
)
SIDE = 2.0
"""The sides of a painted face, in strides of the cell it is painted in."""
_SEEN = {4: 0, 8: 0, 16: 1, 32: 2}
"""Row and column of the pixel that is looked at, by stride, so that none is seen twice."""


@dataclass(frozen=True, slots=True)
class Painted:
    """A face in a cell: its score, and where in the cell it is, both 0..1."""

    stride: int
    column: int
    row: int
    score: float = 1.0
    x: float = 0.0
    y: float = 0.0

    @property
    def corner(self) -> np.ndarray:
        """The top left corner of the cell, in pixels of the input."""
        return np.array([self.column, self.row], np.float32) * self.stride


def paint(faces: Sequence[Painted], *, height: int, width: int) -> np.ndarray:
    """Return `(height, width, 3) uint8 RGB`: score in red, x in green, y in blue."""
    canvas = np.zeros((height, width, 3), np.uint8)
    for face in faces:
        x, y = (round(value) + _SEEN[face.stride] for value in face.corner)
        canvas[y, x] = [round(value * 255) for value in (face.score, face.x, face.y)]
    return canvas


class Graph:
    """Nodes and constants as they come; names are counted."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def node(self, kind: str, inputs: list[str], *, output: str = "", **options: object) -> str:
        name = output or f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **options))
        return name

    def constant(self, values: object, dtype: type = np.float32) -> str:
        name = f"constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values, dtype), name))
        return name

    def model(
        self,
        input_dims: Sequence[int | str],
        outputs: Sequence[tuple[str, Sequence[int | str | None]]],
        *,
        input_name: str = "input",
    ) -> bytes:
        graph = helper.make_graph(
            self.nodes,
            "miniature",
            [helper.make_tensor_value_info(input_name, TensorProto.FLOAT, input_dims)],
            [helper.make_tensor_value_info(*_declared(each)) for each in outputs],
            initializer=self.constants,
        )
        model = helper.make_model(
            graph, ir_version=IR_VERSION, opset_imports=[helper.make_opsetid("", OPSET)]
        )
        onnx.checker.check_model(model)
        return bytes(model.SerializeToString())


def _declared(output: tuple[str, Sequence[int | str | None]]) -> tuple[str, int, list[object]]:
    return output[0], TensorProto.FLOAT, list(output[1])


def _cells(
    graph: Graph, value: str, stride: int, weights: np.ndarray, biases: np.ndarray
) -> str:
    """Give `(batch, channels, rows, columns)` linear in the pixel seen of each cell.

    `weights` is `(channels, 3)`.
    """
    filters = np.zeros((len(weights), 3, stride, stride), np.float32)
    filters[:, :, _SEEN[stride], _SEEN[stride]] = weights
    return graph.node(
        "Conv",
        [value, graph.constant(filters), graph.constant(biases)],
        strides=[stride, stride],
        kernel_shape=[stride, stride],
    )


def _score(red: int) -> np.ndarray:
    """Weights of one channel that is the share of red."""
    weights = np.zeros((1, 3), np.float32)
    weights[0, red] = 1 / 255
    return weights


def yunet(
    *, size: tuple[int, int] = (64, 64), strides: Sequence[int] = STRIDES, objectness: float = 1
) -> bytes:
    """A detector with YuNet's outputs, batch and size fixed in its Reshapes; reads BGR.

    A face has its center `x` and `y` strides from the corner of its cell and sides of `SIDE`
    strides; its landmarks are `POINTS` from the corner. The score is the root of score times
    `objectness`.
    """
    graph, outputs = Graph(), []
    red, green, blue = 2, 1, 0
    for stride in strides:
        shares = np.zeros((4, 3), np.float32)
        shares[0, green] = shares[1, blue] = 1 / 255
        none = np.zeros((1, 3), np.float32)
        heads = {
            "cls": (_score(red), [0.0]),
            "obj": (none, [objectness]),
            "bbox": (shares, [0, 0, np.log(SIDE), np.log(SIDE)]),
            "kps": (np.zeros((10, 3), np.float32), POINTS.reshape(-1)),
        }
        for name, (weights, biases) in heads.items():
            maps = _cells(graph, "input", stride, weights, np.asarray(biases, np.float32))
            last = graph.node("Transpose", [maps], perm=[0, 2, 3, 1])
            target = graph.constant([1, -1, len(weights)], np.int64)
            graph.node("Reshape", [last, target], output=f"{name}_{stride}")
            cells = (size[0] // stride) * (size[1] // stride)
            outputs.append((f"{name}_{stride}", (1, cells, len(weights))))
    return graph.model((1, 3, *size), outputs)


def scrfd(*, strides: Sequence[int] = STRIDES, anchors: int = 2) -> bytes:
    """A detector with SCRFD's outputs, the batch folded into the anchors; reads RGB 0..255.

    Of a cell's anchors only the last has the score. Its box reaches `x` strides to the left,
    `y` to the top, and `SIDE` to the right and the bottom.
    """
    graph, outputs = Graph(), []
    red, green, blue = 0, 1, 2
    shares = np.zeros((4, 3), np.float32)
    shares[0, green] = shares[1, blue] = 1 / 255
    nothing = np.zeros((anchors - 1, 3), np.float32)
    score = np.concatenate((nothing, _score(red)))
    heads = [
        (score, np.zeros(anchors), 1),
        (np.tile(shares, (anchors, 1)), np.tile([0, 0, SIDE, SIDE], anchors), 4),
        (np.zeros((10 * anchors, 3)), np.tile(POINTS.reshape(-1), anchors), 10),
    ]
    for index, (weights, biases, width) in enumerate(heads):
        for stride in strides:
            maps = _cells(graph, "input", stride, weights, np.asarray(biases, np.float32))
            last = graph.node("Transpose", [maps], perm=[2, 3, 0, 1])
            name = f"{index}{stride}"
            target = graph.constant([-1, width], np.int64)
            graph.node("Reshape", [last, target], output=name)
            outputs.append((name, (None, width)))
    return graph.model((1, 3, "?", "?"), outputs)


def centerface() -> bytes:
    """A detector with CenterFace's outputs and its fixed shape of 10x3x32x32; reads RGB.

    A face has its center `x` and `y` strides of 4 from the middle of its cell and sides of
    `SIDE` strides; its landmarks are `POINTS` in units of its box, from its top left corner.
    """
    graph = Graph()
    red, green, blue = 0, 1, 2
    offsets = np.zeros((2, 3), np.float32)
    offsets[0, blue] = offsets[1, green] = 1 / 255
    heads = {
        "537": (_score(red), [0.0]),
        "538": (np.zeros((2, 3)), [np.log(SIDE)] * 2),
        "539": (offsets, [0.0, 0.0]),
        "540": (np.zeros((10, 3)), POINTS[:, ::-1].reshape(-1)),
    }
    for name, (weights, biases) in heads.items():
        maps = _cells(graph, "input", 4, weights, np.asarray(biases, np.float32))
        graph.node("Identity", [maps], output=name)
    outputs = [(name, (10, len(weights), 8, 8)) for name, (weights, _) in heads.items()]
    return graph.model((10, 3, 32, 32), outputs)


def recognizer(*, side: int = 112, constant: Sequence[float] | None = None) -> bytes:
    """A recognizer of 12 values, the mean of each channel in each quarter of the crop.

    The batch is fixed at 1 in its Reshape. With `constant` it gives that for any crop.
    """
    graph = Graph()
    half = side // 2
    if constant is None:
        filters = np.zeros((3, 3, half, half), np.float32)
        for channel in range(3):
            filters[channel, channel] = 1 / half**2
        kernels = [graph.constant(filters)]
        maps = graph.node("Conv", ["input", *kernels], strides=[half, half])
        length = 12
    else:
        length = len(constant)
        pooled = graph.node("GlobalAveragePool", ["input"])
        weights = graph.constant(np.zeros((length, 3, 1, 1)))
        maps = graph.node("Conv", [pooled, weights, graph.constant(constant)])
    target = graph.constant([1, length], np.int64)
    graph.node("Reshape", [maps, target], output="embedding")
    return graph.model((1, 3, side, side), [("embedding", (1, length))])


def quarters(crop: np.ndarray) -> np.ndarray:
    """Return what `recognizer` gives for a `(side, side, 3)` crop: by channel, then quarter."""
    half = crop.shape[0] // 2
    blocks = crop.astype(np.float64).reshape(2, half, 2, half, 3).mean(axis=(1, 3))
    return blocks.transpose(2, 0, 1).reshape(-1)
