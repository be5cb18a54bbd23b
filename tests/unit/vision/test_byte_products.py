"""Products of bytes by ONNX Runtime are exact, also where sums in 16 bits would overflow."""

from __future__ import annotations

import numpy as np
import pytest
from facefolk_server.errors import ModelUnavailableError
from facefolk_server.vision.byte_products import ByteMultiplier, is_exact, tried_multiplier
from hypothesis import given, settings
from hypothesis import strategies as st


def exact(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return (left.astype(np.int64) - 64) @ right.astype(np.int64)


@settings(max_examples=60)
@given(
    seed=st.integers(0, 2**32),
    rows=st.integers(1, 70),
    columns=st.integers(1, 70),
    dimension=st.integers(1, 600),
    extreme=st.booleans(),
)
def test_it_is_exact(seed: int, rows: int, columns: int, dimension: int, extreme: bool) -> None:
    dice = np.random.default_rng(seed)
    left = dice.integers(1, 128, (rows, dimension)).astype(np.uint8)
    right = dice.integers(-127, 128, (dimension, columns)).astype(np.int8)
    if extreme:
        left[:], right[:] = dice.choice([1, 127]), dice.choice([-127, 127])
    out = np.empty((rows, columns), np.int32)
    multiply = tried_multiplier()
    assert multiply is not None
    multiply(left, right, out)
    assert np.array_equal(out, exact(left, right))


def test_it_writes_into_a_part_of_other_memory() -> None:
    memory = np.full(100, 7, np.int32)
    left, right = np.full((2, 3), 65, np.uint8), np.full((3, 4), 2, np.int8)
    ByteMultiplier()(left, right, memory[10:18].reshape(2, 4))
    assert (memory[10:18] == 6).all()
    assert (memory[:10] == 7).all()
    assert (memory[18:] == 7).all()


def test_a_multiplier_that_overflows_is_found_out() -> None:
    def overflowing(left: np.ndarray, right: np.ndarray, out: np.ndarray) -> None:
        out[:] = np.clip(exact(left, right), -(2**15), 2**15 - 1)

    assert not is_exact(overflowing)
    assert is_exact(ByteMultiplier())


def test_arrays_that_do_not_go_together_are_refused() -> None:
    left, right = np.full((2, 3), 65, np.uint8), np.full((4, 4), 2, np.int8)
    with pytest.raises(ModelUnavailableError, match="the kernel failed"):
        ByteMultiplier()(left, right, np.empty((2, 4), np.int32))
