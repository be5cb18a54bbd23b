"""What users do by hand: assigning faces to people and taking them away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from facefolk_server.errors import InvalidRequestError
from facefolk_server.service.call import Call
from facefolk_server.service.departures import people_left_empty
from facefolk_server.service.identifiers import check_face_ids, random_person_id
from facefolk_server.service.libraries import Libraries
from facefolk_server.service.people import PersonFields
from facefolk_server.service.reading import Reading
from facefolk_server.service.views import PersonView
from facefolk_server.store import Draft
from facefolk_server.types import (
    UNPLACED,
    Assignment,
    Changes,
    EventKind,
    Mark,
    MarkChange,
    MarkKind,
    Person,
    PersonChange,
    Placement,
    PlacementChange,
)

_PERSON = "person_id"


@dataclass(frozen=True, slots=True)
class Assigned:
    """The person that has the faces now, and how many faces changed."""

    person: PersonView
    faces_changed: int


class Hands:
    """The calls that change by hand who a face is."""

    def __init__(self, libraries: Libraries, *, clock: Callable[[], datetime]) -> None:
        self._libraries = libraries
        self._clock = clock

    async def assign_faces(
        self,
        call: Call,
        face_ids: Sequence[str],
        *,
        person_id: str = "",
        new_person: PersonFields | None = None,
    ) -> Assigned:
        """Assign faces by hand to a person or to a new one; no round moves them any more.

        A mark that says a face is not this person goes. People who lose their last face this
        way go too, unless somebody said something about them.

        Raises:
            InvalidRequestError: Not exactly one target is given, or a value cannot be.
            FaceNotFoundError: One of the faces is not there; then none is assigned.
            PersonNotFoundError: The person is not there.
        """
        faces = check_face_ids(face_ids)
        if bool(person_id) == (new_person is not None):
            raise InvalidRequestError(
                "Give either person_id or new_person, so that it is known who the faces are.",
                field=_PERSON,
            )
        now = self._clock()
        newcomer = None
        if new_person is not None:
            newcomer = _newcomer(new_person.checked(today=now.date()), faces, now)
        target = person_id or (newcomer.person_id if newcomer else "")

        def decide(reading: Reading) -> Draft | None:
            if newcomer is None:
                reading.person(target)
            changes = _assignment(reading, faces, target, newcomer)
            return (
                Draft(EventKind.FACES_ASSIGNED, changes, {_PERSON: target}) if changes else None
            )

        event = await self._libraries.change(call, EventKind.FACES_ASSIGNED, decide)
        has_them = event.detail[_PERSON] if event else target
        person = await self._libraries.read(
            call, lambda reading: reading.person_view(reading.person(has_them))
        )
        return Assigned(person, len(event.changes.placements) if event else 0)

    async def unassign_faces(self, call: Call, face_ids: Sequence[str]) -> int:
        """Take faces from their people and return how many had one.

        The next round may assign them again, even to the same person; a mark prevents that.

        Raises:
            InvalidRequestError: There are no faces, or too many.
            FaceNotFoundError: One of the faces is not there; then none is changed.
        """
        faces = check_face_ids(face_ids)

        def decide(reading: Reading) -> Draft | None:
            for face_id in faces:
                reading.face(face_id)
            moved = tuple(
                PlacementChange(face_id, before, UNPLACED)
                for face_id in faces
                if (before := reading.placement(face_id)).person_id is not None
            )
            changes = Changes(placements=moved, people=people_left_empty(reading.state, moved))
            return Draft(EventKind.FACES_UNASSIGNED, changes) if moved else None

        event = await self._libraries.change(call, EventKind.FACES_UNASSIGNED, decide)
        return len(event.changes.placements) if event else 0


def _newcomer(fields: PersonFields, faces: Sequence[str], now: datetime) -> Person:
    if fields.feature_face_id and fields.feature_face_id not in faces:
        raise InvalidRequestError(
            "feature_face_id has to be one of the faces assigned.", field="feature_face_id"
        )
    return Person(
        person_id=random_person_id(),
        name=fields.name,
        birth_date=fields.birth_date,
        hidden=fields.hidden,
        favorite=fields.favorite,
        feature_face_id=fields.feature_face_id,
        create_time=now,
        update_time=now,
    )


def _assignment(
    reading: Reading, faces: Sequence[str], target: str, newcomer: Person | None
) -> Changes:
    after = Placement(target, Assignment.MANUAL)
    moved: list[PlacementChange] = []
    taken_back: list[MarkChange] = []
    for face_id in faces:
        reading.face(face_id)
        before = reading.placement(face_id)
        if (before.person_id, before.assignment) != (target, Assignment.MANUAL):
            moved.append(PlacementChange(face_id, before, after))
        denial = Mark(face_id, MarkKind.NOT_THIS_PERSON, target)
        if denial in reading.state.marks(face_id):
            taken_back.append(MarkChange(denial, added=False))
    left = people_left_empty(reading.state, moved, marks=taken_back)
    arrival = () if newcomer is None else (PersonChange(target, None, newcomer),)
    return Changes(placements=tuple(moved), people=(*arrival, *left), marks=tuple(taken_back))
