"""Numbers by which neighbor counts are kept."""

from __future__ import annotations

import numpy as np
from facefolk_server.clustering import face_keys

VECTORS = np.eye(4, dtype=np.float32)
HALVES = np.full(4, 0.5, np.float32)


def test_a_number_is_of_id_embedding_and_quality() -> None:
    ids = ["a", "b", "ab", "c"]
    keys = face_keys(ids, VECTORS, HALVES)
    assert keys.dtype == np.int64
    assert np.array_equal(face_keys(ids[1:2], VECTORS[1:2], HALVES[1:2]), keys[1:2])
    others = (
        face_keys(ids, -VECTORS, HALVES),
        face_keys(ids, VECTORS, HALVES / 2),
        face_keys(["x", "xa", "ax", ""], VECTORS, HALVES),
        face_keys(["d", "e", "f"], np.tile(VECTORS[:1], (3, 1)), HALVES[:3]),
    )
    everything = np.concatenate((keys, *others))
    assert len(np.unique(everything)) == len(everything)


def test_like_ids_of_one_embedding_get_numbers_of_their_own() -> None:
    ids = [f"{number:0{5 + number % 3}d}" for number in range(9000)]
    alike = np.tile(VECTORS[:1], (len(ids), 1))
    keys = face_keys(ids, alike, np.full(len(ids), 0.5, np.float32))
    assert len(np.unique(keys)) == len(ids)
    some = slice(4000, 4100)
    assert np.array_equal(face_keys(ids[some], alike[some], HALVES[:1].repeat(100)), keys[some])


def test_numbers_do_not_depend_on_the_machine() -> None:
    keys = face_keys(["face"], VECTORS[:1], HALVES[:1])
    assert keys.tolist() == [KNOWN]
    assert len(face_keys([], VECTORS[:0], HALVES[:0])) == 0


# Kept counts of older versions are found again as long as this stays.
KNOWN = -942253382486183131
