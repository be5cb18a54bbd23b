"""What goes into a clustering round and what comes out of it."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from facefolk_server.clustering.chain_guard import ChainGuard
from facefolk_server.clustering.quality_gate import QualityGate
from facefolk_server.types import Reason, RoundMode

FloatArray = NDArray[np.float32]
DoubleArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]

# Faces by rank in any width, where many are kept.
RankArray = NDArray[np.signedinteger[Any]]

# No person, in arrays of person codes.
NOBODY = -1


class Progress(Protocol):
    """Told after each piece of work; what it raises stops the round."""

    def __call__(self, done: int, total: int, /) -> None:
        """Take note that `done` of `total` pieces are worked through."""


def unobserved(done: int, total: int, /) -> None:
    """Take no note of progress."""


@dataclass(frozen=True, slots=True, eq=False)
class RoundInput:
    """The faces of one library and pack as they stand, in any order.

    `embeddings` are `(n, d) float32` of unit length, multiples of 2**-24; everything else
    goes by their row. `barred` maps a row to the people that NOT_THIS_PERSON marks on it
    name. `quality` (0..1) picks the face that stands for a track, and is what a quality gate
    judges by. `kept_people` stay though a round leaves them without faces. `unborn` maps a
    row to the people who cannot be in its picture yet, `apart` are pairs of people who were
    told apart (see `vetoes`).

    With `keys` `(n,) int64` neighbor counts can be kept for the next round: numbers that no
    other face ever has, nor the same face with another embedding or quality, within one
    `origin`. `departed` are embeddings `(d,)` of faces that went, by their keys.
    """

    face_ids: Sequence[str]
    embeddings: FloatArray
    asset_ids: Sequence[str]
    frame_offsets_us: Sequence[int] | NDArray[np.int64]
    person_ids: Sequence[str | None]
    manual: BoolArray
    not_a_face: BoolArray
    stranger: BoolArray
    barred: Mapping[int, frozenset[str]]
    quality: FloatArray
    kept_people: frozenset[str]
    unborn: Mapping[int, frozenset[str]] = field(default_factory=dict)
    apart: frozenset[tuple[str, str]] = frozenset()
    keys: NDArray[np.int64] | None = None
    origin: str = ""
    departed: Mapping[int, FloatArray] = field(default_factory=dict)


class Neighbors(enum.StrEnum):
    """How neighbors are found where all pairs of faces are to be looked at.

    AUTO is EXACT while that is affordable. APPROXIMATE finds nearly all, in a fraction of
    the time, and measures how many.
    """

    AUTO = "auto"
    EXACT = "exact"
    APPROXIMATE = "approximate"


@dataclass(frozen=True, slots=True)
class RoundParameters:
    """How a round decides: E and m of the design are `max_distance` and `min_faces`."""

    mode: RoundMode
    max_distance: float
    min_faces: int
    one_face_per_asset: bool = True
    chain_guard: ChainGuard | None = None
    quality_gate: QualityGate | None = None
    neighbors: Neighbors = Neighbors.AUTO


@dataclass(frozen=True, slots=True, eq=False)
class KnownCounts:
    """Sizes of N(f) that a round leaves for the next one (see `known_counts`).

    They hold for faces of this `origin`, this distance and gate. `keys` `(k,) int64`
    ascending are those of the faces that were counted, with their `counts` `(k,) int32` and
    whether they were `able` `(k,)` to count as neighbors. `recall` is the share of neighbors
    that was found.
    """

    origin: str
    max_distance: float
    quality_gate: QualityGate | None
    keys: NDArray[np.int64]
    counts: NDArray[np.int32]
    able: BoolArray
    recall: float = 1.0


@dataclass(frozen=True, slots=True)
class Join:
    """A pair of faces that would have made one person of two.

    The people are named as in `RoundResult.person_ids`, `person_a` before `person_b`.
    """

    person_a: str
    person_b: str
    face_a: str
    face_b: str
    distance: float


@dataclass(frozen=True, slots=True)
class RoundStats:
    """Numbers of faces; followers of a track are faces too.

    `queued` is what the round decided about, all of it `processed`. `deferred` faces have
    too few neighbors and joined their nearest; some of them may be among the `pruned`.
    `recount` is why a MISSING round counted the neighbors of all faces, as a clause; empty
    where it used the counts of a round before. `neighbor_recall` is the share of neighbors
    that was found, 1 unless the round or the counts it began with are approximate.
    """

    queued: int
    processed: int
    assigned: int
    deferred: int
    outliers: int
    pruned: int
    recount: str = ""
    neighbor_recall: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class RoundResult:
    """How things stand after the round; everything goes by row of the input.

    A new person is called `new:` and its smallest face id; `created` are those. `emptied`
    are people whom an ALL round left without faces and who go. `core` and
    `neighbor_counts` `(n,)` of a face that follows a track are those of the face that
    stands for it; both are 0 for NOT_A_FACE. With a quality gate, neighbors are the face
    itself and good faces in its reach. `pruned` are rows with the person they were
    taken back from. `merge_suggestions` link people that a group of new faces lies between,
    with the fewest and nearest pairs that link them all; `refused_joins` are all pairs that
    the chain guard refused and that still lie between two people. `counts` are for the next
    round of these faces, None if they have no keys.
    """

    person_ids: list[str | None]
    core: BoolArray
    reasons: list[Reason]
    neighbor_counts: IntArray
    created: tuple[str, ...]
    emptied: tuple[str, ...]
    deferred_rows: tuple[int, ...]
    pruned: tuple[tuple[int, str], ...]
    merge_suggestions: tuple[Join, ...]
    refused_joins: tuple[Join, ...]
    stats: RoundStats
    counts: KnownCounts | None = None
