"""The round against its slow transcription, over random states of a library."""

from __future__ import annotations

import random

import pytest
from drawing import drawn
from hypothesis import given
from hypothesis import strategies as st
from unit.clustering.states import as_naive, naive, ours, random_faces, random_parameters


@pytest.mark.parametrize("films", [False, True], ids=["photos", "films"])
@pytest.mark.parametrize("marks", [False, True], ids=["unmarked", "marked"])
@drawn(150)
@given(seed=st.integers(0, 2**32), count=st.integers(0, 40))
def test_it_ends_like_the_transcription(
    films: bool, marks: bool, seed: int, count: int
) -> None:
    dice = random.Random(seed)
    faces = random_faces(dice, count=count, films=films, marks=marks)
    parameters = random_parameters(dice)
    assert as_naive(faces, ours(faces, parameters)) == naive(faces, parameters)
