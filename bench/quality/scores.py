"""How good a grouping of labelled faces is.

A grouping is `(n,)` integers, one group a number, -1 for a face that is with nobody. Where
nothing else is said a face with nobody counts as alone in its group.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

IntArray = NDArray[np.int64]
NOBODY = -1


@dataclass(frozen=True, slots=True)
class Scores:
    """What a grouping is worth.

    Of the labelled faces: `precision`, `recall` and `f` of the pairs that are together;
    `bcubed_precision`, `bcubed_recall` and `bcubed_f` (Bagga and Baldwin, 1998); `ari`, the
    adjusted Rand index; `wrong` faces in a group whose most frequent person is another;
    `mixed` groups with `minimum` faces or more of a second person; `left` faces with nobody;
    `answers` that make it perfect: the moves of wrong and left faces, and the merges of what
    is left of one person in several groups. `found` people, of `true`, have a group of their
    own. `listed` are groups of at least `minimum` faces, labelled or not.
    """

    precision: float
    recall: float
    f: float
    bcubed_precision: float
    bcubed_recall: float
    bcubed_f: float
    ari: float
    true: int
    found: int
    listed: int
    wrong: int
    mixed: int
    left: int
    answers: int

    def as_dict(self) -> dict[str, float]:
        """Return the numbers by name."""
        return asdict(self)


def score(groups: IntArray, labels: IntArray, *, minimum: int) -> Scores:
    """Judge a grouping `(n,)` by labels `(n,)`, -1 for faces of whom nobody knows."""
    known = labels != NOBODY
    listed = np.unique(groups[groups != NOBODY], return_counts=True)[1] >= max(minimum, 1)
    truth = labels[known]
    people, truth = np.unique(truth, return_inverse=True)
    left = groups[known] == NOBODY
    groups = _apart(groups[known])
    table = _contingency(groups, truth)
    together = _pairs(table)
    pair_precision = _ratio(together, _pairs(table.sum(axis=1)))
    pair_recall = _ratio(together, _pairs(table.sum(axis=0)))
    squares = table.astype(np.float64) ** 2
    count = max(len(truth), 1)
    b_precision = float((squares / table.sum(axis=1, keepdims=True)).sum() / count)
    b_recall = float((squares / np.maximum(table.sum(axis=0), 1)).sum() / count)
    real = np.ones(len(table), np.bool_)
    real[np.unique(groups[left])] = False
    owners = table[real].argmax(axis=1)
    wrong = int(table[real].sum() - table[real].max(axis=1, initial=0).sum())
    ranked = np.sort(table[real], axis=1)
    second = ranked[:, -2] if table.shape[1] > 1 else np.zeros(len(owners), np.int64)
    merges = len(owners) - len(np.unique(owners))
    return Scores(
        precision=pair_precision,
        recall=pair_recall,
        f=_harmonic(pair_precision, pair_recall),
        bcubed_precision=b_precision,
        bcubed_recall=b_recall,
        bcubed_f=_harmonic(b_precision, b_recall),
        ari=float(adjusted_rand_score(truth, groups)),
        true=len(people),
        found=len(np.unique(owners)),
        listed=int(listed.sum()),
        wrong=wrong,
        mixed=int((second >= max(minimum, 1)).sum()),
        left=int(left.sum()),
        answers=wrong + int(left.sum()) + merges,
    )


def _apart(groups: IntArray) -> IntArray:
    """Number groups from 0 and give each face with nobody a group of its own."""
    alone = groups == NOBODY
    numbered = groups.astype(np.int64, copy=True)
    start = int(groups.max(initial=0)) + 1
    numbered[alone] = start + np.arange(alone.sum())
    return np.asarray(np.unique(numbered, return_inverse=True)[1], np.int64)


def _contingency(groups: IntArray, truth: IntArray) -> IntArray:
    table = np.zeros((groups.max(initial=-1) + 1, truth.max(initial=0) + 1), np.int64)
    np.add.at(table, (groups, truth), 1)
    return table


def _pairs(counts: IntArray) -> int:
    return int((counts * (counts - 1) // 2).sum())


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def _harmonic(a: float, b: float) -> float:
    return 2 * a * b / (a + b) if a + b else 0.0
