"""What a bundle says, checked: it may come from anywhere."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np

from facefolk_server.errors import InvalidRequestError
from facefolk_server.service.identifiers import check_asset_id, check_text
from facefolk_server.service.moving.claims import Claim, ClaimedPerson, Claims
from facefolk_server.service.names import check_birth_date, check_name
from facefolk_server.store import Bundle, BundledFace
from facefolk_server.types import Assignment, Face, Person

# Ids go into file names and conditions: nothing but ids of our own making is taken.
_FACE_ID = re.compile(r"[a-z2-7]{26}")
_PERSON_ID = re.compile(r"p_[a-z2-7]{20}")
_MAX_SIDE = 1_000_000
_MAX_OFFSET_US = 10**13
_MAX_NAME = 128
_NEARLY = 1e-3
_STEPS = 2.0**24


def claims_of(bundle: Bundle, *, today: date) -> Claims:
    """Return what a bundle says.

    Raises:
        InvalidRequestError: An id or a value in it cannot be.
    """
    people: dict[str, ClaimedPerson] = {}
    unmatched: list[str] = []
    for person in bundle.people:
        record = _person(person, today, unmatched.append)
        people[record.person_id] = ClaimedPerson(record.person_id, record, kept=record.told)
    faces = []
    for bundled in bundle.faces:
        check_face(bundled)
        owner = bundled.placement.person_id or ""
        face = bundled.face
        faces.append(
            Claim(
                face.asset_id,
                face.frame_offset_us,
                face.box,
                face.image_width,
                face.image_height,
                owner if owner in people else "",
                bundled.placement.assignment is Assignment.MANUAL,
                face.face_id,
            )
        )
    return Claims(people, faces, bundle.marks, bundle.apart, unmatched)


def check_face(bundled: BundledFace) -> None:
    """Refuse a face that cannot be one of ours.

    Raises:
        InvalidRequestError: An id or a value of it cannot be.
    """
    face = bundled.face
    if not _FACE_ID.fullmatch(face.face_id):
        raise _wrong("face_id", face.face_id)
    check_asset_id(face.asset_id)
    check_text(face.pack, "pack", max_length=_MAX_NAME, required=True)
    check_text(face.pack_digest, "pack_digest", max_length=_MAX_NAME)
    sides = (face.image_width, face.image_height)
    if not all(1 <= side <= _MAX_SIDE for side in sides):
        raise _wrong("image_size", sides)
    if not 0 <= face.frame_offset_us <= _MAX_OFFSET_US:
        raise _wrong("frame_offset_us", face.frame_offset_us)
    box = face.box
    numbers = [box.x_min, box.y_min, box.x_max, box.y_max]
    numbers += [value for point in face.landmarks for value in (point.x, point.y)]
    if not all(math.isfinite(n) and abs(n) <= _MAX_SIDE for n in numbers) or not box.area:
        raise _wrong("box", numbers[:4])
    if not all(0.0 <= value <= 1.0 for value in (face.score, face.quality)):
        raise _wrong("score", face.score)
    if bundled.embedding is not None:
        _check_embedding(bundled, face)


def _check_embedding(bundled: BundledFace, face: Face) -> None:
    vector = np.asarray(bundled.embedding, np.float64)
    whole = vector.ndim == 1 and bool(np.isfinite(vector).all())
    if not whole or abs(float(vector @ vector) - 1.0) > _NEARLY:
        raise _wrong("embedding", face.face_id)
    if not bool((vector * _STEPS == np.round(vector * _STEPS)).all()):
        raise _wrong("embedding", face.face_id)


def _person(person: Person, today: date, report: Callable[[str], None]) -> Person:
    if not _PERSON_ID.fullmatch(person.person_id):
        raise _wrong("person_id", person.person_id)
    born = person.birth_date
    try:
        check_birth_date(born, today=today)
    except InvalidRequestError:
        report(f"Person {person.person_id}: the birth date {born} is in the future; left out.")
        born = None
    return replace(person, name=check_name(person.name), birth_date=born, revision=0)


def _wrong(name: str, value: object) -> InvalidRequestError:
    return InvalidRequestError(
        f"This bundle was not made by ExportPeople: its {name} {str(value)[:64]!r} cannot be.",
        field=name,
    )
