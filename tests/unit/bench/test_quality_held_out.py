"""What is chosen on some people is judged on others."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from facefolk_server.clustering import ChainGuard, QualityGate

from bench.quality.embedded import Faces
from bench.quality.held_out import (
    Judged,
    chosen,
    gates,
    guards,
    halves,
    judge_held_out,
)

PACK = SimpleNamespace(recommended_distance=0.5, guard_distance=None)


def album(people: int, *, apart: float) -> Faces:
    """Four faces of each of some people on a circle, and a face of nobody in each picture."""
    labels = np.repeat(np.arange(people), 4)
    angles = np.concatenate(
        (labels * apart + 0.01 * np.tile(np.arange(4), people), labels * 0.0)
    )
    angles[len(labels) :] = np.linspace(3, 6, len(labels))
    vectors = np.stack((np.cos(angles), np.sin(angles)), axis=1)
    count = len(angles)
    return Faces(
        embeddings=(np.rint(vectors * 2**24) / 2**24).astype(np.float32),
        boxes=np.zeros((count, 4), np.float32),
        landmarks=np.zeros((count, 5, 2), np.float32),
        scores=np.ones(count, np.float32),
        qualities=np.ones(count, np.float32),
        picture=np.tile(np.arange(len(labels)), 2),
        labels=np.concatenate((labels, np.full(len(labels), -1))),
        counted=np.full(len(labels), -1),
        found=np.full(len(labels), 2),
        labelled=labels,
        milliseconds=np.ones(len(labels), np.float32),
    )


def test_halves_share_nobody_and_keep_the_faces_beside_them() -> None:
    whole = album(5, apart=1.0)
    one, other = halves(whole, seed=3)
    people = [set(half.labels.tolist()) - {-1} for half in (one, other)]
    assert [len(some) for some in people] == [2, 3]
    assert people[0] | people[1] == set(range(5))
    assert len(one) + len(other) == len(whole)
    assert (one.labels == -1).sum() == 8
    again, _ = halves(whole, seed=3)
    assert np.array_equal(again.labels, one.labels)


def test_of_constants_as_good_the_middle_one_is_chosen() -> None:
    def of(*ari: float) -> list[Judged]:
        return [Judged(one, 1.0, 0) for one in ari]

    assert chosen({1.0: of(0.9, 0.7), 2.0: of(0.9, 0.8), 3.0: of(0.7, 0.7)}) == 2.0
    assert chosen({1.0: of(0.8), 2.0: of(0.8), 3.0: of(0.80005), 4.0: of(0.7)}) == 2.0


def test_candidates_hold_what_the_product_has() -> None:
    assert guards(PACK)[1.2](0.5) == {"chain_guard": ChainGuard.at(0.5)}
    assert gates(PACK)[0.0](0.5) == {"chain_guard": ChainGuard.at(0.5)}
    for distance in (0.5, 0.6):
        gate = gates(PACK)[0.34](distance)["quality_gate"]
        assert gate == QualityGate.at(distance, recommended=0.5)


def test_people_are_judged_who_had_no_part_in_choosing() -> None:
    found = list(
        judge_held_out(
            guards(PACK),
            halved=[album(6, apart=0.9)],
            fitted=[album(3, apart=2.0)],
            unseen=[album(2, apart=3.0)],
            pack=PACK,
            draws=2,
        )
    )
    assert len(found) == 2
    for value, others in found:
        assert value in others
        assert set(others) == set(guards(PACK))
        assert all(len(some) == 2 for some in others.values())
        assert all(some[1].ari == 1 for some in others.values())
