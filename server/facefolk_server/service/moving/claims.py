"""What an import says, whichever form it came in, and how its faces are found here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from facefolk_server.service.frames.takeover import take_over
from facefolk_server.service.reading import Reading
from facefolk_server.store.answers import Pair
from facefolk_server.types import BoundingBox, Face, Mark, Person

# Boxes of other detectors are drawn differently; faces of one picture rarely overlap.
MIN_OVERLAP = 0.3


@dataclass(frozen=True, slots=True)
class Claim:
    """A face somewhere else: where it is, who it is there, and whether a user said so.

    `face_id` is empty where it has no id here that could be the same; `person` is a key of
    `Claims.people`, "" for nobody. The box is in pixels of the upright image of this size.
    """

    asset_id: str
    frame_offset_us: int
    box: BoundingBox
    width: int
    height: int
    person: str
    manual: bool
    face_id: str = ""


@dataclass(frozen=True, slots=True)
class ClaimedPerson:
    """Somebody from somewhere else; `person_id` of `record` is empty where none is wished.

    One who is `kept` comes though none of the faces is found here.
    """

    key: str
    record: Person
    kept: bool


@dataclass(frozen=True, slots=True)
class Claims:
    """All that an import says.

    `marks` are about the faces and people of the other side, and so is `apart`: people of
    whom a user said there that they are two. `unmatched` are sentences about what could not
    even be read.
    """

    people: Mapping[str, ClaimedPerson]
    faces: Sequence[Claim]
    marks: Sequence[Mark] = ()
    apart: Sequence[Pair] = ()
    unmatched: Sequence[str] = ()


def find_faces(reading: Reading, claims: Sequence[Claim]) -> list[str]:
    """Return the id of the face here that each claim is about, "" where there is none.

    That is the face of the same id in the same frame, else the one whose box overlaps most,
    one to one.
    """
    by_frame: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    for index, claim in enumerate(claims):
        by_frame[claim.asset_id, claim.frame_offset_us].append(index)
    found = [""] * len(claims)
    for (asset_id, offset), indexes in by_frame.items():
        here = {face.face_id: face for face in reading.faces_of_frame(asset_id, offset)}
        for index in indexes:
            if here.pop(claims[index].face_id, None) is not None:
                found[index] = claims[index].face_id
        left = [index for index in indexes if not found[index]]
        for index, face_id in _overlapping(list(here.values()), claims, left).items():
            found[index] = face_id
    return found


def _overlapping(
    old: Sequence[Face], claims: Sequence[Claim], indexes: Sequence[int]
) -> dict[int, str]:
    if not old or not indexes:
        return {}
    first = claims[indexes[0]]
    boxes = [
        claims[i].box.scaled(first.width / claims[i].width, first.height / claims[i].height)
        for i in indexes
    ]
    taken = take_over(
        old, boxes, width=first.width, height=first.height, min_overlap=MIN_OVERLAP
    )
    return {indexes[position]: face_id for position, face_id in taken.items()}


def sentence_about(reading: Reading, claim: Claim, name: str) -> str:
    """Return why a claim has no face here."""
    who = f" of {name!r}" if name else ""
    if reading.library.frame(claim.asset_id, claim.frame_offset_us) is None:
        seconds = claim.frame_offset_us / 1_000_000
        where = f" at {seconds:g} s" if claim.frame_offset_us else ""
        return f"Asset {claim.asset_id!r}{where}: never submitted here; a face{who} waits."
    box = claim.box
    place = f"({box.x_min:.0f}, {box.y_min:.0f}) to ({box.x_max:.0f}, {box.y_max:.0f})"
    return f"Asset {claim.asset_id!r}: no face found here at {place}, where one{who} was."
