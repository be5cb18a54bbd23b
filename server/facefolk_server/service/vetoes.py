"""What keeps a face from having a person, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from facefolk_server.service.neighborhoods import NearFace
from facefolk_server.service.resolved import Resolved
from facefolk_server.types import Face, Mark, MarkKind, Placement, Reason

_PEOPLE_TOLD = 5
_OF_THE_FACE_ALONE = {
    MarkKind.NOT_A_FACE: "It is marked as not being a face, so it counts nowhere.",
    MarkKind.STRANGER: "It is marked as a stranger, so no round assigns it.",
}


@dataclass(frozen=True, slots=True)
class Case:
    """A face without a person and what is around it.

    `size` is that of N(f), `reach` the distance within which it may be somebody: less than
    the setting's where the quality gate finds it `poor`. `lenders` are faces that stand for
    people, the nearest of each person, nearest first; the last may be out of reach.
    `in_picture` names a face of each person who is in the same picture.
    """

    face: Face
    placement: Placement
    marks: Sequence[Mark]
    settings: Resolved
    core: bool
    size: int
    reach: float
    poor: bool
    lenders: Sequence[NearFace]
    in_picture: Mapping[str, str]


def vetoes(case: Case) -> tuple[str, ...]:
    """Return why the face has no person, the most decisive first."""
    settings = case.settings
    if case.face.pack_digest != settings.pack_digest:
        return (
            f"It was found by pack {case.face.pack} as it was then, not by {settings.pack} as "
            "it is now: rounds pass it over until its picture is sent again.",
        )
    alone = [
        _OF_THE_FACE_ALONE[mark.kind] for mark in case.marks if mark.kind in _OF_THE_FACE_ALONE
    ]
    return tuple(alone or [*_of_people(case), *_of_itself(case)])


def _of_people(case: Case) -> Iterator[str]:
    reach = case.reach
    barred = {mark.person_id for mark in case.marks}
    near = [face for face in case.lenders if face.distance <= reach]
    for face in near[:_PEOPLE_TOLD]:
        person_id = face.placement.person_id or ""
        who = f"person {person_id}, whose face {face.face_id} is at {face.distance:.3f}"
        if person_id in barred:
            yield f"It is marked as not being {who}."
        elif case.settings.one_face_per_asset and person_id in case.in_picture:
            yield (
                f"It resembles {who}, but face {case.in_picture[person_id]} of the same "
                "picture is that person already."
            )
        else:
            yield f"Nothing keeps it from {who}: the next round may assign it."
    if not near:
        yield f"No face that stands for a person is within {reach:.3f}."
        for face in case.lenders:
            yield (
                f"The nearest one is face {face.face_id} of person "
                f"{face.placement.person_id}, at {face.distance:.3f}."
            )


def _of_itself(case: Case) -> Iterator[str]:
    fewest = case.settings.min_recognized_faces
    if case.poor:
        yield (
            f"The quality gate finds it poor, of quality {case.face.quality:.2f}: it cannot be "
            f"core, and joins nobody farther than {case.reach:.3f}."
        )
    elif not case.core:
        yield (
            f"It is not core: {case.size} of the {fewest} faces needed are within "
            f"{case.settings.max_recognition_distance:.3f}, itself included."
        )
    if case.placement.reason is Reason.MARKED:
        yield (
            f"A mark is in its group of fewer than {fewest} core faces, which is why the "
            "round made no person of it."
        )
    elif case.placement.reason is Reason.UNBORN:
        yield "The person whom it resembles was born after its picture was taken."
    elif case.placement.reason is Reason.TOLD_APART:
        yield (
            "It lies between two people who were told apart, and is not clearly nearer to one "
            "of them: assign it by hand."
        )
    if not case.placement.round_id:
        yield "No round has decided about it since it came, or was taken from its person."
