"""Matching by lists: what it finds, and what comes and goes meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from drawing import drawn
from facefolk_server.service.matching import Finder, MatchRule
from facefolk_server.service.near_lists import NearLists
from facefolk_server.service.nearest import rows_within
from facefolk_server.store import Draft, FaceTable, FrameWrite, Store
from facefolk_server.store.face_rows import face_rows
from facefolk_server.types import (
    UNPLACED,
    Assignment,
    Changes,
    EventKind,
    Person,
    PersonChange,
    Placement,
    PlacementChange,
)
from facefolk_server.vision.calibration import CALIBRATIONS
from hypothesis import given
from hypothesis import strategies as st
from unit.store.samples import START, face, frame, vector

from bench.faces import generated

RULE = MatchRule(0.5, 3, CALIBRATIONS["open"])


def now(work: Callable[[], None]) -> None:
    work()


def table_of(embeddings: np.ndarray, *, first: int = 0) -> FaceTable:
    table = FaceTable("open", embeddings.shape[1])
    put(table, embeddings, first=first)
    return table


def put(table: FaceTable, embeddings: np.ndarray, *, first: int) -> None:
    faces = [face(first + number) for number in range(len(embeddings))]
    table.put(face_rows(faces, embeddings))


def test_the_nearest_face_is_found_nearly_always() -> None:
    embeddings, _ = generated(5000)
    table = table_of(embeddings[:4500])
    lists = NearLists(most_scanned=1000, start=now)
    queries = embeddings[4500:]
    lists.near(table, table.embeddings, queries[:1], max_distance=0.5)  # they are made now
    found = lists.near(table, table.embeddings, queries, max_distance=0.5)
    exact = rows_within(table.embeddings, queries, max_distance=0.5)
    nearest = [
        (one.rows[:1].tolist(), one.distances[:1].tolist()) for one in exact if len(one.rows)
    ]
    same = [
        (one.rows[:1].tolist(), one.distances[:1].tolist())
        for one, other in zip(found, exact, strict=True)
        if len(other.rows)
    ]
    assert np.mean([a == b for a, b in zip(nearest, same, strict=True)]) >= 0.99
    for one, other in zip(found, exact, strict=True):
        assert set(one.rows.tolist()) <= set(other.rows.tolist())
        assert (np.diff(one.distances) >= 0).all()


def test_faces_that_come_later_are_found() -> None:
    embeddings, _ = generated(3000)
    table = table_of(embeddings[:2000])
    lists = NearLists(most_scanned=1000, start=now)
    lists.near(table, table.embeddings, embeddings[:1], max_distance=0.5)
    put(table, embeddings[2000:], first=2000)
    found = lists.near(table, table.embeddings, embeddings[2000:2050], max_distance=0.5)
    assert [one.rows[0] for one in found] == list(range(2000, 2050))
    assert all(one.distances[0] < 1e-6 for one in found)


@drawn(40)
@given(
    st.lists(st.integers(-30, 29), max_size=60),
    st.integers(0, 10**6),
    st.floats(0.05, 0.9),
)
def test_whatever_comes_and_goes_nothing_is_found_that_is_not_there(
    steps: list[int], seed: int, max_distance: float
) -> None:
    """Each step puts a face, anew where it is there already, or (below 0) takes it away."""
    embeddings = np.stack([vector(seed + number) for number in range(90)])
    table = table_of(embeddings[:30])
    lists = NearLists(most_scanned=10, start=now)
    for count, step in enumerate(steps, 30):
        number = step % 30
        if step < 0:
            table.remove([face(number).face_id])
        else:
            put(table, embeddings[count : count + 1], first=number)
        matrix = table.embeddings
        live = np.flatnonzero(matrix.any(axis=1))
        found = lists.near(table, matrix, matrix[live], max_distance=max_distance)
        exact = rows_within(matrix, matrix[live], max_distance=max_distance)
        for row, one, other in zip(live.tolist(), found, exact, strict=True):
            query = matrix[row : row + 1]
            turns = lists.near_in_turns(table, matrix, query, max_distance=max_distance)
            in_turns = [r for turn in turns for r in turn.rows.tolist()]
            assert sorted(in_turns) == sorted(set(in_turns) & set(other.rows.tolist()))
            assert row in in_turns
            assert row in one.rows
            places = np.isin(other.rows, one.rows)
            assert one.rows.tolist() == other.rows[places].tolist()
            assert one.distances.tolist() == other.distances[places].tolist()


def test_a_table_whose_faces_are_all_gone_is_searched_in_vain() -> None:
    embeddings, _ = generated(50)
    table = table_of(embeddings)
    table.remove(list(table.live_ids()))
    lists = NearLists(most_scanned=10, start=now)
    for _ in range(2):
        found = lists.near(table, table.embeddings, embeddings[:1], max_distance=0.5)
        assert not len(found[0].rows)


def test_all_faces_are_looked_at_while_lists_are_made_and_anew_when_outgrown() -> None:
    embeddings, _ = generated(3000)
    table = table_of(embeddings[:1100])
    works: list[Callable[[], None]] = []
    lists = NearLists(most_scanned=1000, start=works.append)
    for _ in range(2):
        found = lists.near(table, table.embeddings, embeddings[:3], max_distance=0.5)
        exact = rows_within(table.embeddings, embeddings[:3], max_distance=0.5)
        assert [one.rows.tolist() for one in found] == [one.rows.tolist() for one in exact]
    assert len(works) == 1
    works.pop()()
    lists.near(table, table.embeddings, embeddings[:3], max_distance=0.5)
    assert not works
    put(table, embeddings[1100:], first=1100)
    lists.near(table, table.embeddings, embeddings[:3], max_distance=0.5)
    assert len(works) == 1


def test_matches_are_those_of_looking_at_all(tmp_path: Path) -> None:
    embeddings, owners = generated(1500, mean_size=20.0)
    store = Store.open(tmp_path, durability="process")
    library = store.library("")
    faces = tuple(face(number, asset="album.jpg") for number in range(1400))
    write = FrameWrite(frame("album.jpg", faces=1400), faces, embeddings[:1400])
    library.write_frame(write).result()
    people = {f"p{owner}" for owner in owners.tolist()}
    changes = Changes(
        placements=tuple(
            PlacementChange(
                f"face{row}", UNPLACED, Placement(f"p{owner}", Assignment.AUTOMATIC)
            )
            for row, owner in enumerate(owners[:1400].tolist())
        ),
        people=tuple(
            PersonChange(p, None, Person(p, create_time=START, update_time=START))
            for p in sorted(people)
        ),
    )
    library.append(lambda _: Draft(EventKind.ROUND_COMMITTED, changes), actor="tester")
    lists = NearLists(most_scanned=500, start=now)
    Finder(library, "open", lists=lists).matches(embeddings[:1], RULE)
    found = Finder(library, "open", lists=lists).matches(embeddings[1400:], RULE)
    exact = Finder(library, "open").matches(embeddings[1400:], RULE)
    assert sum(match is not None for match in exact) > 50
    assert np.mean([a == b for a, b in zip(found, exact, strict=True)]) >= 0.97
    store.close()
