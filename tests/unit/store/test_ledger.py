"""The ledger: atomic, in one order whoever writes, repeatable, the same after a restart."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import lancedb
import pytest
from drawing import drawn
from facefolk_server.errors import StorageError
from facefolk_server.store import Draft, Lease, LibraryState, Store, ledger
from facefolk_server.types import (
    Changes,
    EventKind,
    Mark,
    MarkChange,
    MarkKind,
    PersonChange,
    Placement,
    RecognitionSettings,
    RoundMode,
    RoundRecord,
    RoundState,
    SettingsChange,
)
from hypothesis import given
from hypothesis import strategies as st
from unit.store.samples import START, Clock, arrival, placed, write

CREATED = EventKind.PERSON_CREATED


def opened(path: Path, clock: Clock | None = None) -> Store:
    return Store.open(path, durability="process", clock=clock or Clock())


def told(state: LibraryState) -> dict[str, object]:
    """All that a state says."""
    people = dict(state.people)
    return {
        "sequence": state.sequence,
        "people": people,
        "placements": dict(state.placements),
        "members": {p: set(state.members(p)) for p in people},
        "marks": dict(state.marked),
        "mark counts": {p: state.mark_count(p) for p in people},
        "settings": state.settings,
        "rounds": dict(state.rounds),
        "lease": state.lease,
        "merged": dict(state.merged),
    }


def state_of(store: Store) -> dict[str, object]:
    with store.library("").read() as state:
        return told(state)


def test_an_event_holds_what_changed_and_comes_back(tmp_path: Path) -> None:
    store = opened(tmp_path)
    library = store.library("")
    draft = Draft(CREATED, arrival("p1", "Zoë \U0001f600"), {"why": "test"})
    event = library.append(lambda _: draft, actor="me", request_id="r1")
    assert event is not None
    assert (event.sequence, event.kind, event.actor) == (1, CREATED, "me")
    assert event.detail == {"why": "test"}
    assert library.append(lambda _: None, actor="me") is None
    assert library.events(after=0) == [event]
    assert library.events(after=1) == []
    store.close()
    again = opened(tmp_path)
    assert again.library("").events(after=0) == [event]
    assert state_of(again)["people"]["p1"].name == "Zoë \U0001f600"  # type: ignore[index]
    assert state_of(again)["people"]["p1"].revision == 1  # type: ignore[index]


def test_a_refused_change_leaves_no_trace(tmp_path: Path) -> None:
    store = opened(tmp_path)
    library = store.library("")

    def refuse(_: LibraryState) -> Draft:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        library.append(refuse, actor="me")
    assert store.library_ids() == []
    assert state_of(store)["sequence"] == 0


def test_a_repeated_request_is_answered_with_its_event(tmp_path: Path) -> None:
    clock = Clock()
    store = opened(tmp_path, clock)
    library = store.library("")
    draft = Draft(CREATED, arrival("p1"))
    first = library.append(lambda _: draft, actor="me", request_id="r1")

    def never(_: LibraryState) -> Draft:
        raise AssertionError("decided again")

    assert library.append(never, actor="me", request_id="r1") == first
    other = library.append(
        lambda _: Draft(CREATED, arrival("p2")), actor="you", request_id="r1"
    )
    assert other is not None
    assert other.sequence == 2
    store.close()
    store = opened(tmp_path, clock)
    assert store.library("").append(never, actor="me", request_id="r1") == first
    clock.now += timedelta(hours=25)
    later = store.library("").append(
        lambda _: Draft(CREATED, arrival("p3")), actor="me", request_id="r1"
    )
    assert later is not None
    assert later.sequence == 3


def test_two_servers_race_and_lose_nothing(tmp_path: Path) -> None:
    """Each counts in a person's name; a decision on stale ground would lose a count."""
    stores = [opened(tmp_path) for _ in range(3)]
    stores[0].library("").append(lambda _: Draft(CREATED, arrival("p", "0")), actor="me")
    failures: list[BaseException] = []

    def work(store: Store) -> None:
        def count(state: LibraryState) -> Draft:
            before = state.people.get("p")
            if before is None:  # not read yet: the append is refused, and decided again
                return Draft(CREATED, arrival("p", "wrong"))
            after = arrival("p", str(int(before.name) + 1)).people[0].after
            change = PersonChange("p", before, after)
            return Draft(EventKind.PERSON_UPDATED, Changes(people=(change,)))

        try:
            for _ in range(15):
                assert store.library("").append(count, actor="me") is not None
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    events = opened(tmp_path).library("").events(after=0)
    assert [event.sequence for event in events] == list(range(1, 47))
    assert state_of(opened(tmp_path))["people"]["p"].name == "45"  # type: ignore[index]


