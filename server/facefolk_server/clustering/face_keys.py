"""Numbers for faces by which neighbor counts are kept.

Two faces get the same number where id, embedding and quality are the same, and else by a
chance of 1 in 2**64: of a million faces no two in all but 1 of 30 million libraries.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from facefolk_server.clustering.model import FloatArray

_BYTES = 8


def face_keys(
    face_ids: Sequence[str], embeddings: FloatArray, qualities: FloatArray
) -> NDArray[np.int64]:
    """Return a number for each face, `(n,)`, the same at every time and on every machine."""
    vectors = np.ascontiguousarray(embeddings, "<f4")
    grades = np.ascontiguousarray(qualities, "<f4").tobytes()
    keys = bytearray()
    for row, (face_id, vector) in enumerate(zip(face_ids, vectors, strict=True)):
        told = hashlib.blake2b(vector, digest_size=_BYTES)
        told.update(grades[4 * row : 4 * row + 4])
        told.update(face_id.encode())
        keys += told.digest()
    return np.frombuffer(bytes(keys), "<i8").astype(np.int64)
