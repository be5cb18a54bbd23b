"""Numbers for faces by which neighbor counts are kept.

Two faces get the same number where id, embedding and quality are the same, and else by a
chance of about 1 in 2**64: of a million faces no two in all but 1 of 30 million libraries.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from facefolk_server.clustering.model import FloatArray

Words = NDArray[np.uint64]

# Faces whose words stay in the cache while they are mixed.
_ROWS_AT_ONCE = 4096
# Of the finalizer of SplitMix64 (G. Steele, D. Lea and C. Flood, Fast splittable pseudorandom
# number generators, 2014).
_FACTOR = np.uint64(0xBF58476D1CE4E5B9)
_SHIFT = np.uint64(27)


def face_keys(
    face_ids: Sequence[str], embeddings: FloatArray, qualities: FloatArray
) -> NDArray[np.int64]:
    """Return a number for each face, `(n,)`, the same at every time and on every machine."""
    keys = np.zeros(len(face_ids), np.uint64)
    for start in range(0, len(keys), _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        for word in _numbers(embeddings[part]):
            _mix(keys[part], word)
        _mix(keys[part], qualities[part].astype("<f4").view("<u4").astype(np.uint64))
        for word in _names(face_ids[part]):
            # Nothing of a name is nothing to mix in: how long other names are is no matter.
            there = word != 0
            some = keys[part][there]
            _mix(some, word[there])
            keys[part][there] = some
    return keys.view(np.int64)


def _mix(keys: Words, word: Words) -> None:
    """Mix the next word of each face into its number; for one number, no two words alike."""
    keys ^= word
    keys *= _FACTOR
    keys ^= keys >> _SHIFT


def _numbers(embeddings: FloatArray) -> Words:
    """Return embeddings in words, `(words, faces)`."""
    told = np.ascontiguousarray(embeddings, "<f4")
    if embeddings.shape[1] % 2:
        told = np.pad(told, ((0, 0), (0, 1)))
    return np.ascontiguousarray(told.view("<u8").T, np.uint64)


def _names(face_ids: Sequence[str]) -> Words:
    """Return ids in words, `(words, faces)`, 0 after their end."""
    names = np.array(face_ids, "<U")
    letters = names.view("<u4").reshape(len(names), -1)
    told = np.zeros((len(names), letters.shape[1] // 2 * 2 + 2), "<u4")
    told[:, : letters.shape[1]] = letters
    return np.ascontiguousarray(told.view("<u8").T, np.uint64)
