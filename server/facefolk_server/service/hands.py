"""What users do by hand: assigning faces to people, taking them away, marking them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from facefolk_server.errors import InvalidRequestError
from facefolk_server.service.call import Call
from facefolk_server.service.departures import people_left_empty
from facefolk_server.service.identifiers import check_face_ids, random_person_id
from facefolk_server.service.libraries import Libraries
from facefolk_server.service.marking import (
    CLEARED,
    KIND,
    check_mark,
    contradictions,
    marking,
    taken_back,
)
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


@dataclass(frozen=True, slots=True)
class Marked:
    """The marks of the faces now, and in sentences what contradicts what was said before."""

    marks: tuple[Mark, ...]
    contradictions: tuple[str, ...]


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

        Marks that say that a face is not this person, no face or a stranger go. People who
        lose their last face this way go too, unless somebody said something about them.

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
        newcomer = self._newcomer(new_person, faces) if new_person is not None else None
        return await self._assign(call, EventKind.FACES_ASSIGNED, faces, newcomer or person_id)

    async def create_person(
        self, call: Call, fields: PersonFields, face_ids: Sequence[str]
    ) -> PersonView:
        """Create a person of faces, which are assigned by hand.

        Raises:
            InvalidRequestError: There are no faces or too many, or a value cannot be.
            FaceNotFoundError: One of the faces is not there; then nobody is created.
        """
        faces = check_face_ids(face_ids)
        newcomer = self._newcomer(fields, faces)
        made = await self._assign(call, EventKind.PERSON_CREATED, faces, newcomer)
        return made.person

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

    async def mark_faces(
        self,
        call: Call,
        face_ids: Sequence[str],
        kind: MarkKind | None,
        *,
        person_id: str = "",
    ) -> Marked:
        """Say something about faces that rounds obey; no kind takes marks away.

        With a person, no kind takes that mark alone away. The last word counts, and what it
        contradicts is told: a face leaves a person that it cannot belong to any more.

        Raises:
            InvalidRequestError: There are no faces or too many, or the person is missing or
                has no meaning.
            FaceNotFoundError: One of the faces is not there; then none is marked.
            PersonNotFoundError: The person is not there.
        """
        faces = check_face_ids(face_ids)
        check_mark(kind, person_id)
        detail = {KIND: kind.name if kind else CLEARED}

        def decide(reading: Reading) -> Draft | None:
            changes = marking(reading, faces, kind, person_id)
            return Draft(EventKind.FACES_MARKED, changes, detail) if changes else None

        event = await self._libraries.change(call, EventKind.FACES_MARKED, decide)
        marks = await self._libraries.read(
            call, lambda r: [mark for face_id in faces for mark in r.state.marks(face_id)]
        )
        ordered = tuple(sorted(marks, key=lambda m: (m.face_id, m.kind, m.person_id)))
        return Marked(ordered, contradictions(event) if event else ())

    async def _assign(
        self, call: Call, kind: EventKind, faces: Sequence[str], to: Person | str
    ) -> Assigned:
        newcomer, target = (to, to.person_id) if isinstance(to, Person) else (None, to)

        def decide(reading: Reading) -> Draft | None:
            if newcomer is None:
                reading.person(target)
            changes = assignment(reading, faces, target, newcomer)
            return Draft(kind, changes, {_PERSON: target}) if changes else None

        event = await self._libraries.change(call, kind, decide)
        has_them = event.detail[_PERSON] if event else target
        person = await self._libraries.read(
            call, lambda reading: reading.person_view(reading.person(has_them))
        )
        return Assigned(person, len(event.changes.placements) if event else 0)

    def _newcomer(self, fields: PersonFields, faces: Sequence[str]) -> Person:
        now = self._clock()
        return _newcomer(fields.checked(today=now.date()), faces, now)


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


def assignment(
    reading: Reading, faces: Sequence[str], target: str, newcomer: Person | None = None
) -> Changes:
    """Return what changes when a user says that faces are this person.

    Raises:
        FaceNotFoundError: One of the faces is not there.
    """
    after = Placement(target, Assignment.MANUAL)
    moved: list[PlacementChange] = []
    marks: list[MarkChange] = []
    for face_id in faces:
        reading.face(face_id)
        before = reading.placement(face_id)
        if (before.person_id, before.assignment) != (target, Assignment.MANUAL):
            moved.append(PlacementChange(face_id, before, after))
        marks += taken_back(reading, face_id, target)
    unmarked = {change.mark.person_id for change in marks} - {target}
    left = people_left_empty(reading.state, moved, marks=marks, also=unmarked)
    arrival = () if newcomer is None else (PersonChange(target, None, newcomer),)
    return Changes(placements=tuple(moved), people=(*arrival, *left), marks=tuple(marks))
