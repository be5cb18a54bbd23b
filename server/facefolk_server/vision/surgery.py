"""Rewrites ONNX graphs so that they take uint8 pixels at one static shape.

The files of the packs differ in what they fix: a batch of 1 inside a Reshape constant
(MobileFaceNet, YuNet), the batch folded into the anchors (SCRFD), sizes inside a Resize, an
input of 10x3x32x32 (CenterFace). After `prepare` all look alike: one input `pixels`,
`(batch, height, width, 3) uint8 RGB`, with channel order, normalization and layout inside
the graph, and every output led by the batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper, shape_inference

from facefolk_server.errors import ModelUnavailableError
from facefolk_server.vision.specs import INPUT_NAME, InputLayout, StaticShape

_CHANNELS = 3
_Step = tuple[str, list[str], dict[str, Any]]


def prepare(model: bytes, *, layout: InputLayout, shape: StaticShape) -> bytes:
    """Return the model with a static uint8 `pixels` input of this shape.

    The arithmetic of the network is unchanged but for the order of the input channels, which
    goes into the weights of the first convolution where that alone reads the input.

    Raises:
        ModelUnavailableError: the file is not an ONNX model with one image input.
    """
    graph_model = _parse(model)
    graph = graph_model.graph
    declared = _image_input(graph)
    _sizes_to_scales(graph_model)
    _batch_first(graph, shape.batch)
    _forget_shapes(graph)
    _fold_input(graph, declared, layout, shape)
    return bytes(graph_model.SerializeToString())


def _parse(model: bytes) -> onnx.ModelProto:
    try:
        parsed = onnx.load_from_string(model)
    except Exception as exc:  # protobuf's own class, which is not to be named here
        raise ModelUnavailableError(
            "the model file is not ONNX; verify it and fetch it again"
        ) from exc
    if not parsed.graph.node:
        raise ModelUnavailableError("the model file holds no network; fetch it again")
    return parsed


def _image_input(graph: onnx.GraphProto) -> onnx.ValueInfoProto:
    """Return the one real input; old files list their weights as inputs too."""
    weights = {tensor.name for tensor in graph.initializer}
    inputs = [value for value in graph.input if value.name not in weights]
    if len(inputs) != 1 or len(inputs[0].type.tensor_type.shape.dim) != _CHANNELS + 1:
        raise ModelUnavailableError(
            f"the model has {len(inputs)} inputs; one of (batch, 3, height, width) is needed"
        )
    return inputs[0]


def _constants(graph: onnx.GraphProto) -> dict[str, NDArray[np.generic]]:
    """Return constants by name, from small initializers and from Constant nodes."""
    found = {t.name: numpy_helper.to_array(t) for t in graph.initializer if len(t.dims) <= 1}
    for node in graph.node:
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            found[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
    return found


def _add_constant(graph: onnx.GraphProto, name: str, value: NDArray[np.generic]) -> str:
    graph.initializer.append(numpy_helper.from_array(value, name))
    return name


def _sizes_to_scales(model: onnx.ModelProto) -> None:
    """Make fixed Resize sizes relative, from the shapes that the file itself declares."""
    graph = model.graph
    constants = _constants(graph)
    fixed = [
        node
        for node in graph.node
        if node.op_type == "Resize" and len(node.input) > 3 and node.input[3] in constants
    ]
    if not fixed:
        return
    inferred = shape_inference.infer_shapes(model).graph
    dims = {
        value.name: [dim.dim_value for dim in value.type.tensor_type.shape.dim]
        for value in (*inferred.value_info, *inferred.input, *inferred.output)
    }
    for node in fixed:
        sizes = constants[node.input[3]].astype(np.float64)
        scales = np.asarray(sizes / np.asarray(dims[node.input[0]]), np.float32)
        node.input[2] = _add_constant(graph, f"{node.output[0]}:scales", scales)
        del node.input[3:]


def _batch_first(graph: onnx.GraphProto, batch: int) -> None:
    """Keep the images of a batch apart where a Reshape constant would run them together."""
    constants = _constants(graph)
    makers = {name: node for node in graph.node for name in node.output}
    for node in graph.node:
        if node.op_type != "Reshape" or node.input[1] not in constants:
            continue
        target = constants[node.input[1]].astype(np.int64).reshape(-1)
        maker = makers.get(node.input[0])
        if _anchors_before_batch(maker) and maker is not None and target[0] == -1:
            maker.attribute[0].ints[:] = [0, 2, 3, 1]
            target = np.array([batch, *target], np.int64)
        elif len(target) > 1 and target[0] == 1:
            target = np.array([batch, *target[1:]], np.int64)
        else:
            continue
        node.input[1] = _add_constant(graph, f"{node.output[0]}:shape", target)


def _anchors_before_batch(node: onnx.NodeProto | None) -> bool:
    """Tell whether this is SCRFD's Transpose to (height, width, batch, channels)."""
    return (
        node is not None
        and node.op_type == "Transpose"
        and list(helper.get_node_attr_value(node, "perm")) == [2, 3, 0, 1]
    )


