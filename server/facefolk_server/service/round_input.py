"""The snapshot that a round works on."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facefolk_server.clustering import ChainGuard, RoundInput, RoundParameters
from facefolk_server.service.births import first_days, taken_on
from facefolk_server.service.reading import Reading
from facefolk_server.service.resolved import Resolved
from facefolk_server.store import DepartedFaces, FaceSnapshot
from facefolk_server.types import (
    UNPLACED,
    Assignment,
    Mark,
    MarkKind,
    Placement,
    RoundMode,
)


@dataclass(frozen=True, slots=True, eq=False)
class RoundGround:
    """What a round was made on: its input, and what was said of each face then.

    `placements` and `marks` go by row of the input; `departed` are faces that went lately.
    """

    given: RoundInput
    pack: str
    placements: tuple[Placement, ...]
    marks: tuple[frozenset[Mark], ...]
    departed: DepartedFaces


def gather(reading: Reading, settings: Resolved) -> RoundGround:
    """Copy the faces of a pack with all that is said of them; blocking.

    Only faces of the pack's present digest take part: embeddings of two digests cannot be
    compared.
    """
    faces = reading.library.faces(settings.pack).snapshot(settings.pack_digest)
    state = reading.state
    placements = tuple(state.placements.get(face_id, UNPLACED) for face_id in faces.face_ids)
    marks = tuple(state.marks(face_id) for face_id in faces.face_ids)
    barred = {
        row: frozenset(m.person_id for m in said if m.kind is MarkKind.NOT_THIS_PERSON)
        for row, said in enumerate(marks)
        if any(m.kind is MarkKind.NOT_THIS_PERSON for m in said)
    }
    given = RoundInput(
        face_ids=faces.face_ids,
        embeddings=faces.embeddings,
        asset_ids=faces.asset_ids,
        frame_offsets_us=faces.frame_offsets_us,
        person_ids=[placement.person_id for placement in placements],
        manual=np.array([p.assignment is Assignment.MANUAL for p in placements], bool),
        not_a_face=_marked(marks, MarkKind.NOT_A_FACE),
        stranger=_marked(marks, MarkKind.STRANGER),
        barred=barred,
        quality=faces.qualities,
        kept_people=_kept_people(reading, set(faces.face_ids)),
        unborn=_unborn(reading, faces),
        apart=reading.apart,
        origin=settings.pack_digest,
    )
    return RoundGround(given, settings.pack, placements, marks, faces.departed)


def parameters(mode: RoundMode, settings: Resolved) -> RoundParameters:
    """Return the settings as the round takes them."""
    return RoundParameters(
        mode=mode,
        max_distance=settings.max_recognition_distance,
        min_faces=settings.min_recognized_faces,
        one_face_per_asset=settings.one_face_per_asset,
        chain_guard=ChainGuard.at(settings.guard_distance) if settings.chain_guard else None,
        quality_gate=settings.gate,
    )


def queued(ground: RoundGround, mode: RoundMode) -> int:
    """Return how many faces the round decides about."""
    given = ground.given
    open_to_it = ~(given.not_a_face | given.stranger | given.manual)
    if mode is RoundMode.MISSING:
        open_to_it &= np.array([person is None for person in given.person_ids], bool)
    return int(open_to_it.sum())


def _marked(marks: tuple[frozenset[Mark], ...], kind: MarkKind) -> NDArray[np.bool_]:
    return np.array([any(mark.kind is kind for mark in said) for said in marks], bool)


def _unborn(reading: Reading, faces: FaceSnapshot) -> Mapping[int, frozenset[str]]:
    """Return by row who was not born yet when the picture was taken."""
    births = first_days(reading)
    if not births:
        return {}
    taken = {asset_id: taken_on(reading, asset_id) for asset_id in set(faces.asset_ids)}
    found: dict[int, frozenset[str]] = {}
    for row, asset_id in enumerate(faces.asset_ids):
        day = taken[asset_id].get(int(faces.frame_offsets_us[row]))
        if day is not None:
            later = frozenset(person for person, born in births.items() if born > day)
            if later:
                found[row] = later
    return found


def _kept_people(reading: Reading, faces: AbstractSet[str]) -> frozenset[str]:
    """Return the people who stay without a face of this pack.

    Those somebody said something about, and those who have faces of another pack.
    """
    state = reading.state
    said = {
        p.person_id for p in state.people.values() if p.told or state.mark_count(p.person_id)
    }
    elsewhere = {
        placement.person_id
        for face_id, placement in state.placements.items()
        if placement.person_id is not None and face_id not in faces
    }
    return frozenset(said | elsewhere)
