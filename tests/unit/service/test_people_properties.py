"""Random sequences of what users and rounds do keep the people of a library in order."""

from __future__ import annotations

import asyncio
import json
import random
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from facefolk_server.errors import FacefolkError, UndoError
from facefolk_server.service.admin import SettingsFields
from facefolk_server.service.faces import FaceFilter
from facefolk_server.service.paging import PageRequest
from facefolk_server.service.people import PersonFields
from facefolk_server.service.reading import Reading
from facefolk_server.service.suggestions.questions import Answer
from facefolk_server.types import Assignment, MarkKind, RoundMode
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.service.states import stand
from unit.service.world import CALL, Seen, World, look

LOOKS, PICTURES = 5, 4
BOOKKEEPING = ("round_started", "round_ended")


def seen_in(who: int, number: int, quality: float = 0.5) -> list[Seen]:
    """What is in a picture of somebody, who is twice in the first one."""
    vector = look(who, off=0.3 * number, way=(who + 1) % LOOKS)
    once = [Seen(10, vector, quality=quality)]
    return [*once, Seen(200, look(who, off=0.1))] if number == 0 else once


@dataclass
class Play:
    """A library and a die that says what is done to it next."""

    world: World
    die: random.Random
    refused: int = 0
    known: list[str] = field(default_factory=list)
    newest: str = ""
    done: list[str] = field(default_factory=list)
    bundle: bytes = b""

    async def fill(self) -> None:
        """Pictures of people, two of them twice in one picture, some of them far apart."""
        for who in range(LOOKS):
            for number in range(PICTURES):
                await self.world.submit(f"{who}-{number}.jpg", *seen_in(who, number))

    async def found_anew(self) -> None:
        """Send a picture again in which its faces are of another quality."""
        who, number = self.die.randrange(LOOKS), self.die.randrange(PICTURES)
        await self.world.submit(f"{who}-{number}.jpg", *seen_in(who, number, self.die.random()))

    async def people(self) -> list[str]:
        """Everybody, in an order that does not depend on their ids, which are random."""

        def look(reading: Reading) -> list[str]:
            state = reading.state
            ages = [
                (str(one.create_time), min(state.members(one.person_id), default=""), one)
                for one in state.people.values()
            ]
            return [one.person_id for *_, one in sorted(ages, key=lambda age: age[:2])]

        return await self.world.libraries.read(CALL, look)

    async def some_faces(self) -> list[str]:
        faces = sorted(await self.world.placed())
        return self.die.sample(faces, self.die.randint(1, 3))

    async def a_person(self) -> str:
        """Somebody, as often as not the one who came last, so that events build on others."""
        people = await self.people() or ["p_nobody"]
        if people != self.known:
            self.newest = next(iter(set(people) - set(self.known)), people[0])
            self.known = people
        return self.newest if self.die.random() < 0.5 else self.die.choice(people)

    async def step(self) -> None:
        """Do something; what is refused leaves everything as it was."""
        name = self.die.choice(list(STEPS))
        self.done.append(name)
        before, sequence = await stand(self.world), await self.world.sequence()
        try:
            await STEPS[name](self)
        except FacefolkError:
            self.refused += 1
            assert await self.world.sequence() == sequence
            assert await stand(self.world) == before

    async def round(self, mode: RoundMode) -> None:
        before = await self.by_hand()
        await self.world.round(mode)
        assert await self.by_hand() == before

    async def by_hand(self) -> dict[str, str | None]:
        return {
            view.face.face_id: view.placement.person_id
            for view in await self.world.stored()
            if view.placement.assignment is Assignment.MANUAL
        }

    async def undo_any(self) -> None:
        sequence = await self.world.sequence()
        if sequence:
            event_id = self.die.randint(max(1, sequence - 20), sequence)
            await self.world.history.undo_event(CALL, event_id)

    async def undo_last(self) -> None:
        page = await self.world.history.list_events(CALL, PageRequest(1))
        for view in page.items:
            if view.undoable:
                await self.world.history.undo_event(CALL, view.event.sequence)

    async def update(self) -> None:
        person_id = await self.a_person()
        fields, mask = self.die.choice(
            [
                (PersonFields(name=self.die.choice("ABC")), ["name"]),
                (PersonFields(), ["name"]),
                (PersonFields(hidden=True), ["hidden"]),
                (PersonFields(), ["hidden"]),
                (PersonFields(favorite=True), ["favorite"]),
            ]
        )
        await self.world.people.update_person(CALL, person_id, fields, mask=mask)

    async def mark(self) -> None:
        kind = self.die.choice([None, *MarkKind])
        person = await self.a_person() if kind is MarkKind.NOT_THIS_PERSON else ""
        faces = await self.some_faces()
        await self.world.hands.mark_faces(CALL, faces, kind, person_id=person)

    async def answer(self) -> None:
        """Answer a question; which one does not depend on ids of people, which are random."""
        desk = self.world.suggestions
        asked = await desk.list_suggestions(CALL, PageRequest(1000), include_hidden=True)
        questions = sorted(
            asked.items, key=lambda one: (one.question.kind, one.faces_shown, one.distance)
        )
        if questions:
            question = self.die.choice(questions).question
            said = self.die.choice(list(Answer))
            await desk.answer_suggestion(CALL, question.suggestion_id, said)

    async def preview(self) -> None:
        """Look ahead with settings of its own, do something, then make it real or drop it."""
        before = await self.by_hand()
        rounds, mode = self.world.rounds, self.die.choice(list(RoundMode))
        own = SettingsFields(min_recognized_faces=self.die.randint(1, 4))
        started = await rounds.start_round(
            CALL, mode, skip_waiting=True, preview=True, settings=own
        )
        async for _ in rounds.watch_round(CALL, started.round_id):
            pass
        if self.die.random() < 0.3:
            await rounds.cancel_round(CALL, started.round_id)
        else:
            await rounds.commit_round(CALL, started.round_id)
            assert await self.by_hand() == before

    async def export(self) -> None:
        """Write down how things are, for an import to bring back."""
        pieces = self.world.moving.export_people(CALL, include_embedding=True)
        self.bundle = b"".join([piece async for piece in pieces])

    async def import_bundle(self) -> None:
        before = await self.by_hand()
        await self.world.moving.import_bundle(CALL, _chunks(self.bundle))
        after = await self.by_hand()
        assert before.keys() <= after.keys()

    async def import_lines(self) -> None:
        faces = [view.face for view in await self.world.stored()]
        lines = [
            {
                "asset_id": face.asset_id,
                "name": self.die.choice("ABCD"),
                "box": [face.box.x_min + 1, face.box.y_min, face.box.x_max, face.box.y_max],
                "image_width": face.image_width,
                "image_height": face.image_height,
                "manual": self.die.random() < 0.5,
            }
            for face in self.die.sample(faces, 3)
        ]
        text = "\n".join(map(json.dumps, lines))
        await self.world.moving.import_json_lines(CALL, _chunks(text.encode()))

    async def merge(self) -> None:
        people = await self.people()
        if len(people) > 1:
            target, *sources = self.die.sample(people, min(len(people), 3))
            await self.world.people.merge_people(CALL, target, sources)