def test_a_lease_is_taken_renewed_and_given_back(tmp_path: Path) -> None:
    store = opened(tmp_path)
    library = store.library("")
    record = RoundRecord("r", RoundMode.ALL, RoundState.RUNNING, start_time=START)
    lease = Lease("r", "here", START + timedelta(seconds=60))
    library.append(
        lambda _: Draft(EventKind.ROUND_STARTED, Changes(round=record), lease=lease), actor="me"
    )
    assert state_of(store)["lease"] == lease
    assert state_of(opened(tmp_path)) == state_of(store)
    library.append(lambda _: Draft(EventKind.ROUND_ENDED, Changes(round=record)), actor="me")
    assert state_of(store)["lease"] is None
    assert state_of(store)["rounds"] == {"r": record}


def test_merged_people_are_known_to_be(tmp_path: Path) -> None:
    store = opened(tmp_path)
    library = store.library("")
    for person_id in ("p1", "p2"):
        changes = arrival(person_id)
        library.append(lambda _, c=changes: Draft(CREATED, c), actor="me")  # type: ignore[misc]

    def merge(state: LibraryState) -> Draft:
        gone = PersonChange("p1", state.people["p1"], None)
        detail = {"target_person_id": "p2"}
        return Draft(EventKind.PEOPLE_MERGED, Changes(people=(gone,)), detail)

    library.append(merge, actor="me")
    assert state_of(store)["merged"] == {"p1": "p2"}
    assert state_of(opened(tmp_path)) == state_of(store)


def test_a_newer_store_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("facefolk_server.store.store.SCHEMA_VERSION", "99")
    opened(tmp_path).close()
    monkeypatch.undo()
    with pytest.raises(StorageError, match="schema version 99"):
        opened(tmp_path)


def test_an_older_store_gets_what_it_lacks(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.library("").write_frame(write("a.jpg", [1])).result()
    store.close()
    frames = lancedb.connect(tmp_path / "libraries" / "default").open_table("frames")
    frames.drop_columns(["looks"])
    meta = lancedb.connect(tmp_path).open_table("meta")
    meta.update(where="key = 'schema_version'", values={"value": "1"})
    for again in range(2):
        store = opened(tmp_path)
        library = store.library("")
        found = library.frame("a.jpg", 0)
        assert found is not None
        assert found.looks == ("close" if again else "")
        changed = write("a.jpg", [1])
        looked = replace(changed, frame=replace(changed.frame, looks="close"))
        library.write_frame(looked).result()
        store.close()


def test_the_first_choice_of_a_pack_holds(tmp_path: Path) -> None:
    store = opened(tmp_path)
    assert store.read_pin() is None
    assert store.write_pin("open", "digest") == "open"
    assert opened(tmp_path).write_pin("dlib", "other") == "open"
    assert store.read_pin() == "open"


FACES = st.sampled_from([f"f{n}" for n in range(6)])
PEOPLE = st.sampled_from(["p1", "p2", "p3"])
CHANGES = st.one_of(
    st.builds(
        lambda face, person: Changes(placements=(placed(face, person),)),
        FACES,
        st.none() | PEOPLE,
    ),
    st.builds(arrival, PEOPLE, st.text(max_size=5)),
    st.builds(
        lambda face, person, added: Changes(
            marks=(MarkChange(Mark(face, MarkKind.NOT_THIS_PERSON, person), added),)
        ),
        FACES,
        PEOPLE,
        st.booleans(),
    ),
    st.builds(
        lambda faces: Changes(
            settings=SettingsChange(
                RecognitionSettings(), RecognitionSettings(min_recognized_faces=faces)
            )
        ),
        st.integers(1, 9),
    ),
)


@drawn(12)
@given(history=st.lists(CHANGES, min_size=1, max_size=12))
def test_a_start_from_a_snapshot_is_a_start_from_the_beginning(
    tmp_path_factory: pytest.TempPathFactory, history: list[Changes]
) -> None:
    folders = [tmp_path_factory.mktemp("store") for _ in range(2)]
    states = []
    for folder, between in zip(folders, (10**6, 3), strict=True):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ledger, "_EVENTS_BETWEEN_SNAPSHOTS", between)
            store = opened(folder)
            for changes in history:
                store.library("").append(
                    lambda _, c=changes: Draft(EventKind.PEOPLE_IMPORTED, c),  # type: ignore[misc]
                    actor="me",
                )
            live = state_of(store)
            store.close()
            again = state_of(opened(folder))
            assert again == live
            states.append(again)
    assert states[0] == states[1]


def test_placements_of_one_value_share_it(tmp_path: Path) -> None:
    store = opened(tmp_path)
    changes = Changes(placements=tuple(placed(f"f{n}", "p1") for n in range(1000)))
    store.library("").append(lambda _: Draft(EventKind.FACES_ASSIGNED, changes), actor="me")
    with opened(tmp_path).library("").read() as state:
        assert len({id(place) for place in state.placements.values()}) == 1
        assert state.placements["f7"] == Placement("p1", changes.placements[0].after.assignment)
        assert len(state.members("p1")) == 1000
