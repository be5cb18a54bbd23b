"""People linked by faces between them that were made on purpose.

A bridging face is the normalized mean of the embeddings of two people's faces: about as near
to either of them as they are to their own. Plain growth joins whom it links.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from typing import Any

import numpy as np
from facefolk_server.clustering import RoundInput, RoundParameters, RoundResult, run_round
from facefolk_server.types import RoundMode
from facefolk_server.vision.embedders.embedder import normalize
from numpy.typing import NDArray

from bench.quality.scores import NOBODY, IntArray, score
from bench.quality.variants import Extras

FloatArray = NDArray[np.float32]
PAIRS = 50
SEED = 11


@dataclass(frozen=True, slots=True)
class BridgeScores:
    """What became of `pairs` of people with 1 to 3 of the `bridges` between each.

    All are sums over draws of bridges. `merged` people share the group of most of their faces
    with somebody before them; `mixed` groups hold `minimum` or more faces of a second person,
    `wrong` faces are with another's. `between` bridging faces are within the distance of core
    faces of both their people; `unlisted` of them are in no suggestion.
    """

    pairs: int
    bridges: int
    merged: int
    mixed: int
    wrong: int
    between: int
    unlisted: int


def build_bridges(
    embeddings: FloatArray, labels: IntArray, *, pairs: int = PAIRS, seed: int = SEED
) -> tuple[FloatArray, IntArray]:
    """Return bridging faces `(b, d)` and the two people of each `(b, 2)`."""
    random = np.random.default_rng(seed)
    people = np.unique(labels)
    everyone = np.stack(np.triu_indices(len(people), 1), axis=1)
    chosen = people[everyone[random.permutation(len(everyone))[:pairs]]]
    between = np.repeat(chosen, random.integers(1, 4, len(chosen)), axis=0)
    sides = [
        embeddings[[random.choice(np.flatnonzero(labels == person)) for person in side]]
        for side in between.T
    ]
    return normalize(sides[0] + sides[1]), between


def judge_bridges(
    embeddings: FloatArray, labels: IntArray, parameters: RoundParameters, *, draws: int = 1
) -> BridgeScores:
    """Build bridges between people with `(n,)` labels, and run a round over everyone.

    Over again with other pairs for each of the `draws`.
    """
    found = [
        astuple(_judge(embeddings, labels, parameters, seed=SEED + draw))
        for draw in range(draws)
    ]
    return BridgeScores(*map(sum, zip(*found, strict=True)))


def _judge(
    embeddings: FloatArray, labels: IntArray, parameters: RoundParameters, *, seed: int
) -> BridgeScores:
    made, between = build_bridges(embeddings, labels, seed=seed)
    everyone = np.concatenate((embeddings, made))
    result = run_round(_round_input(everyone), parameters)
    core = np.flatnonzero(result.core[: len(labels)])
    near = made.astype(np.float64) @ embeddings[core].astype(np.float64).T
    within = 1 - near <= parameters.max_distance
    sides = (within[:, None] & (labels[core] == between[..., None])).any(axis=2)
    linking = np.flatnonzero(sides.all(axis=1))
    listed = {face for join in result.refused_joins for face in (join.face_a, join.face_b)}
    groups = _groups(result)
    scores = score(groups, _labels(labels, len(made)), minimum=parameters.min_faces)
    homes = _homes(groups[: len(labels)], labels)
    return BridgeScores(
        pairs=len(np.unique(between, axis=0)),
        bridges=len(made),
        merged=len(homes) - len(set(homes)),
        mixed=scores.mixed,
        wrong=scores.wrong,
        between=len(linking),
        unlisted=sum(_name(len(labels) + bridge) not in listed for bridge in linking.tolist()),
    )


def _homes(groups: IntArray, labels: IntArray) -> list[int]:
    """Return the group of most faces of each person, of those who have more in it than out."""
    homes = []
    for person in np.unique(labels):
        found, counts = np.unique(groups[labels == person], return_counts=True)
        home = int(found[counts.argmax()])
        if home != NOBODY and 2 * counts.max() > counts.sum():
            homes.append(home)
    return homes


def judge_all(
    embeddings: FloatArray,
    labels: IntArray,
    *,
    distances: Sequence[float],
    minimum: int,
    settings: Mapping[str, Extras],
    draws: int = 1,
) -> list[dict[str, Any]]:
    """Return a row for each setting and distance."""
    return [
        {"section": "bridges", "setting": name, "distance": distance, "minimum": minimum}
        | asdict(
            judge_bridges(
                embeddings,
                labels,
                RoundParameters(RoundMode.ALL, distance, minimum, **extras(distance)),
                draws=draws,
            )
        )
        for name, extras in settings.items()
        for distance in distances
    ]


def _round_input(embeddings: FloatArray) -> RoundInput:
    count = len(embeddings)
    nothing = np.zeros(count, np.bool_)
    return RoundInput(
        face_ids=[_name(row) for row in range(count)],
        embeddings=embeddings,
        asset_ids=[f"a{row:07}" for row in range(count)],
        frame_offsets_us=np.zeros(count, np.int64),
        person_ids=[None] * count,
        manual=nothing,
        not_a_face=nothing,
        stranger=nothing,
        barred={},
        quality=np.ones(count, np.float32),
        kept_people=frozenset(),
    )


def _name(row: int) -> str:
    return f"f{row:07}"


def _groups(result: RoundResult) -> IntArray:
    numbers: dict[str | None, int] = {None: -1}
    return np.array([numbers.setdefault(p, len(numbers)) for p in result.person_ids], np.int64)


def _labels(labels: IntArray, bridges: int) -> IntArray:
    return np.concatenate((labels, np.full(bridges, -1)))
