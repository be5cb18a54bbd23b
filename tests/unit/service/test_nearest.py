from __future__ import annotations

import numpy as np
from facefolk_server.service.nearest import distances_between, rows_within
from hypothesis import given, settings
from hypothesis import strategies as st


def unit_rows(rng: np.random.Generator, n: int, d: int = 8) -> np.ndarray:
    rows = rng.normal(size=(n, d))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return (np.round(rows * 2**24) / 2**24).astype(np.float32)


@settings(max_examples=40)
@given(st.integers(0, 40), st.integers(1, 3), st.floats(0, 2), st.integers(0, 10**6))
def test_finds_exactly_the_rows_within(n: int, q: int, limit: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, queries = unit_rows(rng, n), unit_rows(rng, q)
    found = rows_within(rows, queries, max_distance=limit)
    exact = distances_between(queries, rows)
    for index, near in enumerate(found):
        expected = sorted(
            (distance, row) for row, distance in enumerate(exact[index]) if distance <= limit
        )
        assert list(zip(near.distances, near.rows, strict=True)) == expected


def test_the_limit_itself_is_inside_and_ties_go_to_the_lower_row() -> None:
    rows = np.array([[0, 1], [1, 0], [0, -1]], np.float32)
    near = rows_within(rows, np.array([[1, 0]], np.float32), max_distance=1.0)[0]
    assert list(near.rows) == [1, 0, 2]
    assert list(near.distances) == [0, 1, 1]
