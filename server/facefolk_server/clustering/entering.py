"""Which faces enter a round, and for whom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facefolk_server.clustering.faces import Faces
from facefolk_server.clustering.model import NOBODY, IntArray
from facefolk_server.clustering.quality_gate import QualityGate
from facefolk_server.clustering.tracks import best_of, find_tracks, former_of, person_of
from facefolk_server.clustering.units import Units
from facefolk_server.types import RoundMode


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """What enters a round.

    `units` stand in the order of face ids. `unit_of` `(n,)` is the unit that each face is or
    follows, `NOBODY` for those that take no part; `faces` `(k,)` is the face of each unit.
    """

    units: Units
    unit_of: IntArray
    faces: IntArray


def enter(
    faces: Faces, *, max_distance: float, mode: RoundMode, gate: QualityGate | None = None
) -> Entry:
    """Let each track in through one of its faces, and every other face by itself."""
    everyone = np.arange(len(faces))
    stands_for = np.where(faces.not_a_face, NOBODY, everyone)
    persons, manual = faces.persons.copy(), faces.manual.copy()
    former_automatic = np.where(manual, NOBODY, faces.befores)
    for track in find_tracks(faces, max_distance=max_distance):
        best = best_of(faces, track)
        stands_for[track] = best
        persons[best] = person_of(faces, track)
        manual[best] = faces.manual[track].any()
        former_automatic[best] = former_of(faces, track)
    if mode is RoundMode.MISSING:
        former_automatic[:] = NOBODY
    entering = np.flatnonzero(stands_for == everyone)
    rank_of = np.full(len(faces), NOBODY)
    rank_of[entering] = np.arange(len(entering))
    queued = faces.queued & (persons == NOBODY)
    everyone_enters = len(entering) == len(faces)
    embeddings = faces.embeddings if everyone_enters else faces.embeddings[entering]
    able = gate.able(faces.quality) if gate else np.ones(len(faces), bool)
    able = able[entering]
    units = Units(
        embeddings=embeddings,
        persons=persons[entering],
        formers=np.where(persons == NOBODY, former_automatic, persons)[entering],
        former_automatic=former_automatic[entering],
        manual=manual[entering],
        queued=queued[entering],
        barred={
            int(rank_of[face]): people
            for face, people in faces.barred.items()
            if rank_of[face] != NOBODY and queued[face]
        },
        unborn={
            int(rank_of[face]): people
            for face, people in faces.unborn.items()
            if rank_of[face] != NOBODY
        },
        rivals=faces.rivals if mode is RoundMode.ALL else {},
        able=able,
        reaches=gate.reaches(able, max_distance=max_distance) if gate else None,
    )
    unit_of = np.where(stands_for == NOBODY, NOBODY, rank_of[stands_for])
    return Entry(units, unit_of, entering)
