"""Recognize the files of an Immich model cache, also one that Immich has rewritten.

Immich keeps a pack as `<name>/detection/model.onnx` and `<name>/recognition/model.onnx`, the
published files at first. When it embeds faces in batches it names the recognizer's first axis
"batch" and writes the file anew. Naming the axis as it was gives the published bytes again,
which the checksum proves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import onnx

from facefolk_server.vision.downloads.sources import ModelFile
from facefolk_server.vision.packs.entry import PackEntry

# The ways in which exporters write a batch of one or of any size, likely ones first.
_BATCH_AXES: tuple[int | str, ...] = ("None", 1, "batch_size", "N", "?", "b", 0)


def expected_file(path: Path, entries: Iterable[PackEntry]) -> ModelFile | None:
    """Return the file that belongs at such a path in an Immich cache."""
    if path.name != "model.onnx":
        return None
    for entry in entries:
        if entry.name == path.parent.parent.name:
            return {"detection": entry.detector_file, "recognition": entry.embedder_file}.get(
                path.parent.name
            )
    return None


def with_published_batch_axis(data: bytes, sha256: str) -> bytes | None:
    """Return the model with the batch axis it was published with, if that can be found."""
    try:
        model = onnx.load_from_string(data)
    except Exception:  # protobuf's own error, whose module is not for this layer
        return None
    if not model.graph.input or not model.graph.output:
        return None
    values = (model.graph.input[0], model.graph.output[0])
    shapes = [value.type.tensor_type.shape for value in values]
    if not all(shape.dim for shape in shapes):
        return None
    for input_axis in _BATCH_AXES:
        _name(shapes[0].dim[0], input_axis)
        for output_axis in _BATCH_AXES:
            _name(shapes[1].dim[0], output_axis)
            candidate = model.SerializeToString()
            if hashlib.sha256(candidate).hexdigest() == sha256:
                return candidate
    return None


def _name(axis: onnx.TensorShapeProto.Dimension, name: int | str) -> None:
    if isinstance(name, int):
        axis.dim_value = name
    else:
        axis.dim_param = name
