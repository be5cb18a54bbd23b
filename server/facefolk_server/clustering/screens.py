"""Which pairs of a block of products may be within a distance: by float32, or by bytes."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from facefolk_server.clustering.byte_products import ByteFaces, ByteProduct, most_off
from facefolk_server.clustering.model import BoolArray, FloatArray, IntArray

# A float32 product of unit vectors is off by far less than this (design 5).
CANDIDATE_MARGIN = 1e-5
# A block of products is 8 MB: it stays in the cache between the product and the comparison.
_BLOCK_ROWS = 1024
_BLOCK_COLUMNS = 2048


@dataclass(frozen=True, slots=True)
class Block:
    """Which rows and columns of a product are looked at together."""

    row: int
    row_end: int
    column: int
    column_end: int

    @property
    def cells(self) -> int:
        """How many products it holds."""
        return (self.row_end - self.row) * (self.column_end - self.column)


def triangle(count: int) -> list[Block]:
    """Return blocks that cover every pair of `count` faces, those on the diagonal twice."""
    return [
        Block(row, min(row + _BLOCK_ROWS, count), column, min(column + _BLOCK_COLUMNS, count))
        for row in range(0, count, _BLOCK_ROWS)
        for column in range(row, count, _BLOCK_COLUMNS)
    ]


def rectangle(rows: int, columns: int) -> list[Block]:
    """Return blocks that cover every product of so many rows and columns."""
    return [
        Block(row, min(row + _BLOCK_ROWS, rows), column, min(column + _BLOCK_COLUMNS, columns))
        for row in range(0, rows, _BLOCK_ROWS)
        for column in range(0, columns, _BLOCK_COLUMNS)
    ]


class Scratch(threading.local):
    """Memory that each thread uses again for block after block."""

    def __init__(self) -> None:
        self.products = np.empty(_BLOCK_ROWS * _BLOCK_COLUMNS, np.float32)
        self.near = np.empty(_BLOCK_ROWS * _BLOCK_COLUMNS, np.bool_)
        self.rows = np.empty(0, np.int8)


class Screen(Protocol):
    """Finds the pairs of a block that may be within a distance; used by several threads."""

    @property
    def margin(self) -> float:
        """How far its distances are off at most."""

    def __call__(self, block: Block, /) -> tuple[IntArray, IntArray, FloatArray]:
        """Return rows and columns by place in the block, and float32 distances, `(p,)`.

        All pairs are there that are within the distance, and some beyond.
        """


class FloatScreen:
    """Products of `rows` and `columns` `(n, d) float32`."""

    margin = CANDIDATE_MARGIN

    def __init__(
        self, rows: FloatArray, columns: FloatArray, *, max_distance: float, scratch: Scratch
    ) -> None:
        self._rows = rows
        self._columns = columns
        self._floor = np.float32(1.0 - max_distance - self.margin)
        self._scratch = scratch

    def __call__(self, block: Block, /) -> tuple[IntArray, IntArray, FloatArray]:
        """Return what may be within the distance."""
        rows = self._rows[block.row : block.row_end]
        columns = self._columns[block.column : block.column_end]
        products = self._scratch.products[: block.cells]
        np.matmul(rows, columns.T, out=products.reshape(len(rows), len(columns)))
        near = np.greater_equal(products, self._floor, out=self._scratch.near[: block.cells])
        flat = _true(near)
        left, right = np.divmod(flat, len(columns))
        return left, right, np.float32(1.0) - products[flat]


class ByteScreen:
    """Products of rounded faces (see `byte_products`)."""

    def __init__(
        self,
        multiply: ByteProduct,
        rows: ByteFaces,
        columns: ByteFaces,
        *,
        max_distance: float,
        scratch: Scratch,
    ) -> None:
        self._multiply = multiply
        self._rows = np.ascontiguousarray(rows.numbers.T)
        self._columns = columns.numbers
        self._step = rows.step * columns.step
        self._scratch = scratch
        self.margin = most_off(rows, columns)
        self._floor = np.int32(np.floor((1.0 - max_distance - self.margin) / self._step))

    def __call__(self, block: Block, /) -> tuple[IntArray, IntArray, FloatArray]:
        """Return what may be within the distance."""
        columns = self._columns[block.column : block.column_end]
        rows = self._contiguous(block)
        products = self._scratch.products.view(np.int32)[: block.cells]
        self._multiply(columns, rows, products.reshape(len(columns), rows.shape[1]))
        near = np.greater_equal(products, self._floor, out=self._scratch.near[: block.cells])
        flat = _true(near)
        right, left = np.divmod(flat, rows.shape[1])
        return left, right, (1.0 - products[flat] * self._step).astype(np.float32)

    def _contiguous(self, block: Block) -> NDArray[np.int8]:
        dimension, count = len(self._rows), block.row_end - block.row
        if len(self._scratch.rows) < dimension * count:
            self._scratch.rows = np.empty(dimension * _BLOCK_ROWS, np.int8)
        rows = self._scratch.rows[: dimension * count].reshape(dimension, count)
        rows[:] = self._rows[:, block.row : block.row_end]
        return rows


def _true(which: BoolArray) -> IntArray:
    """Return where few of many are true; eight at once are passed by where none is."""
    if len(which) % 8:
        return np.flatnonzero(which)
    eights = np.flatnonzero(which.view(np.uint64) != 0)
    eight, one = np.nonzero(which.reshape(-1, 8)[eights])
    return np.asarray(eights[eight] * 8 + one, np.intp)