Step = Callable[[Play], Awaitable[object]]


async def _chunks(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def _assign(play: Play) -> None:
    person_id = await play.a_person()
    await play.world.hands.assign_faces(CALL, await play.some_faces(), person_id=person_id)


async def _create(play: Play) -> None:
    fields = PersonFields(play.die.choice(["", "N"]))
    await play.world.hands.create_person(CALL, fields, await play.some_faces())


async def _unassign(play: Play) -> None:
    await play.world.hands.unassign_faces(CALL, await play.some_faces())


async def _delete(play: Play) -> None:
    await play.world.people.delete_person(CALL, await play.a_person())


async def _settings(play: Play) -> None:
    fewest = play.die.randint(1, 4)
    await play.world.admin.update_settings(CALL, SettingsFields(min_recognized_faces=fewest))


STEPS: dict[str, Step] = {
    "assign": _assign,
    "assign again": _assign,
    "create": _create,
    "unassign": _unassign,
    "update": Play.update,
    "mark": Play.mark,
    "mark again": Play.mark,
    "merge": Play.merge,
    "delete": _delete,
    "settings": _settings,
    "answer": Play.answer,
    "answer again": Play.answer,
    "preview": Play.preview,
    "export": Play.export,
    "import": Play.import_bundle,
    "import lines": Play.import_lines,
    "missing": lambda play: play.round(RoundMode.MISSING),
    "all": lambda play: play.round(RoundMode.ALL),
    "found anew": Play.found_anew,
    "undo any": Play.undo_any,
    "undo last": Play.undo_last,
}


def check_order(reading: Reading) -> None:
    """No face is in two people, nobody is where a mark says not, all that is named exists."""
    state = reading.state
    members = {person_id: state.members(person_id) for person_id in state.people}
    assert sum(map(len, members.values())) == len(set().union(*members.values()))
    for face_id, place in state.placements.items():
        if place.person_id is None:
            continue
        assert face_id in members[place.person_id]
        assert reading.has_face(face_id)
        for mark in state.marks(face_id):
            assert mark.person_id not in ("", place.person_id)
    for said in state.marked.values():
        assert {mark.person_id for mark in said} <= {"", *state.people}


async def check_lists(world: World) -> None:
    """Counts and lists agree."""
    page = await world.people.list_people(CALL, PageRequest(1000), include_hidden=True)
    assert page.total_size == len(page.items)
    counted = 0
    for person_id in await world.libraries.read(CALL, lambda r: sorted(r.state.people)):
        view = await world.people.get_person(CALL, person_id)
        faces = await world.stored(person_id=person_id)
        assert view.face_count == len(faces)
        assert view.asset_count == len({face.face.asset_id for face in faces})
        best = min(faces, key=lambda f: (-f.face.quality, f.face.face_id), default=None)
        assert view.feature_face_id == (best.face.face_id if best else "")
        counted += len(faces)
    free = await world.faces.list_faces(
        CALL, PageRequest(1000), which=FaceFilter(unassigned=True)
    )
    status = await world.admin.status(CALL)
    assert free.total_size == status.unassigned_face_count
    assert counted + free.total_size == status.face_count == LOOKS * (PICTURES + 1)


async def undo_everything(world: World, since: int) -> None:
    library = await world.libraries.library(CALL)
    events = await asyncio.to_thread(library.events, since, 10_000)
    for event in reversed(events):
        if event.kind not in BOOKKEEPING:
            try:
                await world.history.undo_event(CALL, event.sequence)
            except UndoError as error:
                # A round that found nothing to do is all that may be in the way.
                assert "changed nothing" in error.message, error  # noqa: PT017


async def play_out(seed: int, steps: int) -> Play:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        play = Play(world, random.Random(seed))
        await play.fill()
        await world.round()
        await play.export()
        first, since = await stand(world), await world.sequence()
        for number in range(steps):
            await play.step()
            await world.libraries.read(CALL, check_order)
            if number % 10 == 0:
                await check_lists(world)
        await check_lists(world)
        await undo_everything(world, since)
        assert await stand(world) == first, play.done
        await world.close()
    return play


@given(seed=st.integers(0, 2**32))
@settings(max_examples=2)
def test_a_few_steps_keep_order_and_can_be_undone(seed: int) -> None:
    asyncio.run(play_out(seed, 25))


@pytest.mark.slow
@given(seed=st.integers(0, 2**32))
@settings(max_examples=3)
def test_two_hundred_steps_keep_order_and_can_be_undone(seed: int) -> None:
    play = asyncio.run(play_out(seed, 200))
    assert set(play.done) == set(STEPS)
    assert play.refused < len(play.done) / 2


@pytest.mark.nightly
@given(seed=st.integers(0, 2**32))
@settings(max_examples=50, derandomize=False)
def test_many_times_two_hundred_steps(seed: int) -> None:
    asyncio.run(play_out(seed, 200))
