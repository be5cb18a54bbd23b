"""Faces that went lately, in memory alone: neighbor counts are corrected by them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class DepartedFaces:
    """Faces that went or were replaced, as they were: k ids, `(k, d)` and `(k,) float32`.

    `until` is how many ever went.
    """

    face_ids: list[str]
    embeddings: NDArray[np.float32]
    qualities: NDArray[np.float32]
    until: int = 0


class Departures:
    """The last faces of a table that went; read and changed under the library's lock."""

    def __init__(self, dimension: int) -> None:
        self._dimension = dimension
        self._faces: deque[tuple[str, NDArray[np.float32], float]] = deque()
        self._until = 0

    def note(
        self, face_id: str, embedding: NDArray[np.float32], quality: float, *, at_most: int
    ) -> None:
        """Keep a face that goes; no more than `at_most` are kept, the last ones."""
        self._faces.append((face_id, embedding.copy(), quality))
        self._until += 1
        while len(self._faces) > at_most:
            self._faces.popleft()

    def forget(self, until: int) -> None:
        """Forget the faces that went before so many had gone."""
        for _ in range(min(len(self._faces), until - (self._until - len(self._faces)))):
            self._faces.popleft()

    def snapshot(self) -> DepartedFaces:
        """Return what is kept."""
        embeddings = np.empty((len(self._faces), self._dimension), np.float32)
        for place, (_, embedding, _) in enumerate(self._faces):
            embeddings[place] = embedding
        return DepartedFaces(
            face_ids=[face_id for face_id, _, _ in self._faces],
            embeddings=embeddings,
            qualities=np.array([quality for _, _, quality in self._faces], np.float32),
            until=self._until,
        )
