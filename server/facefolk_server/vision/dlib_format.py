"""Read the layers of a face network out of a file that dlib serialized.

The format was worked out from the published file and is checked against dlib itself: an
integer is a byte with the sign in its top bit and a length in its low four bits, then that
many little-endian bytes; a string is an integer and its bytes; a float is an integer mantissa
and an integer exponent of two; a tensor is a version, four dimensions and float32 values.
Layers follow one another from input to output, each opening with its name; what lies between
them (solver state) does not matter for running the network.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

_TENSOR_VERSION = 2
_MAX_INTEGER_BYTES = 8
_INPUT_NAME = "input_rgb_image_sized"


class DlibFormatError(ValueError):
    """The bytes are not those of a face network as dlib writes it."""


@dataclass(frozen=True, slots=True, eq=False)
class Convolution:
    """A convolution with the affine layer that follows it.

    `filters` is `(out, in, rows, columns)`; `biases`, `gamma` and `beta` are `(out,)`.
    """

    filters: FloatArray
    biases: FloatArray
    stride: tuple[int, int]
    padding: tuple[int, int]
    gamma: FloatArray
    beta: FloatArray

    def folded(self) -> tuple[FloatArray, FloatArray]:
        """Return filters and biases of the one convolution that does both."""
        gamma = self.gamma.astype(np.float64)
        filters = self.filters * gamma[:, None, None, None]
        biases = self.biases * gamma + self.beta
        return filters.astype(np.float32), biases.astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """What the file holds: convolutions from input to output, then one dense matrix.

    `mean` is RGB 0..255, `side` in pixels, `dense` is `(in, out)`.
    """

    mean: tuple[float, float, float]
    side: int
    convolutions: tuple[Convolution, ...]
    dense: FloatArray


def parse(data: bytes) -> Network:
    """Read a network.

    Raises:
        DlibFormatError: the bytes are something else, or cut off.
    """
    reader = _Reader(data)
    try:
        reader.skip_past(_INPUT_NAME)
        red, green, blue = (reader.real() for _ in range(3))
        rows, columns = reader.integer(), reader.integer()
        convolutions, dense = _layers(reader)
    except (IndexError, OverflowError) as exc:
        raise DlibFormatError("it ends in the middle of a layer") from exc
    if rows != columns or not convolutions:
        raise DlibFormatError("its layers are not those of a face network")
    return Network((red, green, blue), rows, convolutions, dense)


def _layers(reader: _Reader) -> tuple[tuple[Convolution, ...], FloatArray]:
    found: list[Convolution] = []
    channels = 3
    while (name := reader.skip_to_layer()) != "fc_2":
        if name != "con_4":
            raise DlibFormatError("an affine layer follows no convolution")
        found.append(_convolution(reader, channels))
        channels = len(found[-1].biases)
    outputs, inputs = reader.integer(), reader.integer()
    values = reader.tensor()
    if inputs != channels or values.size != inputs * outputs:
        raise DlibFormatError("the dense layer does not fit what comes before it")
    return tuple(found), values.reshape(inputs, outputs)


def _convolution(reader: _Reader, channels: int) -> Convolution:
    values = reader.tensor()
    count, rows, columns = (reader.integer() for _ in range(3))
    stride = (reader.integer(), reader.integer())
    padding = (reader.integer(), reader.integer())
    if min(count, rows, columns, *stride) < 1 or min(padding) < 0:
        raise DlibFormatError("a convolution has an impossible shape")
    weights = count * channels * rows * columns
    if values.size != weights + count:
        raise DlibFormatError("a convolution has another number of weights than its shape")
    if reader.skip_to_layer() != "affine_":
        raise DlibFormatError("a convolution is followed by no affine layer")
    affine = reader.tensor()
    if affine.size != 2 * count:
        raise DlibFormatError("an affine layer does not fit its convolution")
    return Convolution(
        filters=values[:weights].reshape(count, channels, rows, columns),
        biases=values[weights:],
        stride=stride,
        padding=padding,
        gamma=affine[:count],
        beta=affine[count:],
    )


class _Reader:
    """A position in the bytes of the file."""

    _LAYERS = ("con_4", "affine_", "fc_2")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def integer(self) -> int:
        head = self._data[self._at]
        length = head & 0x0F
        if not 1 <= length <= _MAX_INTEGER_BYTES or head & 0x70:
            raise DlibFormatError(f"byte {self._at} does not begin an integer")
        self._at += 1
        value = int.from_bytes(self._take(length), "little")
        return -value if head & 0x80 else value

    def real(self) -> float:
        mantissa, exponent = self.integer(), self.integer()
        return mantissa * 2.0**exponent

    def tensor(self) -> FloatArray:
        if self.integer() != _TENSOR_VERSION:
            raise DlibFormatError("a tensor is of an unknown version")
        size = 1
        for _ in range(4):
            size *= self.integer()
        if not 0 < size <= len(self._data):
            raise DlibFormatError("a tensor is empty or larger than the file")
        return np.frombuffer(self._take(4 * size), dtype="<f4").astype(np.float32)

    def skip_past(self, name: str) -> None:
        encoded = _encoded(name)
        found = self._data.find(encoded, self._at)
        if found < 0:
            raise DlibFormatError(f"there is no layer {name}")
        self._at = found + len(encoded)

    def skip_to_layer(self) -> str:
        """Go past the name of the next layer that has parameters and return the name."""
        found = {
            name: at
            for name in self._LAYERS
            if (at := self._data.find(_encoded(name), self._at)) >= 0
        }
        if not found:
            raise DlibFormatError("it has no dense layer at its end")
        name = min(found, key=lambda each: found[each])
        self._at = found[name] + len(_encoded(name))
        return name

    def _take(self, count: int) -> bytes:
        taken = self._data[self._at : self._at + count]
        if len(taken) < count:
            raise DlibFormatError("it ends in the middle of a layer")
        self._at += count
        return taken


def _encoded(name: str) -> bytes:
    return bytes((1, len(name))) + name.encode("ascii")