def _forget_shapes(graph: onnx.GraphProto) -> None:
    """Drop declared shapes, which no longer hold, and weights declared as inputs."""
    del graph.value_info[:]
    del graph.input[:]
    for value in graph.output:
        value.type.tensor_type.ClearField("shape")


def _fold_input(
    graph: onnx.GraphProto,
    declared: onnx.ValueInfoProto,
    layout: InputLayout,
    shape: StaticShape,
) -> None:
    """Put the way from uint8 pixels to the network's own input in front of the graph."""
    flip = layout.channel_order == "bgr"
    flip_in_weights = flip and _flip_first_convolution(graph, declared.name)
    mean = np.array(layout.mean, np.float32)
    std = np.array(layout.std, np.float32)
    if flip:
        mean, std = mean[::-1], std[::-1]
    steps: list[_Step] = [
        ("Cast", [], {"to": onnx.TensorProto.FLOAT}),
        ("Transpose", [], {"perm": [0, 3, 1, 2]}),
    ]
    if mean.any():
        name = _add_constant(graph, "pixels:mean", mean.reshape(1, _CHANNELS, 1, 1).copy())
        steps.append(("Sub", [name], {}))
    if (std != 1).any():
        name = _add_constant(graph, "pixels:std", std.reshape(1, _CHANNELS, 1, 1).copy())
        steps.append(("Div", [name], {}))
    if flip and not flip_in_weights:
        name = _add_constant(graph, "pixels:order", np.array([2, 1, 0], np.int64))
        steps.append(("Gather", [name], {"axis": 1}))
    _insert_first(graph, steps, declared.name)
    dims = [shape.batch, shape.height, shape.width, _CHANNELS]
    graph.input.append(helper.make_tensor_value_info(INPUT_NAME, onnx.TensorProto.UINT8, dims))


def _flip_first_convolution(graph: onnx.GraphProto, input_name: str) -> bool:
    """Swap red and blue in the weights of the convolution that alone reads the input."""
    readers = [node for node in graph.node if input_name in node.input]
    if len(readers) != 1 or readers[0].op_type != "Conv":
        return False
    weights = [t for t in graph.initializer if t.name == readers[0].input[1]]
    if not weights or weights[0].dims[1] != _CHANNELS:
        return False
    flipped = numpy_helper.to_array(weights[0])[:, ::-1].copy()
    readers[0].input[1] = _add_constant(graph, f"{weights[0].name}:flipped", flipped)
    return True


def _insert_first(
    graph: onnx.GraphProto,
    steps: Sequence[_Step],
    output_name: str,
) -> None:
    current = INPUT_NAME
    nodes = []
    for index, (op_type, extra, attributes) in enumerate(steps):
        last = index == len(steps) - 1
        result = output_name if last else f"pixels:{index}"
        nodes.append(helper.make_node(op_type, [current, *extra], [result], **attributes))
        current = result
    for node in reversed(nodes):
        graph.node.insert(0, node)
