"""Arrays that grow at their end."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

_FIRST_CAPACITY = 64


class GrowingArray:
    """An array `(n, *shape)` that rows are added to, at amortized constant cost.

    A view taken before is neither moved nor cut: growing past the capacity makes a new array.
    """

    def __init__(self, dtype: DTypeLike, shape: tuple[int, ...] = ()) -> None:
        self._array: NDArray[Any] = np.zeros((0, *shape), dtype)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def rows(self) -> NDArray[Any]:
        """The rows that are there, without a copy."""
        return self._array[: self._count]

    def extend(self, rows: NDArray[Any]) -> None:
        """Add rows `(k, *shape)`."""
        needed = self._count + len(rows)
        if needed > len(self._array):
            capacity = max(_FIRST_CAPACITY, needed, len(self._array) * 3 // 2)
            grown = np.zeros((capacity, *self._array.shape[1:]), self._array.dtype)
            grown[: self._count] = self.rows
            self._array = grown
        self._array[self._count : needed] = rows
        self._count = needed
