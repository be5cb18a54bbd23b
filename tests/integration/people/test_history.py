"""The history of a library: told, watched, undone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from facefolk.v1.people_pb2 import Event
from facefolk.v1.resources_pb2 import (
    ASSIGNMENT_AUTOMATIC,
    ASSIGNMENT_MANUAL,
    MARK_KIND_NOT_THIS_PERSON,
    MARK_KIND_STRANGER,
    Person,
)
from grpc import StatusCode
from integration.people.album import ROUND_MODE_ALL, Album, ids

pytestmark = pytest.mark.models
BORN = {"year": 1980, "month": 2, "day": 28}


def stand(album: Album) -> tuple[Any, ...]:
    """How things stand as a user sees it; etags and update times aside."""

    def plain(person: Person) -> str:
        person.ClearField("etag")
        person.ClearField("update_time")
        return str(person)

    people = sorted(map(plain, album.people(include_hidden=True)))
    marked = ids(album.portraits("raj"))[0]
    marks = album.ask("ExplainFace", face_id=marked, include_hidden=True).marks
    settings = album.ask("GetSettings")
    settings.ClearField("etag")
    return album.placed(), people, str(marks), settings


Action = Callable[[Album], object]
ACTIONS: dict[str, Action] = {
    "person_updated": lambda a: a.named(a.who("raj"), name="Raj", hidden=True, birth_date=BORN),
    "person_created": lambda a: a.ask("CreatePerson", face_ids=ids(a.portraits("amy"))[:2]),
    "faces_assigned": lambda a: a.ask(
        "AssignFaces", face_ids=ids(a.portraits("penny")), person_id=a.who("leonard")
    ),
    "faces_unassigned": lambda a: a.ask(
        "UnassignFaces", face_ids=ids(a.portraits("bernadette"))[:3]
    ),
    "faces_marked": lambda a: a.ask(
        "MarkFaces",
        face_ids=ids(a.portraits("raj"))[:1],
        kind=MARK_KIND_NOT_THIS_PERSON,
        person_id=a.who("raj"),
    ),
    "people_merged": lambda a: a.ask(
        "MergePeople", target_person_id=a.who("howard"), source_person_ids=[a.who("stuart")]
    ),
    "person_deleted": lambda a: a.ask("DeletePerson", person_id=a.who("sheldon")),
    "settings_updated": lambda a: a.ask(
        "UpdateSettings", settings={"min_recognized_faces": 4, "chain_guard": True}
    ),
    "round_committed": lambda a: a.round(ROUND_MODE_ALL),
}


def test_every_change_is_one_event_and_undone_in_reverse_all_is_as_it_was(
    album: Album,
) -> None:
    stands, made = [stand(album)], []
    for kind, act in ACTIONS.items():
        seen = album.events()[0].event_id
        act(album)
        stands.append(stand(album))
        assert stands[-1] != stands[-2], kind
        new = [event for event in album.events() if event.event_id > seen]
        assert [event.kind for event in new] == [kind]
        assert new[0].undoable
        assert new[0].actor
        assert new[0].HasField("time")
        made.append(new[0])
    stands.pop()
    while made:
        event = made.pop()
        undone = album.undo(event.event_id)
        assert (undone.kind, undone.undone_event_id) == ("undone", event.event_id)
        assert stand(album) == stands.pop(), event.kind
        told = album.refused("UndoEvent", event_id=event.event_id)
        assert (told.code, told.reason) == (StatusCode.FAILED_PRECONDITION, "UNDO_BLOCKED")
        assert told.metadata["event_ids"] == str(undone.event_id)


def test_an_event_tells_before_and_after(album: Album) -> None:
    howard, stuart = album.who("howard"), album.who("stuart")
    album.named(stuart, name="Stuart")
    face = ids(album.portraits("stuart"))[0]
    album.ask("AssignFaces", face_ids=[face], person_id=howard)
    (changed,) = album.events()[0].face_changes
    assert (changed.face_id, changed.person_id_before, changed.person_id_after) == (
        face,
        stuart,
        howard,
    )
    assert (changed.assignment_before, changed.assignment_after) == (
        ASSIGNMENT_AUTOMATIC,
        ASSIGNMENT_MANUAL,
    )
    album.ask("MergePeople", target_person_id=howard, source_person_ids=[stuart])
    event = album.events()[0]
    people = {c.before.person_id: (c.before.name, c.after.name) for c in event.person_changes}
    assert people == {howard: ("", "Stuart"), stuart: ("Stuart", "")}
    gone = next(c for c in event.person_changes if c.before.person_id == stuart)
    assert not gone.HasField("after")
    assert event.faces_changed == len(event.face_changes)
    assert {howard, stuart} <= set(event.person_ids)
    album.ask("MarkFaces", face_ids=[face], kind=MARK_KIND_STRANGER)
    assert [mark.face_id for mark in album.events()[0].marks_added] == [face]
    kinds = [event.kind for event in album.events(person_id=stuart)]
    assert kinds == ["people_merged", "faces_assigned", "person_updated", "round_committed"]
    seen, token = [], ""
    while not seen or token:
        page = album.ask("ListEvents", page_size=2, page_token=token)
        seen += page.events
        token = page.next_page_token
    assert seen == album.events()


def test_an_undo_that_later_events_are_in_the_way_of_names_them(album: Album) -> None:
    howard, stuart = album.who("howard"), album.who("stuart")
    face = ids(album.portraits("stuart"))[:1]
    album.ask("UnassignFaces", face_ids=face)
    unassigned = album.events()[0].event_id
    album.named(howard, name="Howard")
    album.ask("AssignFaces", face_ids=face, person_id=howard)
    assigned = album.events()[0].event_id
    before = stand(album)
    told = album.refused("UndoEvent", event_id=unassigned)
    assert (told.code, told.reason) == (StatusCode.FAILED_PRECONDITION, "UNDO_BLOCKED")
    assert told.metadata["event_ids"] == str(assigned)
    assert f"{assigned} (faces_assigned)" in told.message
    assert {e.event_id: e.undoable for e in album.events()}[unassigned] is False
    assert stand(album) == before
    album.undo(assigned)
    album.undo(unassigned)
    assert album.placed()[face[0]] == (stuart, ASSIGNMENT_AUTOMATIC)
    assert album.person(howard).name == "Howard"
    assert album.refused("UndoEvent", event_id=10_000).code == StatusCode.NOT_FOUND


def test_what_is_erased_cannot_be_undone_and_says_so(album: Album) -> None:
    album.named(album.who("raj"), name="Raj")
    gone = album.portraits("raj")[0]
    album.ask("DeleteAssets", asset_ids=[gone.asset_id])
    event = album.events()[0]
    assert (event.kind, event.undoable) == ("assets_deleted", False)
    # What is erased goes from files a while later, by itself: that may come in between.
    for _ in range(5):
        versions = album.table_versions()["ledger"]
        told = album.refused("UndoEvent", event_id=event.event_id)
        if album.table_versions()["ledger"] == versions:
            break
    else:
        pytest.fail("a refused undo wrote into the ledger")
    assert (told.code, told.reason) == (StatusCode.FAILED_PRECONDITION, "UNDO_BLOCKED")
    assert "erased for good" in told.message
    assert album.events()[0] == event
    assert gone.face_id not in album.placed()


def test_events_are_watched_from_any_one_on(album: Album) -> None:
    for act in list(ACTIONS.values())[:5]:
        act(album)
    everything = album.events()[::-1]
    newest = everything[-1].event_id
    for number, event in enumerate([Event(event_id=0), *everything[:-1]]):
        watching = album.ask("WatchEvents", after_event_id=event.event_id)
        expected = everything[number:]
        assert [next(watching).event.event_id for _ in expected] == [
            one.event_id for one in expected
        ]
        watching.cancel()
    watching = album.ask("WatchEvents", after_event_id=newest)
    seen: list[Event] = []
    reader = threading.Thread(target=lambda: seen.extend([next(watching).event for _ in "12"]))
    reader.start()
    album.named(album.who("stuart"), name="Stuart")
    album.undo(album.events()[0].event_id)
    reader.join(timeout=30)
    watching.cancel()
    assert [event.kind for event in seen] == ["person_updated", "undone"]
    assert seen[0].event_id > newest
