"""Who is not the match of a face, near as they are."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
from facefolk_server.service.paging import PageRequest
from facefolk_server.service.people import PersonFields
from facefolk_server.service.search import Probe
from facefolk_server.service.suggestions.questions import Answer, SuggestionKind
from facefolk_server.service.views import Match
from unit.service.world import CALL, Seen, World, look, picture

PAGE = PageRequest(1000)


async def somebody(world: World, name: str, *, at: float, **said: object) -> str:
    """Make a person of a face turned by `at` from one axis to another."""
    reply = await world.submit(f"{name}.jpg", Seen(10, look(0, off=at, way=1)))
    assigned = await world.hands.assign_faces(
        CALL,
        [reply.faces[0].view.face.face_id],
        new_person=PersonFields(name, **said),  # type: ignore[arg-type]
    )
    return assigned.person.person.person_id


async def match_of(world: World, vector: list[float], **given: object) -> Match | None:
    """Submit a picture for nothing but its match."""
    reply = await world.submit("new.jpg", Seen(10, vector), dry_run=True, **given)
    return reply.faces[0].match


async def searched(world: World, **probe: object) -> Match | None:
    (result,) = await world.search.search(CALL, Probe(**probe))  # type: ignore[arg-type]
    return result.match


async def test_nobody_matches_in_a_picture_from_before_the_birth(world: World) -> None:
    child = await somebody(world, "Ann", at=0.0, birth_date=date(2020, 5, 4))
    early, late = (datetime(2020, 5, day, 12, tzinfo=UTC) for day in (1, 4))
    assert await match_of(world, look(0), capture_time=early) is None
    for known in ({"capture_time": late}, {}):
        found = await match_of(world, look(0), **known)
        assert found is not None
        assert found.person_id == child
    # A stored face is of the day when its picture was taken.
    for number, taken in enumerate((early, late)):
        reply = await world.submit(f"s{number}.jpg", Seen(10, look(0)), capture_time=taken)
        match = await searched(world, face_id=reply.faces[0].view.face.face_id)
        assert (match is None) == (taken == early)
        assert (reply.faces[0].match is None) == (taken == early)


async def test_the_next_one_who_was_born_matches(world: World) -> None:
    child = await somebody(world, "Ann", at=0.0, birth_date=date(2020, 5, 4))
    older = await somebody(world, "Bea", at=1.5)
    between = look(0, off=0.7, way=1)
    found = await match_of(world, between)
    assert found is not None
    assert found.person_id == child
    early = await match_of(world, between, capture_time=datetime(2019, 1, 1, tzinfo=UTC))
    assert early is not None
    assert early.person_id == older


async def test_faces_between_two_told_apart_match_neither(world: World) -> None:
    one = await somebody(world, "Ann", at=0.0)
    other = await somebody(world, "Bea", at=1.0)
    middle, nearer = look(0, off=0.48, way=1), look(0, off=0.2, way=1)
    found = await match_of(world, middle)
    assert found is not None
    assert found.person_id == one
    page = await world.suggestions.list_suggestions(CALL, PAGE, kind=SuggestionKind.MERGE)
    (question,) = (asked.question for asked in page.items)
    assert set(question.people) == {one, other}
    await world.suggestions.answer_suggestion(CALL, question.suggestion_id, Answer.NO)
    assert await match_of(world, middle) is None
    assert await searched(world, image=picture(Seen(10, middle))) is None
    assert await searched(world, embedding=np.array(middle, np.float32)) is None
    found = await match_of(world, nearer)
    assert found is not None
    assert found.person_id == one
