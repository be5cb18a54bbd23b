from __future__ import annotations

import numpy as np
import pytest

from bench.quality.scores import score


def judged(groups: list[int], labels: list[int], minimum: int = 2):
    return score(np.array(groups), np.array(labels), minimum=minimum)


def test_a_perfect_grouping_needs_no_answer() -> None:
    scores = judged([5, 5, 5, 2, 2], [0, 0, 0, 1, 1])
    assert (scores.f, scores.bcubed_f, scores.ari) == (1, 1, 1)
    assert (scores.true, scores.found, scores.listed) == (2, 2, 2)
    assert scores.answers == 0


def test_pieces_want_merging_and_faces_with_nobody_moving() -> None:
    scores = judged([1, 1, 2, 2, -1, 3, 3], [0, 0, 0, 0, 0, 1, 1])
    assert scores.precision == 1
    assert scores.recall == 3 / 11
    assert (scores.left, scores.wrong, scores.answers) == (1, 0, 2)
    assert scores.bcubed_recall == pytest.approx((4 * 2 / 5 + 1 / 5 + 2) / 7)


def test_faces_of_another_are_wrong_and_many_make_it_mixed() -> None:
    scores = judged([1, 1, 1, 1, 1], [0, 0, 0, 1, 1])
    assert scores.precision == 4 / 10
    assert scores.recall == 1
    assert (scores.wrong, scores.mixed, scores.found) == (2, 1, 1)
    assert judged([1, 1, 1, 1], [0, 0, 0, 1]).mixed == 0


def test_unlabelled_faces_count_for_lists_alone() -> None:
    scores = judged([1, 1, 4, 4, 4, 1], [0, 0, -1, -1, -1, -1])
    assert (scores.listed, scores.true, scores.answers) == (2, 1, 0)


def test_nobody_with_anybody() -> None:
    scores = judged([-1, -1, -1], [0, 0, 1])
    assert (scores.precision, scores.recall) == (1, 0)
    assert (scores.found, scores.left, scores.answers) == (0, 3, 3)


def test_no_labels_at_all() -> None:
    scores = judged([1, 1], [-1, -1])
    assert (scores.true, scores.found, scores.listed) == (0, 0, 1)
