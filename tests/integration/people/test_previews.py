"""Rounds that are shown before they become real."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from facefolk.v1.resources_pb2 import MARK_KIND_STRANGER, ROUND_STATE_SUCCEEDED, Face, Round
from grpc import StatusCode
from integration.people.album import ROUND_MODE_ALL, ROUND_MODE_MISSING, Album, ids

pytestmark = pytest.mark.models


def preview(album: Album, mode: int = ROUND_MODE_ALL, **settings: object) -> Round:
    return album.round(mode, preview=True, settings=settings)


def owners(album: Album) -> dict[str, str]:
    return {face: person for face, (person, _) in album.placed().items()}


def moved(before: dict[str, str], after: dict[str, str]) -> Counter[tuple[str, str]]:
    """How many faces went from whom to whom."""
    return Counter((before[face], after[face]) for face in after if before[face] != after[face])


@pytest.mark.parametrize(
    ("mode", "settings"),
    [
        (ROUND_MODE_MISSING, {"max_recognition_distance": 0.7}),
        (ROUND_MODE_ALL, {"max_recognition_distance": 0.35}),
        (ROUND_MODE_ALL, {"max_recognition_distance": 0.8}),
        (ROUND_MODE_ALL, {"min_recognized_faces": 6}),
    ],
)
def test_a_commit_is_exactly_what_the_preview_showed(
    album: Album, mode: int, settings: dict[str, float]
) -> None:
    for name in ("amy", "raj", "stuart"):
        album.named(album.who(name), name=name)
    before, people, history = owners(album), album.people(), album.events()
    shown = preview(album, mode, **settings)
    assert (owners(album), album.people(), album.events()) == (before, people, history)
    difference = shown.difference
    named = {person.person_id for person in people if person.name}
    committed = album.ask("CommitRound", round_id=shown.round_id)
    assert committed.state == ROUND_STATE_SUCCEEDED
    assert committed.difference == difference
    after = owners(album)
    flows = moved(before, after)
    assert flows
    told = [*difference.joined, *difference.split, *difference.moved, *difference.created]
    for one in {one.person_id: one for one in told}.values():
        gained = {source: n for (source, to), n in flows.items() if to == one.person_id}
        lost = {to: n for (source, to), n in flows.items() if source == one.person_id}
        assert (one.faces_gained, one.faces_lost) == (sum(gained.values()), sum(lost.values()))
        assert set(one.from_person_ids) == set(gained) - {""}
        assert set(one.to_person_ids) == set(lost) - {""}
    touched = {person for flow in flows for person in flow} - {""}
    assert touched == {one.person_id for one in told}
    created = {one.person_id for one in difference.created}
    assert created == set(after.values()) - set(before.values()) - {""}
    without = named - set(after.values())
    assert {one.person_id for one in difference.names_lost} == without
    assert {i for i in named if not album.person(i).face_count} == without
    assert album.events()[0].round_id == shown.round_id
    album.undo(album.events()[0].event_id)
    assert owners(album) == before


Move = Callable[[Album, list[Face]], object]
MOVES: dict[str, Move] = {
    "assigned": lambda a, f: a.ask("AssignFaces", face_ids=ids(f), person_id=a.who("raj")),
    "unassigned": lambda a, f: a.ask("UnassignFaces", face_ids=ids(f)),
    "marked": lambda a, f: a.ask("MarkFaces", face_ids=ids(f), kind=MARK_KIND_STRANGER),
    "named": lambda a, f: a.named(f[0].person_id, name="Somebody"),
    "merged": lambda a, f: a.ask(
        "MergePeople", target_person_id=a.who("raj"), source_person_ids=[f[0].person_id]
    ),
    "deleted": lambda a, f: a.ask("DeletePerson", person_id=f[0].person_id),
    "erased": lambda a, f: a.ask("DeleteAssets", asset_ids=[f[0].asset_id]),
    "another round": lambda a, f: a.ask(
        "CommitRound", round_id=preview(a, max_recognition_distance=0.3).round_id
    ),
}


@pytest.mark.parametrize("what", MOVES)
def test_a_preview_is_refused_once_what_it_touches_was_changed(album: Album, what: str) -> None:
    shown = preview(album, max_recognition_distance=0.25, min_recognized_faces=5)
    touched = {one.person_id for one in (*shown.difference.moved, *shown.difference.split)}
    faces = [face for face in album.portraits("stuart") if face.person_id in touched][:1]
    assert faces, "the settings of the preview take Stuart apart"
    MOVES[what](album, faces)
    before, newest = album.placed(), album.events()[0]
    told = album.refused("CommitRound", round_id=shown.round_id)
    assert (told.code, told.reason) == (StatusCode.FAILED_PRECONDITION, "PREVIEW_OUTDATED")
    assert "Make a new one" in told.message
    assert (album.placed(), album.events()[0]) == (before, newest)


def test_what_a_preview_does_not_touch_may_change(album: Album) -> None:
    theirs = album.face_ids(album.who("stuart"))
    album.ask("UnassignFaces", face_ids=sorted(theirs))
    shown = preview(album, ROUND_MODE_MISSING)
    assert [one.faces_gained for one in shown.difference.created] == [len(theirs)]
    album.named(album.who("raj"), name="Raj")
    album.ask("UpdateSettings", settings={"min_recognized_faces": 4})
    committed = album.ask("CommitRound", round_id=shown.round_id, request_id="once")
    assert committed.state == ROUND_STATE_SUCCEEDED
    assert {album.placed()[face][0] for face in theirs} == {
        one.person_id for one in committed.difference.created
    }
    again = album.ask("CommitRound", round_id=shown.round_id, request_id="once")
    assert again == committed
    told = album.refused("CommitRound", round_id=shown.round_id)
    assert told.code == StatusCode.FAILED_PRECONDITION
