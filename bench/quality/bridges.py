"""People linked by faces between them that were made on purpose.

A bridging face is the normalized mean of the embeddings of two people's faces: about as near
to either of them as they are to their own. Plain growth joins whom it links.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, replace
from typing import Any

import numpy as np
from facefolk_server.clustering import RoundInput, RoundParameters, RoundResult, run_round
from facefolk_server.service.resolved import Resolved, resolve
from facefolk_server.service.round_commit import outcome_of
from facefolk_server.service.round_input import RoundGround
from facefolk_server.service.suggestions.album import album_of
from facefolk_server.service.suggestions.pairs import probable_merges
from facefolk_server.store import DepartedFaces
from facefolk_server.store.answers import pair_of
from facefolk_server.types import UNPLACED, Mark, RecognitionSettings, RoundMode
from facefolk_server.vision.embedders.embedder import normalize
from facefolk_server.vision.specs import Pack
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
    faces of both their people; `unlisted` of them are shown with no question whether two
    people are one.
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
    embeddings: FloatArray,
    labels: IntArray,
    parameters: RoundParameters,
    *,
    settings: Resolved,
    draws: int = 1,
) -> BridgeScores:
    """Build bridges between people with `(n,)` labels, and run a round over everyone.

    `settings` are what suggestions go by. Over again with other pairs for each of the `draws`.
    """
    found = [
        astuple(_judge(embeddings, labels, parameters, settings, seed=SEED + draw))
        for draw in range(draws)
    ]
    return BridgeScores(*map(sum, zip(*found, strict=True)))


def _judge(
    embeddings: FloatArray,
    labels: IntArray,
    parameters: RoundParameters,
    settings: Resolved,
    *,
    seed: int,
) -> BridgeScores:
    made, between = build_bridges(embeddings, labels, seed=seed)
    everyone = np.concatenate((embeddings, made))
    given = _round_input(everyone)
    result = run_round(given, parameters)
    core = np.flatnonzero(result.core[: len(labels)])
    near = made.astype(np.float64) @ embeddings[core].astype(np.float64).T
    within = 1 - near <= parameters.max_distance
    sides = (within[:, None] & (labels[core] == between[..., None])).any(axis=2)
    linking = np.flatnonzero(sides.all(axis=1))
    listed = _shown(given, result, settings)
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


def _shown(given: RoundInput, result: RoundResult, settings: Resolved) -> set[str]:
    """Return the faces that are shown with the question whether two people are one."""
    unplaced = [UNPLACED] * len(given.face_ids)
    nothing_said: list[frozenset[Mark]] = [frozenset()] * len(given.face_ids)
    gone = DepartedFaces([], given.embeddings[:0], given.quality[:0])
    ground = RoundGround(given, settings.pack, tuple(unplaced), tuple(nothing_said), gone)
    links = {
        pair_of(link.person_a, link.person_b): link.distance
        for link in outcome_of(ground, result).links
    }
    after = replace(ground, given=replace(given, person_ids=result.person_ids))
    asked = probable_merges(album_of(after, settings), links)
    return {face_id for question in asked for face_id in question.faces_shown}


def _homes(groups: IntArray, labels: IntArray) -> list[int]:
    """Return the group of most faces of each person, of those who have more in it than out."""
    homes = []
    for person in np.unique(labels):
        found, counts = np.unique(groups[labels == person], return_counts=True)
        home = int(found[counts.argmax()])
        if home != NOBODY and 2 * counts.max() > counts.sum():
            homes.append(home)
    return homes


def settings_of(pack: Pack, distance: float, minimum: int) -> Resolved:
    """Return the settings of a library with this distance and minimum, else as they come."""
    return resolve(
        RecognitionSettings(max_recognition_distance=distance, min_recognized_faces=minimum),
        pack=pack.name,
        pack_digest=pack.digest,
        recommended_min_score=pack.recommended_min_score,
        recommended_distance=pack.recommended_distance,
        guard_distance=pack.guard_distance,
    )


def judge_all(
    embeddings: FloatArray,
    labels: IntArray,
    *,
    distances: Sequence[float],
    minimum: int,
    settings: Mapping[str, Extras],
    pack: Pack,
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
                settings=settings_of(pack, distance, minimum),
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
