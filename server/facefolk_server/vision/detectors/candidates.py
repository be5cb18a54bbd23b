"""What decoders give and what makes faces of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facefolk_server.vision.ops import suppress

FloatArray = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Possible faces: `(n, 4)` boxes, `(n, 5, 2)` landmarks, `(n,)` scores, all float32.

    Boxes are x_min, y_min, x_max, y_max.
    """

    boxes: FloatArray
    landmarks: FloatArray
    scores: FloatArray

    def __len__(self) -> int:
        return len(self.scores)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Candidates:
        """Return the candidates of these rows."""
        return Candidates(self.boxes[rows], self.landmarks[rows], self.scores[rows])

    def best(self, *, count: int, max_iou: float) -> Candidates:
        """Return what non-maximum suppression leaves of the `count` best, best first."""
        if len(self) > count:
            return self.take(np.argsort(-self.scores, kind="stable")[:count]).best(
                count=count, max_iou=max_iou
            )
        return self.take(suppress(self.boxes, self.scores, max_iou=max_iou))


def concatenate(parts: Sequence[Candidates]) -> Candidates:
    """Return the candidates of all parts in order."""
    return Candidates(
        np.concatenate([part.boxes for part in parts]),
        np.concatenate([part.landmarks for part in parts]),
        np.concatenate([part.scores for part in parts]),
    )


def cell_corners(cells: NDArray[np.intp], *, columns: int, stride: int) -> FloatArray:
    """Return `(n, 2)` x and y of the top left corners of cells, numbered row by row."""
    rows_and_columns = np.stack((cells % columns, cells // columns), axis=1)
    return rows_and_columns.astype(np.float32) * np.float32(stride)
