"""What users do by hand: assigning faces to people and taking them away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from facefolk_server.service.call import Call
from facefolk_server.service.people import PersonFields
from facefolk_server.service.views import PersonView


@dataclass(frozen=True, slots=True)
class Assigned:
    """The person that has the faces now, and how many faces changed."""

    person: PersonView
    faces_changed: int


class Hands:
    """The calls that change by hand who a face is."""

    async def assign_faces(
        self,
        call: Call,
        face_ids: Sequence[str],
        *,
        person_id: str = "",
        new_person: PersonFields | None = None,
    ) -> Assigned:
        """Assign faces by hand to a person or to a new one."""
        raise NotImplementedError

    async def unassign_faces(self, call: Call, face_ids: Sequence[str]) -> int:
        """Take faces from their people; return how many changed."""
        raise NotImplementedError
