"""What users answered and what rounds left to ask is kept, restored and forgotten."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from facefolk_server.store import Draft, LibraryState, Store
from facefolk_server.store.answers import LINKS, POSTPONED, TOLD_APART
from facefolk_server.types import (
    Changes,
    Event,
    EventKind,
    Person,
    PersonChange,
    RoundMode,
    RoundRecord,
    RoundState,
)

NOW = datetime(2024, 5, 1, tzinfo=UTC)


def event(kind: EventKind, changes: Changes = Changes(), **detail: str) -> Event:
    return Event(1, kind, "tester", NOW, changes, detail=detail)


def apart(*pairs: tuple[str, str, bool]) -> Event:
    return event(EventKind.SUGGESTION_ANSWERED, **{TOLD_APART: json.dumps(pairs)})


def test_people_are_told_apart_and_together_again() -> None:
    state = LibraryState()
    state.apply(apart(("b", "a", True), ("c", "d", True)))
    assert state.answers.apart == {("a", "b"), ("c", "d")}
    state.apply(apart(("a", "b", False), ("x", "y", False)))
    assert state.answers.apart == {("c", "d")}


def test_what_is_postponed_waits_for_a_round() -> None:
    state = LibraryState()
    state.apply(event(EventKind.SUGGESTION_ANSWERED, **{POSTPONED: "digest"}))
    assert state.answers.postponed == {"digest"}
    state.apply(event(EventKind.ROUND_COMMITTED, **{LINKS: json.dumps([["b", "a", 0.25]])}))
    assert not state.answers.postponed
    assert state.answers.links == {("a", "b"): 0.25}


def test_a_round_over_everything_says_anew_whom_it_would_have_joined() -> None:
    state = LibraryState()
    for mode, links in (
        (RoundMode.ALL, [["a", "b", 0.1]]),
        (RoundMode.MISSING, [["c", "d", 0.2]]),
    ):
        state.apply(event(EventKind.ROUND_COMMITTED, ended(mode), **{LINKS: json.dumps(links)}))
    assert set(state.answers.links) == {("a", "b"), ("c", "d")}
    state.apply(event(EventKind.ROUND_COMMITTED, ended(RoundMode.ALL)))
    assert not state.answers.links


def ended(mode: RoundMode) -> Changes:
    return Changes(round=RoundRecord("r", mode, RoundState.SUCCEEDED))


def test_who_is_erased_is_forgotten() -> None:
    state = LibraryState()
    state.apply(apart(("a", "b", True), ("c", "d", True)))
    links = json.dumps([["a", "c", 0.1], ["c", "d", 0.2]])
    state.apply(event(EventKind.ROUND_COMMITTED, **{LINKS: links}))
    leaving = Changes(people=(PersonChange("a", Person("a"), None),))
    state.apply(event(EventKind.PERSON_ERASED, leaving))
    assert state.answers.apart == {("c", "d")}
    assert state.answers.links == {("c", "d"): 0.2}


def test_answers_survive_snapshots(tmp_path: Path) -> None:
    def open_store() -> Store:
        return Store.open(tmp_path, durability="process", clock=lambda: NOW)

    store = open_store()
    library = store.library("")
    drafts = [
        Draft(EventKind.ROUND_COMMITTED, Changes(), {LINKS: json.dumps([["a", "b", 0.5]])}),
        Draft(
            EventKind.SUGGESTION_ANSWERED,
            Changes(),
            {TOLD_APART: json.dumps([["a", "b", True]])},
        ),
        Draft(EventKind.SUGGESTION_ANSWERED, Changes(), {POSTPONED: "digest"}),
    ]
    for draft in drafts:
        library.append(lambda state, draft=draft: draft, actor="tester")
    with library.read() as state:
        library._ledger.write_snapshot(state, NOW)
        told = state.answers.told()
    store.close()
    store = open_store()
    with store.library("").read() as state:
        assert state.answers.told() == told
        assert state.answers.postponed == {"digest"}
    store.close()
