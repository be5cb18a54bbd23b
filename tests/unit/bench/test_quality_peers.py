from __future__ import annotations

import numpy as np
import pytest

from bench.quality.detection import judge_detection
from bench.quality.embedded import Faces
from bench.quality.pairs import judge_pairs
from bench.quality.peers import dbscan, greedy, hdbscan


def faces(angles: list[float], labels: list[int], **changes: object) -> Faces:
    count = len(angles)
    vectors = np.stack((np.cos(angles), np.sin(angles)), axis=1)
    given = {
        "embeddings": (np.rint(vectors * 2**24) / 2**24).astype(np.float32),
        "boxes": np.zeros((count, 4), np.float32),
        "landmarks": np.zeros((count, 5, 2), np.float32),
        "scores": np.ones(count, np.float32),
        "qualities": np.ones(count, np.float32),
        "picture": np.arange(count),
        "labels": np.array(labels),
        "counted": np.full(count, -1),
        "found": np.ones(count, np.int64),
        "labelled": np.array(labels),
        "milliseconds": np.ones(count, np.float32),
    }
    return Faces(**(given | changes))


LINE = faces([0.0, 0.1, 0.2, 1.0, 1.1, 1.2, 3.0], [0, 0, 0, 1, 1, 1, 2])


def test_all_find_what_is_plain() -> None:
    between = LINE.distances()
    near = 1 - np.cos(0.15)
    expected = [0, 0, 0, 1, 1, 1, -1]
    assert dbscan(between, distance=near, minimum=2).tolist() == expected
    order = np.arange(7)
    assert greedy(between, distance=near, minimum=2, order=order).tolist() == expected
    assert hdbscan(between, minimum=3).tolist()[:3] == [hdbscan(between, minimum=3)[0]] * 3


def test_greedy_depends_on_order_and_puts_off_once() -> None:
    chain = faces([0.0, 0.1, 0.2, 0.3, 0.4], [0] * 5).distances()
    near = 1 - np.cos(0.15)
    forth = greedy(chain, distance=near, minimum=2, order=np.arange(5))
    assert forth.tolist() == [0] * 5
    ends = greedy(chain, distance=near, minimum=2, order=np.array([0, 4, 1, 3, 2]))
    assert len(set(ends.tolist())) == 2
    late = greedy(chain, distance=near, minimum=3, order=np.arange(5))
    assert late.tolist() == [0] * 5


def test_pairs() -> None:
    scores = judge_pairs(LINE, [1 - np.cos(0.25), 1 - np.cos(2.5)])
    assert (scores.same, scores.different) == (6, 15)
    assert scores.true_rate == [1, 1]
    assert scores.false_rate == [0, pytest.approx(12 / 15)]
    assert scores.balanced_accuracy[0] == 1
    assert scores.true_rates == [1, 1, 1]


def test_detection() -> None:
    album = faces(
        [0.0] * 4,
        [0, 0, 0, -1],
        counted=np.array([1, 2, -1, 3]),
        found=np.array([1, 3, 0, 0]),
    )
    scores = judge_detection(album)
    assert (scores.pictures, scores.faces, scores.surplus) == (3, 6, 1)
    assert scores.recall == 3 / 6
    assert scores.person_recall == pytest.approx(2 / 3)
