"""What is counted of people is what a count of now would be, whatever happened before."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import wait
from dataclasses import replace
from pathlib import Path

import pytest
from facefolk_server.store import Draft, FrameWrite, Library, Store, Summary
from facefolk_server.types import (
    UNPLACED,
    Assignment,
    Changes,
    EventKind,
    PersonChange,
    Placement,
    PlacementChange,
)
from unit.store.samples import Clock, arrival, write

PEOPLE = ("p_a", "p_b")
PACKS = ("open", "dlib")


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    store = Store.open(tmp_path, durability="process", clock=Clock())
    made = store.library("")
    for person_id in PEOPLE:
        append(made, arrival(person_id))
    yield made
    store.close()


def append(library: Library, changes: Changes) -> None:
    library.append(lambda _: Draft(EventKind.FACES_ASSIGNED, changes), actor="tester")


def place(library: Library, face_id: str, person_id: str | None) -> None:
    with library.read() as state:
        before = state.placements.get(face_id, UNPLACED)
    after = Placement(person_id, Assignment.MANUAL) if person_id else UNPLACED
    append(library, Changes(placements=(PlacementChange(face_id, before, after),)))


def found(number: int, quality: float, *, pack: str = "open", asset: str = "") -> FrameWrite:
    """A picture with one face of this quality."""
    one = write(asset or f"{number % 3}-{pack}.jpg", [number], pack=pack, offset=number)
    faces = tuple(replace(face, quality=quality) for face in one.faces)
    return replace(one, faces=faces)


def counted(library: Library, person_id: str) -> Summary:
    """The summary, counted anew."""
    with library.read() as state:
        members = state.members(person_id)
        faces = [
            table.face(row)
            for pack in library.packs()
            for table in [library.faces(pack)]
            for face_id in members
            if (row := table.row_of(face_id)) is not None
        ]
    best = min(faces, key=lambda face: (-face.quality, face.face_id), default=None)
    assets = {face.asset_id for face in faces}
    return Summary(len(members), len(assets), best.face_id if best else "")


def test_a_better_face_stands_for_the_person_at_once(library: Library) -> None:
    assert library.summary("p_a") == Summary(0, 0, "")
    wait([library.write_frame(found(n, 0.5)) for n in (1, 2, 4)])
    for number in (1, 2, 4):
        place(library, f"face{number}", "p_a")
    assert library.summary("p_a") == Summary(3, 2, "face1")
    wait([library.write_frame(found(4, 0.75))])
    assert library.summary("p_a") == Summary(3, 2, "face4")
    wait([library.write_frame(found(4, 0.25))])
    assert library.summary("p_a") == Summary(3, 2, "face1")
    place(library, "face1", "p_b")
    assert library.summary("p_a") == Summary(2, 2, "face2")
    assert library.summary("p_b") == Summary(1, 1, "face1")
    assert library.summary("p_nobody") == Summary(0, 0, "")


@pytest.mark.parametrize(
    "seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 12))]
)
def test_summaries_are_what_is_there(library: Library, seed: int) -> None:
    die = random.Random(seed)
    for _ in range(60):
        number, pack = die.randrange(8), die.choice(PACKS)
        step = die.choice(["find", "find", "place", "place", "remove", "go"])
        if step == "find":
            wait([library.write_frame(found(number, die.choice([0.25, 0.5, 0.75]), pack=pack))])
        elif step == "remove":
            gone = write("none.jpg", [], removed=[f"face{number}"])
            wait([library.write_frame(gone)])
        elif step == "place":
            place(library, f"face{number}", die.choice([None, *PEOPLE]))
        else:
            with library.read() as state:
                person = state.people["p_b"]
            append(library, Changes(people=(PersonChange("p_b", person, None),)))
            append(library, Changes(people=(PersonChange("p_b", None, person),)))
        for person_id in PEOPLE:
            assert library.summary(person_id) == counted(library, person_id)
        with library.read() as state:
            assert state.placed == sum(len(state.members(person_id)) for person_id in PEOPLE)
