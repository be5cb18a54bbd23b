"""Evens out the channels of a network's linear tensors, so that 8 bits suffice for them.

What a convolution without activation gives, and sums of such, may be scaled channel by
channel, if whoever reads it is a convolution too: one's weights take the factors, the
other's their inverse, and the network computes what it did (Nagel et al., "Data-Free
Quantization Through Weight Equalization and Bias Correction", 2019). One scale then serves
all channels of the tensor, as 8-bit tensors have it. Residual networks whose blocks end in
linear convolutions, such as MobileFaceNet, carry most of what they know in such tensors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

FloatArray = NDArray[np.float32]
Peaks = Callable[[bytes, Sequence[str]], Mapping[str, FloatArray]]
"""Runs a model and returns, by tensor, `(channels,)` largest absolute values."""

_LEAST_SHARE = 0.02
"""A channel that stays below this share of the largest one is scaled as if it reached it."""


def equalize(model: bytes, *, peaks: Peaks) -> bytes:
    """Return the same network with linear tensors whose channels reach equally far."""
    parsed = onnx.load_from_string(model)
    network = _Network(parsed.graph)
    groups = network.linear_groups()
    observed = peaks(_with_outputs(model, groups), [name for group in groups for name in group])
    for group in groups:
        top = np.max([observed[name] for name in group], axis=0)
        if top.max() > 0:
            network.scale(group, top.max() / np.maximum(top, top.max() * _LEAST_SHARE))
    return bytes(parsed.SerializeToString())


def _with_outputs(model: bytes, groups: Sequence[Sequence[str]]) -> bytes:
    parsed = onnx.load_from_string(model)
    for name in (name for group in groups for name in group):
        value = helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None)
        parsed.graph.output.append(value)
    return bytes(parsed.SerializeToString())


class _Network:
    def __init__(self, graph: onnx.GraphProto) -> None:
        self._graph = graph
        self._makers = {name: node for node in graph.node for name in node.output}
        self._readers: dict[str, list[onnx.NodeProto]] = {}
        for node in graph.node:
            for name in node.input:
                self._readers.setdefault(name, []).append(node)
        self._weights = {tensor.name: tensor for tensor in graph.initializer}
        self._weights.update(
            (node.output[0], node.attribute[0].t)
            for node in graph.node
            if node.op_type == "Constant" and node.attribute[0].name == "value"
        )

    def linear_groups(self) -> list[list[str]]:
        """Return sets of tensors that sums tie together and that can be scaled."""
        groups: dict[str, set[str]] = {}
        for node in self._graph.node:
            if node.op_type not in ("Conv", "Add"):
                continue
            tied = {*node.output, *(node.input if node.op_type == "Add" else ())}
            for name in list(tied):
                tied |= groups.get(name, set())
            groups.update(dict.fromkeys(tied, tied))
        distinct = {id(group): sorted(group) for group in groups.values()}
        return [group for group in distinct.values() if self._can_be_scaled(group)]

    def scale(self, group: Sequence[str], factors: FloatArray) -> None:
        """Multiply the channels of the tensors of a group."""
        columns = factors.reshape(-1, 1, 1, 1)
        for node in self._made(group):
            self._multiply(node.input[1], columns)
            self._multiply(node.input[2], factors)
        for node in self._read(group):
            across = columns if self._is_depthwise(node) else factors.reshape(1, -1, 1, 1)
            self._multiply(node.input[1], np.reciprocal(across))

    def _can_be_scaled(self, group: Sequence[str]) -> bool:
        outputs = {value.name for value in self._graph.output}
        made, read = self._made(group), self._read(group)
        return (
            not outputs & set(group)
            and bool(read)
            and all(node.op_type == "Conv" and len(node.input) == 3 for node in made)
            and all(node.op_type == "Conv" for node in read)
            and all(self._grouping(node) == 1 or self._is_depthwise(node) for node in read)
            and len({name for node in (*made, *read) for name in node.input[1:2]})
            == len(made) + len(read)
        )

    def _made(self, group: Sequence[str]) -> list[onnx.NodeProto]:
        makers = [self._makers.get(name, onnx.NodeProto()) for name in group]
        return [node for node in makers if node.op_type != "Add"]

    def _read(self, group: Sequence[str]) -> list[onnx.NodeProto]:
        readers = [node for name in group for node in self._readers.get(name, [])]
        return [node for node in readers if node.op_type != "Add"]

    def _is_depthwise(self, node: onnx.NodeProto) -> bool:
        return self._grouping(node) == self._weights[node.input[1]].dims[0]

    def _grouping(self, node: onnx.NodeProto) -> int:
        found = [a.i for a in node.attribute if a.name == "group"]
        return int(found[0]) if found else 1

    def _multiply(self, name: str, factors: FloatArray) -> None:
        values = numpy_helper.to_array(self._weights[name]) * factors
        changed = numpy_helper.from_array(np.ascontiguousarray(values, np.float32), name)
        self._weights[name].CopyFrom(changed)
