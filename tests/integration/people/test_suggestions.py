"""Questions about real faces, and what answering them does."""

from __future__ import annotations

import pytest
from facefolk.v1.people_pb2 import (
    SUGGESTION_ANSWER_LATER,
    SUGGESTION_ANSWER_NO,
    SUGGESTION_ANSWER_YES,
    SUGGESTION_KIND_MERGE,
    SUGGESTION_KIND_OUTLIER,
    Suggestion,
)
from facefolk.v1.resources_pb2 import ASSIGNMENT_MANUAL
from grpc import StatusCode
from integration.people.album import Album, ids

pytestmark = pytest.mark.models


def asked(album: Album, **fields: object) -> list[Suggestion]:
    """List suggestions; the total has to be the length of the list."""
    listed = album.ask("ListSuggestions", page_size=1000, **fields)
    assert listed.total_size == len(listed.suggestions)
    return list(listed.suggestions)


def answer(album: Album, suggestion: Suggestion, said: int) -> int:
    """Answer, and return the id of the event that it became, 0 for none."""
    reply = album.ask("AnswerSuggestion", suggestion_id=suggestion.suggestion_id, answer=said)
    return reply.event.event_id


def split(album: Album) -> tuple[str, str]:
    """Make two people of Penny; return both."""
    penny = album.named(album.who("penny"), name="Penny").person_id
    portraits = ids(album.portraits("penny"))
    made = album.ask("CreatePerson", face_ids=portraits[:2])
    return penny, made.person_id


def test_two_people_who_are_one(album: Album) -> None:
    penny, piece = split(album)
    before = album.placed()
    (found,) = asked(album, kind=SUGGESTION_KIND_MERGE)
    assert set(found.person_ids) == {penny, piece}
    assert found.faces_settled == 2
    assert found.distance < 0.5
    shown = {album.placed()[face_id][0] for face_id in found.face_ids}
    assert shown == {penny, piece}
    assert found == asked(album)[0]  # it settles most
    # Later: not before the next round. No: never. Undone, it is asked again.
    assert answer(album, found, SUGGESTION_ANSWER_LATER) == 0
    assert asked(album, kind=SUGGESTION_KIND_MERGE) == []
    album.round()
    assert asked(album, kind=SUGGESTION_KIND_MERGE) == [found]
    no = answer(album, found, SUGGESTION_ANSWER_NO)
    album.round()
    assert asked(album, kind=SUGGESTION_KIND_MERGE) == []
    assert album.refused(
        "AnswerSuggestion", suggestion_id=found.suggestion_id, answer=1
    ).reason == ("SUGGESTION_NOT_FOUND")
    assert set(album.events()[1].person_ids) == {penny, piece}
    album.undo(no)
    # Yes: the one with a name stays.
    yes = answer(album, found, SUGGESTION_ANSWER_YES)
    assert album.refused("GetPerson", person_id=piece).metadata["merged_into"] == penny
    assert album.who("penny") == penny
    assert asked(album, kind=SUGGESTION_KIND_MERGE) == []
    album.undo(yes)
    assert album.placed() == before
    assert asked(album, kind=SUGGESTION_KIND_MERGE) == [found]


def test_what_is_about_as_near_to_two_told_apart_matches_neither(album: Album) -> None:
    pair = split(album)
    portraits = ids(album.portraits("penny"))

    def matched(face_id: str) -> tuple[str, float, float]:
        """Who it is, and how far the nearest faces of the two people are."""
        (found,) = album.ask("SearchFaces", face_id=face_id, k=100).results
        nearest = [
            min((h.distance for h in found.hits if h.face.person_id == who), default=9.0)
            for who in pair
        ]
        return found.match.person_id, min(nearest), max(nearest)

    before = {face_id: matched(face_id) for face_id in portraits}
    assert {who for who, _, _ in before.values()} <= set(pair)
    between = {face_id for face_id, (_, near, far) in before.items() if near > 0.8 * far}
    assert 0 < len(between) < len(portraits)
    (found,) = asked(album, kind=SUGGESTION_KIND_MERGE)
    no = answer(album, found, SUGGESTION_ANSWER_NO)
    after = {face_id: matched(face_id)[0] for face_id in portraits}
    assert {face_id for face_id, who in after.items() if not who} == between
    assert all(after[face_id] in ("", before[face_id][0]) for face_id in portraits)
    album.undo(no)
    assert {face_id: matched(face_id) for face_id in portraits} == before


def test_outliers_that_resemble_someone(album: Album) -> None:
    first, *others = asked(album, kind=SUGGESTION_KIND_OUTLIER)
    assert len(others) >= 2
    (face_id,), (person_id,) = first.face_ids, first.person_ids
    assert album.placed()[face_id][0] == ""
    event_id = answer(album, first, SUGGESTION_ANSWER_YES)
    assert album.placed()[face_id] == (person_id, ASSIGNMENT_MANUAL)
    left = asked(album)
    assert first.suggestion_id not in {one.suggestion_id for one in left}
    album.undo(event_id)
    assert first.suggestion_id in {one.suggestion_id for one in asked(album)}
    answer(album, first, SUGGESTION_ANSWER_NO)
    explained = album.ask("ExplainFace", face_id=face_id)
    assert [mark.person_id for mark in explained.marks] == [person_id]
    for _ in range(2):
        assert (face_id, person_id) not in {
            (one.face_ids[0], one.person_ids[0]) for one in asked(album)
        }
        album.round()


def test_hidden_people_are_asked_about_only_where_that_is_wanted(album: Album) -> None:
    everything = asked(album, include_hidden=True)
    hidden = everything[0].person_ids[0]
    album.named(hidden, hidden=True)
    shown = asked(album)
    assert shown
    assert all(hidden not in one.person_ids for one in shown)
    assert asked(album, include_hidden=True) == everything


def test_pages_and_what_is_no_suggestion(album: Album) -> None:
    split(album)
    everything = asked(album)
    settled = [one.faces_settled for one in everything]
    assert settled == sorted(settled, reverse=True)
    found: list[Suggestion] = []
    token = ""
    while True:
        page = album.ask("ListSuggestions", page_size=2, page_token=token)
        found += page.suggestions
        token = page.next_page_token
        if not token:
            break
    assert found == everything
    refused = album.refused("AnswerSuggestion", suggestion_id="nothing", answer=1)
    assert (refused.code, refused.reason) == (StatusCode.NOT_FOUND, "SUGGESTION_NOT_FOUND")
    refused = album.refused("AnswerSuggestion", suggestion_id=found[0].suggestion_id)
    assert (refused.code, refused.metadata["field"]) == (StatusCode.INVALID_ARGUMENT, "answer")
    assert album.refused("ListSuggestions", kind=9).code is StatusCode.INVALID_ARGUMENT
