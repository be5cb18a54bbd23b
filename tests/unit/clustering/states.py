"""Random states of a library, and rounds over them in both tellings."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from facefolk_server.clustering import RoundInput, RoundParameters, RoundResult, run_round
from facefolk_server.types import RoundMode
from unit.clustering.reference import NaiveFace, NaiveResult, NaiveRound


class Multiplier:
    """Multiplies bytes with NumPy, and counts how often."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, left: np.ndarray, right: np.ndarray, out: np.ndarray, /) -> None:
        self.calls += 1
        out[:] = (left.astype(np.float64) - 64) @ right.astype(np.float64)


def rounded(vectors: np.ndarray) -> np.ndarray:
    """Unit vectors as they are stored: float32, multiples of 2**-24."""
    vectors = np.asarray(vectors, np.float64)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(np.rint(vectors / lengths * 2**24) / 2**24, np.float32)


def as_input(faces: Sequence[NaiveFace], *, kept_people: frozenset[str] = frozenset()):
    dimension = len(faces[0].embedding) if faces else 4
    return RoundInput(
        face_ids=[f.face_id for f in faces],
        embeddings=np.array([f.embedding for f in faces], np.float32).reshape(-1, dimension),
        asset_ids=[f.asset_id for f in faces],
        frame_offsets_us=[f.frame for f in faces],
        person_ids=[f.person_id for f in faces],
        manual=np.array([f.manual for f in faces], bool),
        not_a_face=np.array([f.not_a_face for f in faces], bool),
        stranger=np.array([f.stranger for f in faces], bool),
        barred={row: f.barred for row, f in enumerate(faces) if f.barred},
        quality=np.array([f.quality for f in faces], np.float32),
        kept_people=kept_people,
    )


def ours(
    faces: Sequence[NaiveFace], parameters: RoundParameters, *, threads: int = 1
) -> RoundResult:
    return run_round(as_input(faces), parameters, threads=threads)


def naive(faces: Sequence[NaiveFace], parameters: RoundParameters) -> NaiveResult:
    return NaiveRound(
        list(faces),
        all_faces=parameters.mode is RoundMode.ALL,
        e=parameters.max_distance,
        m=parameters.min_faces,
    ).run(one_face_per_asset=parameters.one_face_per_asset)


def as_naive(faces: Sequence[NaiveFace], result: RoundResult) -> NaiveResult:
    """Our result in the other's terms."""
    ids = [f.face_id for f in faces]
    return NaiveResult(
        people=dict(zip(ids, result.person_ids, strict=True)),
        core=dict(zip(ids, result.core.tolist(), strict=True)),
        counts=dict(zip(ids, result.neighbor_counts.tolist(), strict=True)),
        reasons=dict(zip(ids, result.reasons, strict=True)),
        created=set(result.created),
        deferred={ids[row] for row in result.deferred_rows},
        pruned={(ids[row], person) for row, person in result.pruned},
        links={frozenset((j.person_a, j.person_b)) for j in result.merge_suggestions},
    )


def committed(faces: Sequence[NaiveFace], result: RoundResult, *, tag: str) -> list[NaiveFace]:
    """The library after a round; new people get ids that no other round makes."""
    created = {key: f"q{tag}-{key[4:]}" for key in result.created}
    return [
        replace(f, person_id=created.get(person or "", person))
        for f, person in zip(faces, result.person_ids, strict=True)
    ]


def random_faces(
    dice: random.Random,
    *,
    count: int,
    films: bool = False,
    marks: bool = True,
    people: bool = True,
    flags: bool = True,
) -> list[NaiveFace]:
    """Faces around a few middles: with copies, ties, several in a picture, people, marks.

    The embeddings are on a coarse grid of few dimensions, so that ties are common.
    """
    dimension = dice.choice([2, 3, 5, 8])
    middles = [[dice.gauss(0, 1) for _ in range(dimension)] for _ in range(dice.randint(1, 4))]
    spread = dice.choice([0.1, 0.3, 0.6, 1.0])
    steps = dice.choice([2, 4, 1000])
    vectors: list[list[float]] = []
    while len(vectors) < count:
        if vectors and dice.random() < 0.15:
            vectors.append(dice.choice(vectors))
            continue
        middle = dice.choice(middles)
        vector = [round((x + dice.gauss(0, spread)) * steps) / steps for x in middle]
        if any(vector):
            vectors.append(vector)
    embeddings = rounded(np.array(vectors).reshape(-1, dimension)).tolist()
    assets = max(1, int(count * dice.choice([0.2, 0.5, 1.0])))
    known = [f"p{i}" for i in range(dice.randint(1, 5))]
    ids = dice.sample(range(10 * count + 10), count)
    faces = []
    for number, embedding in zip(ids, embeddings, strict=True):
        person = dice.choice(known) if people and dice.random() < 0.5 else None
        barred = {dice.choice(known) for _ in range(dice.randint(0, 2))}
        faces.append(
            NaiveFace(
                face_id=f"f{number:05d}",
                asset_id=f"a{dice.randrange(assets)}",
                embedding=embedding,
                person_id=person,
                manual=person is not None and dice.random() < 0.3,
                barred=frozenset(barred - {person} if marks and dice.random() < 0.3 else ()),
                not_a_face=flags and person is None and dice.random() < 0.05,
                stranger=flags and person is None and dice.random() < 0.05,
                frame=dice.randrange(3) * 1000 if films else 0,
                quality=dice.choice([0.0, 0.25, 0.5, 1.0]),
            )
        )
    return faces


def random_parameters(dice: random.Random, **given: object) -> RoundParameters:
    parameters = RoundParameters(
        mode=dice.choice(list(RoundMode)),
        max_distance=dice.choice([0.0, 0.01, 0.1, 0.3, 0.5, 0.8, 1.2]),
        min_faces=dice.randint(1, 8),
        one_face_per_asset=dice.random() < 0.5,
    )
    return replace(parameters, **given)
