"""The state of a library as a user would compare it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from facefolk_server.service.reading import Reading
from facefolk_server.store.answers import Pair
from facefolk_server.types import Mark, Person, RecognitionSettings
from unit.service.world import CALL, World


@dataclass(frozen=True)
class Stand:
    """How things stand; etags and update times aside."""

    faces: dict[str, tuple[str | None, str]]
    people: dict[str, Person]
    marks: frozenset[Mark]
    settings: RecognitionSettings
    apart: frozenset[Pair]


async def stand(world: World) -> Stand:
    def look(reading: Reading) -> Stand:
        state = reading.state
        return Stand(
            {
                face: (place.person_id, place.assignment.name)
                for face, place in state.placements.items()
                if place.person_id is not None
            },
            {
                person_id: replace(person, revision=0, update_time=None)
                for person_id, person in state.people.items()
            },
            frozenset(mark for said in state.marked.values() for mark in said),
            replace(state.settings, revision=0),
            reading.apart,
        )

    return await world.libraries.read(CALL, look)
