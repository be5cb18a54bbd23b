"""Products of bytes, as rounds compare faces by them.

ONNX Runtime's kernels use what the processor has: on AVX2 they take 0.4 to 0.5 of the time of
a float32 product, where there are instructions for 8 bits less.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from facefolk_server.errors import ModelUnavailableError
from facefolk_server.vision.session import Kernel

Multiply = Callable[[NDArray[np.uint8], NDArray[np.int8], NDArray[np.int32]], None]

_MIDDLE = 64
# The operator is of opset 10; what the runtime reads is an older format than `onnx` writes.
_OPSET, _IR_VERSION = 17, 8
_TRIED = (7, 128, 9)

_logger = logging.getLogger(__name__)


class ByteMultiplier:
    """Multiplies `(r, d) uint8`, less 64 each, and `(d, c) int8` into `(r, c) int32`."""

    def __init__(self) -> None:
        self._kernel = Kernel(_graph())

    def __call__(
        self, left: NDArray[np.uint8], right: NDArray[np.int8], out: NDArray[np.int32], /
    ) -> None:
        """Put the products into `out`; all arrays are contiguous.

        Raises:
            ModelUnavailableError: they do not go together.
        """
        self._kernel.run({"left": left, "right": right}, output="out", out=out)


def tried_multiplier() -> ByteMultiplier | None:
    """Return a multiplier that was seen to be exact here, None where there is none."""
    try:
        multiply = ByteMultiplier()
        exact = is_exact(multiply)
    except ModelUnavailableError as error:
        _logger.warning("rounds go on without products of bytes: %s", error)
        return None
    if not exact:
        _logger.warning("rounds go on without products of bytes: they are wrong here")
        return None
    return multiply


def is_exact(multiply: Multiply) -> bool:
    """Tell whether the largest products there are come out right.

    Some kernels add products of 8 bits in 16 and overflow; with 7 bits on one side they
    must not.
    """
    rows, dimension, columns = _TRIED
    left = np.full((rows, dimension), 127, np.uint8)
    right = np.full((dimension, columns), 127, np.int8)
    left[1::2], right[:, 1::2] = 1, -127
    out = np.empty((rows, columns), np.int32)
    multiply(left, right, out)
    return np.array_equal(out, (left.astype(np.int32) - _MIDDLE) @ right.astype(np.int32))


def _graph() -> bytes:
    middle = numpy_helper.from_array(np.array(_MIDDLE, np.uint8), "middle")
    product = helper.make_node("MatMulInteger", ["left", "right", "middle"], ["out"])
    sides = (
        helper.make_tensor_value_info("left", TensorProto.UINT8, ["rows", "dimension"]),
        helper.make_tensor_value_info("right", TensorProto.INT8, ["dimension", "columns"]),
    )
    out = helper.make_tensor_value_info("out", TensorProto.INT32, ["rows", "columns"])
    graph = helper.make_graph([product], "byte_product", sides, [out], [middle])
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR_VERSION
    )
    return bytes(model.SerializeToString())
