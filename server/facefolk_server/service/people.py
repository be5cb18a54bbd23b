"""People: listing, reading, changing, merging and removing them."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime

from facefolk_server.errors import ConflictError, InvalidRequestError
from facefolk_server.service.call import Call
from facefolk_server.service.libraries import Libraries
from facefolk_server.service.merging import check_sources, merge_conflicts, merger
from facefolk_server.service.names import check_birth_date, check_name, folded, matches
from facefolk_server.service.paging import Page, PageRequest, SortKey, take_page
from facefolk_server.service.reading import Reading, etag_of
from facefolk_server.service.views import PersonView
from facefolk_server.store import Draft
from facefolk_server.store.state import MERGE_TARGET
from facefolk_server.types import (
    UNPLACED,
    Changes,
    EventKind,
    MarkChange,
    Person,
    PersonChange,
    PlacementChange,
)


class PersonOrder(enum.IntEnum):
    """The order of a list of people; the numbers are those of the API."""

    FACE_COUNT = 1
    NAME = 2


@dataclass(frozen=True, slots=True)
class PersonFields:
    """What a user can say of a person; the names are those of the API's field masks."""

    name: str = ""
    birth_date: date | None = None
    hidden: bool = False
    favorite: bool = False
    feature_face_id: str = ""

    def checked(self, *, today: date) -> PersonFields:
        """Return the fields with a tidy name.

        Raises:
            InvalidRequestError: The name or the birth date cannot be.
        """
        return replace(
            self,
            name=check_name(self.name),
            birth_date=check_birth_date(self.birth_date, today=today),
        )


@dataclass(frozen=True, slots=True)
class Merged:
    """The person that stayed, and in sentences what could not be kept."""

    person: PersonView
    conflicts: tuple[str, ...]


class People:
    """The calls about records of people."""

    def __init__(self, libraries: Libraries, *, clock: Callable[[], datetime]) -> None:
        self._libraries = libraries
        self._clock = clock

    async def list_people(
        self,
        call: Call,
        page: PageRequest,
        *,
        name_query: str = "",
        order: PersonOrder = PersonOrder.FACE_COUNT,
        include_hidden: bool = False,
    ) -> Page[PersonView]:
        """List people that have a name, are favorites, or have enough faces.

        Raises:
            InvalidRequestError: The page is not one of this list.
        """

        def look(reading: Reading) -> Page[PersonView]:
            listed = [
                person
                for person in reading.state.people.values()
                if reading.is_listed(person, include_hidden=include_hidden)
                and (not name_query or matches(person.name, name_query))
            ]
            chosen = take_page(
                listed,
                page,
                key=lambda person: _sort_key(reading, person, order),
                query=("people", call.library_id, name_query, order, include_hidden),
            )
            views = tuple(reading.person_view(person) for person in chosen.items)
            return Page(views, chosen.next_page_token, chosen.total_size)

        return await self._libraries.read(call, look)

    async def get_person(self, call: Call, person_id: str) -> PersonView:
        """Answer one person, hidden or not.

        Raises:
            PersonNotFoundError: There is none; one that was merged names where it went.
        """
        return await self._libraries.read(
            call, lambda reading: reading.person_view(reading.person(person_id))
        )

    async def update_person(
        self,
        call: Call,
        person_id: str,
        fields: PersonFields,
        *,
        mask: Sequence[str] | None = None,
        etag: str = "",
    ) -> PersonView:
        """Change those fields of a person's record that the mask names.

        No mask names those that are not zero, "*" names all.

        Raises:
            PersonNotFoundError: There is no such person.
            InvalidRequestError: A value cannot be, or the mask names what is no field.
            ConflictError: The etag is not the current one.
        """
        now = self._clock()
        given = fields.checked(today=now.date())
        chosen = {name: getattr(given, name) for name in masked(given, mask)}

        def decide(reading: Reading) -> Draft | None:
            person = reading.person(person_id)
            check_etag(etag, etag_of(person.revision))
            feature = str(chosen.get("feature_face_id", ""))
            if feature and feature not in reading.state.members(person_id):
                raise InvalidRequestError(
                    "feature_face_id has to be a face of the person itself.",
                    field="feature_face_id",
                    face_id=feature[:64],
                )
            after = replace(person, **chosen)
            if after == person:
                return None
            change = PersonChange(person_id, person, replace(after, update_time=now))
            return Draft(EventKind.PERSON_UPDATED, Changes(people=(change,)))

        await self._libraries.change(call, EventKind.PERSON_UPDATED, decide)
        return await self.get_person(call, person_id)

    async def merge_people(
        self, call: Call, target_id: str, source_ids: Sequence[str]
    ) -> Merged:
        """Move the faces of several people to one, who stays; the others go.

        Raises:
            InvalidRequestError: There are no sources or too many, or the target is among them.
            PersonNotFoundError: One of the people is not there; then none is merged.
        """
        sources = check_sources(target_id, source_ids)

        def decide(reading: Reading) -> Draft | None:
            return merger(reading, target_id, sources, now=self._clock())

        event = await self._libraries.change(call, EventKind.PEOPLE_MERGED, decide)
        stayed = event.detail[MERGE_TARGET] if event else target_id
        conflicts = merge_conflicts(event) if event else ()
        return Merged(await self.get_person(call, stayed), conflicts)

    async def delete_person(self, call: Call, person_id: str, *, etag: str = "") -> int:
        """Remove a person and return how many faces became unassigned; marks against it go.

        The next round may make a person of these faces again.

        Raises:
            PersonNotFoundError: There is no such person.
            ConflictError: The etag is not the current one.
        """

        def decide(reading: Reading) -> Draft | None:
            person = reading.person(person_id)
            check_etag(etag, etag_of(person.revision))
            return Draft(EventKind.PERSON_DELETED, _removal(reading, person))

        event = await self._libraries.change(call, EventKind.PERSON_DELETED, decide)
        return len(event.changes.placements) if event else 0


def masked(given: PersonFields, mask: Sequence[str] | None) -> list[str]:
    """Return the names of the fields that a mask chooses.

    Raises:
        InvalidRequestError: It names something else.
    """
    names = [field.name for field in fields(given)]
    if not mask:
        return [name for name in names if getattr(given, name)]
    if "*" in mask:
        return names
    unknown = sorted(set(mask) - set(names))
    if unknown:
        raise InvalidRequestError(
            f"update_mask names {unknown[0][:64]!r}: it can name {', '.join(names)} or '*'.",
            field="update_mask",
        )
    return [name for name in names if name in mask]


def check_etag(given: str, current: str) -> None:
    """Refuse an etag that is given and not the current one.

    Raises:
        ConflictError: It is not.
    """
    if given and given != current:
        raise ConflictError(
            "Somebody else changed this since it was read: read it again and repeat.",
            etag=current,
        )


def _removal(reading: Reading, person: Person) -> Changes:
    state = reading.state
    moved = tuple(
        PlacementChange(face_id, reading.placement(face_id), UNPLACED)
        for face_id in sorted(state.members(person.person_id))
    )
    marks = tuple(
        MarkChange(mark, added=False)
        for face_id in sorted(state.marked)
        for mark in state.marks(face_id)
        if mark.person_id == person.person_id
    )
    return Changes(moved, (PersonChange(person.person_id, person, None),), marks)


def _sort_key(reading: Reading, person: Person, order: PersonOrder) -> SortKey:
    if order is PersonOrder.NAME:
        return (not person.name, folded(person.name), person.name, person.person_id)
    count = len(reading.state.members(person.person_id))
    return (not person.favorite, -count, person.person_id)
