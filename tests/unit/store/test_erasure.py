"""Erasure: nothing of what is erased is left in any file, and everything else is."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from facefolk_server.errors import StorageError
from facefolk_server.store import Draft, Library, LibraryState, Phase, Scope, Store
from facefolk_server.store.database import Durability
from facefolk_server.store.eraser import Eraser
from facefolk_server.store.frames import FrameStore
from facefolk_server.store.ledger import Ledger
from facefolk_server.store.table import Table
from facefolk_server.types import (
    UNPLACED,
    Assignment,
    Changes,
    EventKind,
    Mark,
    MarkChange,
    MarkKind,
    Person,
    PersonChange,
    Placement,
    PlacementChange,
)
from unit.store.samples import START, Clock, arrival, placed, settle, vector, write
from unit.store.scanning import found, vector_bytes

WAIT = timedelta(milliseconds=20)
ANN, BOB, OLD_ANN = "p_annnnnnnnnnnnnnnn", "p_bobbbbbbbbbbbbbbb", "p_oldannnnnnnnnnnnnn"
ERASED = Scope(
    asset_ids=("holiday/secret beach's.jpg",),
    face_ids=("face7", "face8"),
    person_ids=(ANN, OLD_ANN),
)
NEEDLES = {
    "vector 7": vector_bytes(vector(7)),
    "vector 8": vector_bytes(vector(8)),
    "vector of face 7 before": vector_bytes(vector(1007)),
    "thumbnail 7": b"jpeg 7 " * 20,
    "face 7": b"face7",
    "face 8": b"face8",
    "person": ANN.encode(),
    "merged person": OLD_ANN.encode(),
    "name": "Ännchen von Tharau".encode(),
    "old name": b"Annuschka",
    "asset": b"secret beach",
}


def opened(path: Path, durability: Durability = "process") -> Store:
    return Store.open(path, durability=durability, clock=Clock())


def append(library: Library, kind: EventKind, changes: Changes, **detail: str) -> None:
    library.append(lambda _: Draft(kind, changes, detail), actor="me", request_id="")


def fill(library: Library) -> None:
    """Twelve frames, two of them with faces that go; three people; marks; a merge."""
    first = write("holiday/secret beach's.jpg", [7, 8])
    before = replace(first, embeddings=first.embeddings.copy())  # type: ignore[union-attr]
    before.embeddings[0] = vector(1007)  # type: ignore[index]
    library.write_frame(before).result()
    pictures = (b"jpeg 7 " * 20, b"jpeg 8 " * 20)
    library.write_frame(replace(first, thumbnails=pictures)).result()
    for number in range(20, 30):
        library.write_frame(write(f"{number}.jpg", [number])).result()
    append(library, EventKind.PERSON_CREATED, arrival(OLD_ANN, "Annuschka"))
    append(library, EventKind.PERSON_CREATED, arrival(ANN, "Ännchen von Tharau"))
    append(library, EventKind.PERSON_CREATED, arrival(BOB, "Bob"))
    append(
        library,
        EventKind.FACES_ASSIGNED,
        Changes(placements=(placed("face7", OLD_ANN), placed("face20", BOB))),
    )
    append(
        library,
        EventKind.ROUND_COMMITTED,
        Changes(
            placements=(placed("face8", ANN), placed("face21", ANN), placed("face22", BOB))
        ),
        difference=json.dumps(
            {
                "moved": [
                    {"person_id": ANN, "name": "Ännchen von Tharau"},
                    {"person_id": BOB, "from": [ANN]},
                ]
            }
        ),
    )
    was, is_ = Placement(OLD_ANN, Assignment.MANUAL), Placement(ANN, Assignment.MANUAL)
    old = Person(OLD_ANN, name="Annuschka", create_time=START, update_time=START)
    append(
        library,
        EventKind.PEOPLE_MERGED,
        Changes((PlacementChange("face7", was, is_),), (PersonChange(OLD_ANN, old, None),)),
        target_person_id=ANN,
        marks_dropped=json.dumps([["face21", OLD_ANN]]),
    )
    to_bob = Placement(BOB, Assignment.MANUAL)
    moved = PlacementChange("face21", Placement(ANN, Assignment.MANUAL), to_bob)
    append(library, EventKind.FACES_ASSIGNED, Changes(placements=(moved,)), person_id=BOB)
    marks = [
        Mark("face22", MarkKind.NOT_THIS_PERSON, ANN),
        Mark("face8", MarkKind.NOT_THIS_PERSON, BOB),
        Mark("face23", MarkKind.STRANGER),
    ]
    told = tuple(MarkChange(mark, added=True) for mark in marks)
    append(library, EventKind.FACES_MARKED, Changes(marks=told))
    bob = Person(BOB, name="Bob", create_time=START, update_time=START)
    pinned = PersonChange(BOB, bob, replace(bob, feature_face_id="face8", favorite=True))
    append(library, EventKind.PERSON_UPDATED, Changes(people=(pinned,)))


def told(library: Library) -> dict[str, object]:
    with library.read() as state:
        faces = {i: table_face(library, i) for i in library.faces("open").live_ids()}
        return {
            "faces": faces,
            "thumbnails": {i: library.thumbnail(i) for i in faces},
            "frames": sorted(library.all_frames(), key=lambda frame: frame.asset_id),
            "people": dict(state.people),
            "placements": dict(state.placements),
            "marks": dict(state.marked),
            "merged": dict(state.merged),
            "sequence": state.sequence,
        }


def table_face(library: Library, face_id: str) -> tuple[object, bytes]:
    table = library.faces("open")
    row = table.row_of(face_id)
    assert row is not None
    return table.face(row), vector_bytes(table.embeddings[row])


def erase(library: Library, scope: Scope = ERASED, erasure_id: str = "e1") -> None:
    library.eraser.erase(erasure_id, EventKind.ASSETS_DELETED, lambda _: scope, actor="me")


def finish(library: Library) -> None:
    for _ in range(50):
        if not library.eraser.pending():
            return
        library.eraser.go_on(wait=WAIT)
        time.sleep(0.005)
    raise AssertionError(library.eraser.pending())


def erase_and_finish(library: Library) -> None:
    erase(library)
    finish(library)


@pytest.mark.parametrize("durability", ["process", "power"])
def test_nothing_of_what_is_erased_is_left(tmp_path: Path, durability: Durability) -> None:
    store = opened(tmp_path, durability)
    library = store.library("")
    fill(library)
    before = told(library)
    assert found(tmp_path, NEEDLES).keys() == NEEDLES.keys()  # or looking would be worthless
    erase(library)
    record = library.eraser.find("e1")
    assert record is not None
    assert (record.phase, record.scope) == (Phase.HIDDEN, ERASED)
    assert (record.assets, record.faces, record.people) == (1, 2, 2)
    hidden = told(library)
    assert_erased(hidden, before)
    assert "vector 7" in found(tmp_path, NEEDLES)  # pending means that files still hold it
    finish(library)
    assert found(tmp_path, NEEDLES) == {}
    done = library.eraser.find("e1")
    assert done is not None
    assert (done.phase, done.scope, done.faces) == (Phase.DONE, ERASED, 2)
    assert told(library) == hidden
    assert_history(library)
    store.close()
    again = opened(tmp_path, durability).library("")
    assert told(again) == hidden
    assert_history(again)
    bare = again.eraser.find("e1")
    assert bare is not None
    assert (bare.phase, bare.scope, bare.faces) == (Phase.DONE, Scope(), 2)
    assert bare.done_time == done.done_time
    assert found(tmp_path, NEEDLES) == {}


def assert_erased(now: dict, before: dict) -> None:  # type: ignore[type-arg]
    others = {face_id for face_id in before["faces"] if face_id not in ERASED.face_ids}
    for part in ("faces", "thumbnails"):
        assert now[part] == {i: before[part][i] for i in others}
    assert len(now["frames"]) == len(before["frames"]) - 1
    assert set(now["people"]) == {BOB}
    assert now["people"][BOB].feature_face_id == ""
    assert now["people"][BOB].favorite
    assert set(now["placements"]) == {"face20", "face21", "face22"}
    assert {p.person_id for p in now["placements"].values()} == {BOB}
    assert set(now["marks"]) == {"face23"}
    assert now["merged"] == {}
    assert now["sequence"] == before["sequence"] + 1


def assert_history(library: Library) -> None:
    """Events keep their numbers and what they say of others."""
    events = library.events(after=0)
    assert [event.sequence for event in events] == list(range(1, 11))
    assert {event.kind for event in events[:2]} == {EventKind.PERSON_CREATED}
    assert [bool(event.changes) for event in events[:3]] == [False, False, True]
    assert [c.face_id for c in events[3].changes.placements] == ["face20"]
    assert [c.face_id for c in events[4].changes.placements] == ["face22"]
    assert events[4].detail == {
        "difference": json.dumps({"moved": [{"person_id": BOB, "from": []}]}),
        "redacted": "true",
    }
    assert events[5].detail == {"marks_dropped": "[]", "redacted": "true"}
    (moved,) = events[6].changes.placements
    assert (moved.face_id, moved.before, moved.after.person_id) == ("face21", UNPLACED, BOB)
    assert events[6].detail["person_id"] == BOB
    assert [change.mark.face_id for change in events[7].changes.marks] == ["face23"]
    (pinned,) = events[8].changes.people
    assert pinned.after is not None
    assert (pinned.after.feature_face_id, pinned.after.favorite) == ("", True)
    assert events[9].kind is EventKind.ASSETS_DELETED
    assert (events[9].detail["faces"], events[9].detail["erasure_id"]) == ("2", "e1")
    fold = LibraryState()
    for event in events:
        fold.apply(event)
    with library.read() as state:
        assert dict(fold.people).keys() == dict(state.people).keys()
        assert dict(fold.marked) == dict(state.marked)
        assert set(fold.placements) == set(state.placements)


def test_rows_deep_in_big_files_and_what_a_killed_process_left(tmp_path: Path) -> None:
    store = opened(tmp_path)
    library = store.library("")
    fill(library)
    for start in range(100, 220, 20):
        library.write_frame(write(f"{start}.jpg", range(start, start + 20))).result()
    settle(library)
    tables = (*library._intake.store.tables, *library._ledger.tables)
    for table in tables:
        table.compact()
    data = tmp_path / "libraries" / "default" / "faces_open.lance" / "data"
    inside = [path for path in data.iterdir() if NEEDLES["vector 7"] in path.read_bytes()]
    name = "0" * 24 + "ab" * 13 + ".lance"
    (data / name).write_bytes(b"x" + NEEDLES["vector 7"])  # committed by nobody
    (data / f"{name}#1").write_bytes(NEEDLES["vector 8"])
    torn = data.parent / "_torn"
    torn.mkdir()
    (torn / "1.manifest").write_bytes(b"face_id IN ('face7')")
    before = told(library)
    erase(library)
    finish(library)
    assert found(tmp_path, NEEDLES) == {}
    assert not any(path.exists() for path in inside)
    assert_erased(told(library), before)
    store.close()
    assert_erased(told(opened(tmp_path).library("")), before)


STEPS = [
    (Ledger, "append"),
    (FrameStore, "erase"),
    (Ledger, "write_snapshot"),
    (Ledger, "redact"),
    (Eraser, "_put"),
    (Table, "rewrite"),
    (Table, "purge"),
]


class PowerCutError(BaseException):
    """The process dies here."""


# What is so before a step is mostly so after the one before it.
@pytest.mark.parametrize(
    "after", [pytest.param(False, marks=pytest.mark.slow), True], ids=["before", "after"]
)
@pytest.mark.parametrize("step", STEPS, ids=[f"{c.__name__}.{n}" for c, n in STEPS])
def test_an_erasure_survives_a_restart_in_the_middle(
    tmp_path: Path,
    filled: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: tuple[type, str],
    *,
    after: bool,
) -> None:
    shutil.copytree(filled, tmp_path / "data")
    store = opened(tmp_path / "data")
    library = store.library("")
    before = told(library)
    kind, name = step
    whole = getattr(kind, name)
    calls = 0

    def cut(self: object, *args: object, **given: object) -> object:
        nonlocal calls
        calls += 1
        # The receipt itself has to be there, or nobody was told that anything is erased.
        dies = calls == (2 if name == "_put" else 1)
        result = whole(self, *args, **given) if after or not dies else None
        if dies:
            raise PowerCutError
        return result

    monkeypatch.setattr(kind, name, cut)
    with pytest.raises(PowerCutError):
        erase_and_finish(library)
    monkeypatch.undo()
    again = opened(tmp_path / "data").library("")
    assert_erased(told(again), before)
    finish(again)
    assert found(tmp_path / "data", NEEDLES) == {}
    assert_erased(told(opened(tmp_path / "data").library("")), before)
    assert_history(again)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("filled") / "data"
    store = opened(path)
    fill(store.library(""))
    store.close()
    return path


def test_a_disk_that_fails_is_tried_again(
    tmp_path: Path, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(filled, tmp_path / "data")
    library = opened(tmp_path / "data").library("")
    before = told(library)

    def full(*_: object) -> None:
        raise StorageError("the disk is full")

    monkeypatch.setattr(FrameStore, "erase", full)
    with pytest.raises(StorageError):
        erase(library)
    with pytest.raises(StorageError):
        library.eraser.go_on(wait=WAIT)
    monkeypatch.undo()
    erase(library)  # the same request again
    assert_erased(told(library), before)
    finish(library)
    assert found(tmp_path / "data", NEEDLES) == {}
    assert_history(library)


def test_old_versions_stay_as_long_as_they_may_be_read(tmp_path: Path, filled: Path) -> None:
    shutil.copytree(filled, tmp_path / "data")
    library = opened(tmp_path / "data").library("")
    erase(library)
    for _ in range(3):
        library.eraser.go_on(wait=timedelta(minutes=2))
    (record,) = library.eraser.pending()
    assert record.phase is Phase.REWRITTEN
    assert "vector 7" in found(tmp_path / "data", NEEDLES)
    finish(library)


def test_what_is_submitted_again_after_an_erasure_stays(tmp_path: Path, filled: Path) -> None:
    shutil.copytree(filled, tmp_path / "data")
    store = opened(tmp_path / "data")
    library = store.library("")
    erase(library)
    library.write_frame(write("holiday/secret beach's.jpg", [7])).result()
    finish(library)
    assert library.faces("open").row_of("face7") is not None
    store.close()
    again = opened(tmp_path / "data").library("")
    assert again.thumbnail("face7") == b"jpeg 7"


def test_a_person_alone_leaves_the_frames(tmp_path: Path, filled: Path) -> None:
    shutil.copytree(filled, tmp_path / "data")
    library = opened(tmp_path / "data").library("")
    erase(library, Scope(face_ids=("face7",)))
    finish(library)
    (frame,) = library.frames("holiday/secret beach's.jpg")
    assert frame.face_count == 1
    again = opened(tmp_path / "data").library("")
    assert again.frames("holiday/secret beach's.jpg") == [frame]
    assert found(tmp_path / "data", {"7": NEEDLES["vector 7"], "id": b"face7"}) == {}
    assert found(tmp_path / "data", {"8": NEEDLES["vector 8"]})
