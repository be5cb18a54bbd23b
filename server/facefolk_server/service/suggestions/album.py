"""The faces and people that questions are looked for among."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facefolk_server.service.resolved import Resolved
from facefolk_server.service.round_input import RoundGround
from facefolk_server.types import Reason

FloatArray = NDArray[np.float32]
DoubleArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]

NOBODY = -1
MAX_PEOPLE = 5000
"""Questions are about this many people at most, those with most faces."""
MAX_FACES = 2000
"""Faces of each kind that are looked at, the most promising first."""

_BLOCK = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Album:
    """Faces by row, `(n,)` each, and people by code, `(p,)` each, most faces first.

    `owners` are codes or `NOBODY`. `open` faces have no person, no mark on them alone, and a
    round has left them so; `pruned` ones because their person is in the picture already.
    `centers` `(p, d)` are means of unit vectors, so that 1 - product is a mean cosine
    distance. `members` are rows by person. `barred` holds codes.
    """

    settings: Resolved
    face_ids: Sequence[str]
    embeddings: FloatArray
    pictures: IntArray
    people: Sequence[str]
    owners: IntArray
    manual: BoolArray
    open: BoolArray
    pruned: BoolArray
    qualities: FloatArray
    barred: Mapping[int, frozenset[int]]
    members: Sequence[IntArray]
    centers: DoubleArray
    sizes: IntArray

    def center_distances(self, rows: IntArray) -> DoubleArray:
        """Return the mean distance of each row to the faces of each person, `(k, p)`."""
        return np.asarray(1.0 - self.embeddings[rows].astype(np.float64) @ self.centers.T)

    def probability(self, distance: float, *, candidates: int = 1) -> float:
        """Return how likely two faces or people at this distance are one person, 0..1."""
        return self.settings.calibration.probability(distance, candidates=candidates)

    def own_distances(self, rows: IntArray) -> DoubleArray:
        """Return the mean distance of each row to the other faces of its person, `(k,)`.

        Zero where there are no others.
        """
        found = np.zeros(len(rows))
        for start in range(0, len(rows), _BLOCK):
            some = rows[start : start + _BLOCK]
            own = self.embeddings[some].astype(np.float64)
            sizes = self.sizes[self.owners[some]].astype(np.float64)
            sums = np.einsum("ij,ij->i", own, self.centers[self.owners[some]]) * sizes
            others = np.maximum(sizes - 1.0, 1.0)
            means = 1.0 - (sums - np.einsum("ij,ij->i", own, own)) / others
            found[start : start + _BLOCK] = np.where(sizes > 1, means, 0.0)
        return found

    def bars(self, row: int, person: int) -> bool:
        """Tell whether a mark says that a face is not this person."""
        return person in self.barred.get(row, ())


def album_of(ground: RoundGround, settings: Resolved) -> Album:
    """Return what a snapshot holds, by person; blocking."""
    given = ground.given
    owners, people = _people(given.person_ids)
    order = np.argsort(owners, kind="stable")
    bounds = np.searchsorted(owners[order], np.arange(len(people) + 1))
    members = [order[bounds[code] : bounds[code + 1]] for code in range(len(people))]
    reasons = np.array([int(place.reason) for place in ground.placements], np.intp)
    codes = {person_id: code for code, person_id in enumerate(people)}
    marked = given.not_a_face | given.stranger
    return Album(
        settings=settings,
        face_ids=given.face_ids,
        embeddings=given.embeddings,
        pictures=_pictures(given.asset_ids, given.frame_offsets_us),
        people=people,
        owners=owners,
        manual=given.manual,
        open=_without_person(given.person_ids) & (reasons != Reason.NONE) & ~marked,
        pruned=reasons == Reason.SAME_ASSET,
        qualities=given.quality,
        barred={
            row: frozenset(codes[one] for one in barred if one in codes)
            for row, barred in given.barred.items()
        },
        members=members,
        centers=_centers(given.embeddings, members),
        sizes=np.array([len(rows) for rows in members], np.intp),
    )


def _people(person_ids: Sequence[str | None]) -> tuple[IntArray, list[str]]:
    """Return codes by row and the ids by code, of those people who have most faces."""
    counts: dict[str, int] = {}
    for person_id in person_ids:
        if person_id is not None:
            counts[person_id] = counts.get(person_id, 0) + 1
    people = sorted(counts, key=lambda person_id: (-counts[person_id], person_id))[:MAX_PEOPLE]
    codes: dict[str | None, int] = {person_id: code for code, person_id in enumerate(people)}
    owners = [codes.get(person_id, NOBODY) for person_id in person_ids]
    return np.array(owners, np.intp), people


def _without_person(person_ids: Sequence[str | None]) -> BoolArray:
    return np.array([person_id is None for person_id in person_ids], bool)


def _pictures(assets: Sequence[str], offsets: Sequence[int] | NDArray[np.int64]) -> IntArray:
    seen: dict[tuple[str, int], int] = {}
    pairs = zip(assets, np.asarray(offsets).tolist(), strict=True)
    return np.array([seen.setdefault(pair, len(seen)) for pair in pairs], np.intp)


def _centers(embeddings: FloatArray, members: Sequence[IntArray]) -> DoubleArray:
    width = embeddings.shape[1] if embeddings.ndim == 2 else 0
    centers = np.zeros((len(members), width))
    for code, rows in enumerate(members):
        centers[code] = embeddings[rows].mean(axis=0, dtype=np.float64)
    return centers
