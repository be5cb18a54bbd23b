"""Products of faces rounded to bytes: which pairs are not within a distance, for certain.

Processors multiply bytes at a multiple of the speed of float32. Let x = s X + e and y = t Y + f
with whole numbers X and Y: then x.y differs from s t X.Y by e.y + s X.f, which is at most
|e| |y| + |s X| |f| (Cauchy and Schwarz). The lengths are known once faces are rounded, so that
is a bound that holds: a pair whose rounded product lies farther than that below the limit is
none. What is left, little more than what is looked for, gets exact distances as ever.

One side has 7 bits: where processors add two products of 8 bits in 16, none overflows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from facefolk_server.clustering.model import FloatArray

_MIDDLE = 64
_COLUMN_STEPS, _ROW_STEPS = 63, 127
# Far more than what rounding in float32 adds to lengths and products of unit vectors.
_SLACK = 2e-6
_FACES_AT_ONCE = 1024


class ByteProduct(Protocol):
    """Multiplies bytes; used by several threads."""

    def __call__(
        self, left: NDArray[np.uint8], right: NDArray[np.int8], out: NDArray[np.int32], /
    ) -> None:
        """Put the products of `left` `(r, d)`, less 64 each, and `right` `(d, c)` into `out`.

        All are contiguous; `left` holds 1 to 127, `right` -127 to 127. The result is exact.
        """


@dataclass(frozen=True, slots=True, eq=False)
class ByteFaces:
    """Faces in whole numbers of `step`.

    `numbers` are `(n, d)`, as rows int8, as columns uint8 and 64 more than they are. `error` is
    how long what was rounded off a face is at most, `length` how long a face is.
    """

    numbers: NDArray[Any]
    step: float
    error: float
    length: float


def as_columns(faces: FloatArray) -> ByteFaces:
    """Round faces `(n, d)` to 7 bits."""
    return _rounded(faces, np.empty(faces.shape, np.uint8), steps=_COLUMN_STEPS, plus=_MIDDLE)


def as_rows(faces: FloatArray) -> ByteFaces:
    """Round faces `(n, d)` to 8 bits."""
    return _rounded(faces, np.empty(faces.shape, np.int8), steps=_ROW_STEPS, plus=0)


def most_off(rows: ByteFaces, columns: ByteFaces) -> float:
    """Return how far a product of rounded faces is at most from that of the faces."""
    return columns.error * rows.length + (columns.length + columns.error) * rows.error + _SLACK


def _rounded(faces: FloatArray, numbers: NDArray[Any], *, steps: int, plus: int) -> ByteFaces:
    most = max(float(faces.max(initial=0.0)), -float(faces.min(initial=0.0)), 1e-30)
    step = np.float32(most / steps)
    error = length = 0.0
    for start in range(0, len(faces), _FACES_AT_ONCE):
        part = slice(start, start + _FACES_AT_ONCE)
        scaled = faces[part] / step
        whole = np.rint(scaled)
        np.add(whole, plus, out=numbers[part], casting="unsafe")
        length = max(length, _longest(scaled))
        scaled -= whole
        error = max(error, _longest(scaled))
    return ByteFaces(numbers, float(step), error * float(step), length * float(step))


def _longest(vectors: FloatArray) -> float:
    return float(np.sqrt(np.einsum("ij,ij->i", vectors, vectors).max(initial=0.0)))
