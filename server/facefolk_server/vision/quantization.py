"""Makes an 8-bit recognizer out of a float one, from faces at hand, and judges it.

Static quantization with ONNX Runtime's own tool, which works on files and is no session. The
first and last convolutions stay as they are: they take little time, and their errors are the
largest. The depthwise ones between do not: of a convolution between two tensors of 8 bits the
runtime quantizes the weights when it loads the file, all channels by one scale, where the tool
gives each channel its own.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray

from facefolk_server.errors import ModelUnavailableError
from facefolk_server.vision.embedders.embedder import NetworkEmbedder
from facefolk_server.vision.equalizing import equalize
from facefolk_server.vision.network import Build, ModelFile, Network
from facefolk_server.vision.specs import EmbedderSpec, StaticShape

FloatArray = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]

MIN_FACES = 20
MIN_COSINE = 0.98
MIN_SHARE = 0.95
"""That many faces that were not calibrated on need a cosine of `MIN_COSINE`. On two thirds of
the sample album calibrated, and judged on `lfw`, 99 of 100 have it (docs/performance.md)."""
_JUDGED = 3
"""One face in so many is kept back to judge by."""
_FIRST_KEPT, _LAST_KEPT = 2, 2
"""Up to which convolution, and from which one on, all stays in float. The last ones are counted
without the depthwise ones."""


@dataclass(frozen=True, slots=True, eq=False)
class Quantized:
    """An 8-bit model, and how near its embeddings are to the float model's.

    `cosines` `(n,)` are those of the faces it was judged by.
    """

    model: bytes
    cosines: FloatArray

    @property
    def is_good(self) -> bool:
        """Whether it may stand for the float model."""
        return float((self.cosines >= MIN_COSINE).mean()) >= MIN_SHARE

    def __str__(self) -> str:
        cosines = self.cosines
        return (
            f"cosine to the float model {np.median(cosines):.4f} in the middle, "
            f"{cosines.min():.4f} at worst, on {len(cosines)} faces"
        )


def quantize(model: bytes, crops: UInt8Array, *, spec: EmbedderSpec, build: Build) -> Quantized:
    """Return an 8-bit form of a recognizer, calibrated on some crops and judged by others.

    `crops` are `(n, side, side, 3) uint8 RGB`; `build` makes sessions for either form.

    Raises:
        ModelUnavailableError: there are too few faces, or a form cannot be run.
    """
    if len(crops) < MIN_FACES:
        raise ModelUnavailableError(
            f"an 8-bit recognizer is made from {MIN_FACES} faces or more; here are {len(crops)}"
        )
    judged = np.arange(len(crops)) % _JUDGED == 0
    calibrated = np.concatenate((crops[~judged], crops[~judged][:, :, ::-1]))

    def peaks(observed: bytes, tensors: Sequence[str]) -> Mapping[str, FloatArray]:
        session = Network(observed, layout=spec.layout, build=build).session(_shape(spec))
        found: dict[str, FloatArray] = {}
        for crop in calibrated:
            outputs = session.run(np.ascontiguousarray(crop[None]))
            for name in tensors:
                peak = np.abs(outputs[name]).max(axis=(0, 2, 3))
                found[name] = np.maximum(found.get(name, peak), peak)
        return found

    small = _static(equalize(model, peaks=peaks), calibrated, spec=spec)
    ours, theirs = (_embedded(each, crops[judged], spec, build) for each in (small, model))
    return Quantized(small, np.asarray((ours * theirs).sum(axis=1), np.float32))


def _embedded(
    model: ModelFile, crops: UInt8Array, spec: EmbedderSpec, build: Build
) -> FloatArray:
    network = Network(model, layout=spec.layout, build=build)
    return NetworkEmbedder(spec, network=network).embed(crops)


def _shape(spec: EmbedderSpec) -> StaticShape:
    return StaticShape(1, spec.crop_side, spec.crop_side)


def _static(model: bytes, crops: UInt8Array, *, spec: EmbedderSpec) -> bytes:
    from onnxruntime import quantization as tool  # slow to import, and seldom needed

    # It gives advice through the root logger, about steps that do not suit this network.
    logging.getLogger().addFilter(_is_no_advice)
    try:
        with tempfile.TemporaryDirectory() as folder:
            source, target = Path(folder) / "float.onnx", Path(folder) / "int8.onnx"
            source.write_bytes(model)
            tool.quantize_static(
                source,
                target,
                _Inputs(model, crops, spec),
                quant_format=tool.QuantFormat.QDQ,
                per_channel=True,
                activation_type=tool.QuantType.QUInt8,
                weight_type=tool.QuantType.QInt8,
                calibrate_method=tool.CalibrationMethod.MinMax,
                nodes_to_exclude=_kept(onnx.load_from_string(model).graph),
            )
            return target.read_bytes()
    finally:
        logging.getLogger().removeFilter(_is_no_advice)


def _is_no_advice(record: logging.LogRecord) -> bool:
    return "pre-processing" not in record.getMessage()


class _Inputs:
    """What the tool asks for the inputs to calibrate on, one after the other."""

    def __init__(self, model: bytes, crops: UInt8Array, spec: EmbedderSpec) -> None:
        graph = onnx.load_from_string(model).graph
        weights = {tensor.name for tensor in graph.initializer}
        self._name = next(value.name for value in graph.input if value.name not in weights)
        self._left: Iterator[UInt8Array] = iter(crops)
        self._spec = spec

    def get_next(self) -> dict[str, FloatArray] | None:
        """Return the next input, None after the last."""
        crop = next(self._left, None)
        if crop is None:
            return None
        layout = self._spec.layout
        pixels = crop if layout.channel_order == "rgb" else crop[:, :, ::-1]
        mean, std = np.array(layout.mean, np.float32), np.array(layout.std, np.float32)
        normalized = (pixels.astype(np.float32) - mean) / std
        return {self._name: np.ascontiguousarray(normalized.transpose(2, 0, 1)[None])}


def _kept(graph: onnx.GraphProto) -> list[str]:
    """Return the names of the nodes that stay in float: those at both ends."""
    convolutions = [i for i, node in enumerate(graph.node) if node.op_type == "Conv"]
    dense = [i for i in convolutions if not _by_channel(graph.node[i])]
    first, last = convolutions[_FIRST_KEPT - 1], dense[-_LAST_KEPT]
    return [
        node.name
        for i, node in enumerate(graph.node)
        if node.name and (i <= first or i >= last)
    ]


def _by_channel(node: onnx.NodeProto) -> bool:
    return any(a.name == "group" and a.i > 1 for a in node.attribute)
