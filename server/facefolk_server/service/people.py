"""People: listing, reading and changing their records."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from facefolk_server.service.call import Call
from facefolk_server.service.paging import Page, PageRequest
from facefolk_server.service.views import PersonView


class PersonOrder(enum.IntEnum):
    """The order of a list of people; the numbers are those of the API."""

    FACE_COUNT = 1
    NAME = 2


@dataclass(frozen=True, slots=True)
class PersonFields:
    """What a user can say of a person."""

    name: str = ""
    birth_date: date | None = None
    hidden: bool = False
    favorite: bool = False
    feature_face_id: str = ""


class People:
    """The calls about records of people."""

    async def list_people(
        self,
        call: Call,
        page: PageRequest,
        *,
        name_query: str = "",
        order: PersonOrder = PersonOrder.FACE_COUNT,
        include_hidden: bool = False,
    ) -> Page[PersonView]:
        """List people that have a name, are favorites, or have enough faces."""
        raise NotImplementedError

    async def get_person(self, call: Call, person_id: str) -> PersonView:
        """Answer one person."""
        raise NotImplementedError

    async def update_person(
        self,
        call: Call,
        person_id: str,
        fields: PersonFields,
        *,
        mask: Sequence[str] | None = None,
        etag: str = "",
    ) -> PersonView:
        """Change a person's record."""
        raise NotImplementedError
