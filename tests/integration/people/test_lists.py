"""What is shown of people: lists, pages, names, pictures, reasons."""

from __future__ import annotations

import pytest
from facefolk.v1.people_pb2 import PERSON_ORDER_NAME
from facefolk.v1.resources_pb2 import (
    ASSIGNMENT_AUTOMATIC,
    UNASSIGNED_REASON_OUTLIER,
    Person,
)
from grpc import StatusCode
from integration.people.album import Album, ids

pytestmark = pytest.mark.models
NAMES = ("amy", "bernadette", "howard", "leonard", "penny", "raj", "sheldon", "stuart")


def names(people: list[Person]) -> list[str]:
    return [person.name for person in people]


def pages(album: Album, method: str, field: str, **fields: object) -> list[list[object]]:
    """Every page of a list, the totals of which have to be its length."""
    found, totals, token = [], set(), ""
    while True:
        page = album.ask(method, page_token=token, **fields)
        found.append(list(getattr(page, field)))
        totals.add(page.total_size)
        if not (token := page.next_page_token):
            break
    assert totals == {sum(map(len, found))}
    return found


def test_the_total_is_what_the_pages_show(seen_album: Album) -> None:
    people = seen_album.people()
    assert len(people) == 8
    shown = pages(seen_album, "ListPeople", "people", page_size=3)
    assert list(map(len, shown)) == [3, 3, 2]
    assert [person for page in shown for person in page] == people
    counts = [person.face_count for person in people]
    assert counts == sorted(counts, reverse=True)
    for person in people:
        faces = seen_album.faces(person_id=person.person_id)
        assert len(faces) == person.face_count
        assert {face.assignment for face in faces} == {ASSIGNMENT_AUTOMATIC}
        assets = pages(
            seen_album, "ListPersonAssets", "asset_ids", person_id=person.person_id, page_size=2
        )
        assert [a for page in assets for a in page] == sorted({f.asset_id for f in faces})
        assert sum(map(len, assets)) == person.asset_count
    everything = pages(seen_album, "ListFaces", "faces", page_size=25)
    free = seen_album.faces(unassigned=True)
    assert sum(map(len, everything)) == sum(counts) + len(free)
    status = seen_album.ask("GetStatus")
    assert (status.face_count, status.person_count) == (sum(counts) + len(free), 8)
    assert status.unassigned_face_count == len(free)


def test_pages_stay_true_while_people_come_and_go(album: Album) -> None:
    for name in NAMES:
        album.named(album.who(name), name=name)
    first = album.ask("ListPeople", page_size=3, order_by=PERSON_ORDER_NAME)
    assert names(first.people) == ["amy", "bernadette", "howard"]
    album.ask("DeletePerson", person_id=first.people[1].person_id)
    album.named(first.people[2].person_id, name="zoe")
    album.ask("CreatePerson", person={"name": "bob"}, face_ids=ids(album.portraits("amy"))[:1])
    rest = album.ask(
        "ListPeople",
        page_size=100,
        order_by=PERSON_ORDER_NAME,
        page_token=first.next_page_token,
    )
    # Who was not shown yet is shown once; who is renamed past the page is met again.
    assert names(rest.people) == ["leonard", "penny", "raj", "sheldon", "stuart", "zoe"]
    assert not rest.next_page_token
    told = album.refused("ListPeople", page_token=first.next_page_token)
    assert (told.code, told.metadata["field"]) == (StatusCode.INVALID_ARGUMENT, "page_token")


@pytest.fixture(scope="module")
def named_album(new_album) -> Album:  # type: ignore[no-untyped-def]
    """Six people with names that differ by case and accents, one hidden, one favorite."""
    album = new_album()
    told = {
        "amy": {"name": "Zoë Ångström"},
        "bernadette": {"name": "anna maria"},
        "howard": {"name": "Ärne O’Brien", "favorite": True},
        "leonard": {"name": "Maria Zöllner"},
        "penny": {"name": "Anna Hidden", "hidden": True},
        "raj": {"name": "bob"},
    }
    for who, values in told.items():
        album.named(album.who(who), **values)
    return album


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("zoe", ["Zoë Ångström"]),
        ("ZO", ["Maria Zöllner", "Zoë Ångström"]),
        ("ang", ["Zoë Ångström"]),
        ("mar", ["anna maria", "Maria Zöllner"]),
        ("ANNA M", ["anna maria"]),
        ("ärn", ["Ärne O’Brien"]),
        ("o’b", ["Ärne O’Brien"]),
        ("llner", []),
        ("anna h", []),
        ("", ["anna maria", "Ärne O’Brien", "bob", "Maria Zöllner", "Zoë Ångström", "", ""]),
    ],
)
def test_a_query_is_the_beginning_of_any_word(
    named_album: Album, query: str, found: list[str]
) -> None:
    listed = named_album.people(name_query=query, order_by=PERSON_ORDER_NAME)
    assert names(listed) == found


def test_favorites_come_first_then_who_has_most_faces(named_album: Album) -> None:
    people = named_album.people(include_hidden=True)
    assert len(people) == 8
    assert people[0].name == "Ärne O’Brien"
    counts = [person.face_count for person in people[1:]]
    assert counts == sorted(counts, reverse=True)
    hidden = named_album.people(
        name_query="anna h", order_by=PERSON_ORDER_NAME, include_hidden=True
    )
    assert names(hidden) == ["Anna Hidden"]


def test_a_person_is_shown_by_its_best_face_or_the_one_chosen(album: Album) -> None:
    amy = album.who("amy")
    best = max(album.faces(person_id=amy), key=lambda face: face.quality)
    shown = album.ask("GetThumbnail", person_id=amy)
    assert shown.face_id == best.face_id == album.person(amy).feature_face_id
    assert shown.image.data.startswith(b"\xff\xd8")
    assert shown == album.ask("GetThumbnail", face_id=best.face_id)
    other = next(face for face in album.portraits("amy") if face.face_id != best.face_id)
    album.named(amy, feature_face_id=other.face_id)
    chosen = album.ask("GetThumbnail", person_id=amy)
    assert chosen.face_id == other.face_id
    assert chosen.image.data != shown.image.data
    # A chosen face that leaves stands for nobody.
    album.ask("UnassignFaces", face_ids=[other.face_id])
    assert album.ask("GetThumbnail", person_id=amy).face_id == best.face_id
    told = album.refused("GetThumbnail", face_id="f_nope")
    assert (told.code, told.reason) == (StatusCode.NOT_FOUND, "FACE_NOT_FOUND")


def test_a_face_is_explained_by_its_round_and_as_things_stand(album: Album) -> None:
    penny = album.who("penny")
    first, second, *_ = ids(album.portraits("penny"))
    told = album.ask("ExplainFace", face_id=first)
    assert told.core
    assert not told.only_copies
    assert told.neighbor_count == len(told.neighbors) + 1
    assert second in {near.face_id for near in told.neighbors}
    assert {near.person_id for near in told.neighbors} == {penny}
    distances = [near.distance for near in told.neighbors]
    assert distances == sorted(distances)
    assert max(distances) <= told.round.max_recognition_distance == pytest.approx(0.5)
    assert told.round.round_id == album.ask("ListRounds").rounds[0].round_id
    assert list(told.vetoes) == []
    outlier = next(
        face
        for face in album.faces(unassigned=True)
        if face.unassigned_reason == UNASSIGNED_REASON_OUTLIER
    )
    lonely = album.ask("ExplainFace", face_id=outlier.face_id)
    assert not lonely.core
    assert lonely.vetoes
    album.ask("MarkFaces", face_ids=[first], kind="MARK_KIND_NOT_THIS_PERSON", person_id=penny)
    album.round()
    refused = album.ask("ExplainFace", face_id=first)
    assert [mark.person_id for mark in refused.marks] == [penny]
    assert any(penny in veto for veto in refused.vetoes)
    few = album.ask("ExplainFace", face_id=second, max_neighbors=2)
    assert len(few.neighbors) == 2 < few.neighbor_count


def test_the_minimum_acts_at_once_and_without_a_round(album: Album) -> None:
    rounds = album.ask("ListRounds")
    leonard, stuart = album.who("leonard"), album.who("stuart")
    kept = ids(album.portraits("stuart"))[:4]
    album.ask("UnassignFaces", face_ids=ids(album.portraits("stuart"))[4:])
    small = ids(album.portraits("leonard"))[:4]
    album.ask("CreatePerson", person={"name": "Len"}, face_ids=small[:2])
    album.ask("CreatePerson", person={"favorite": True}, face_ids=small[2:])
    everybody = {person.person_id: person.face_count for person in album.people()}
    assert everybody[stuart] == len(kept) == 4
    album.ask("UpdateSettings", settings={"min_recognized_faces": 5})
    shown = {person.person_id for person in album.people()}
    said = {p.person_id for p in album.people() if p.name or p.favorite}
    assert len(said) == 2
    assert shown == {i for i, count in everybody.items() if count >= 5} | said
    assert stuart not in shown
    assert leonard in shown or everybody[leonard] < 5
    assert album.person(stuart).face_count == 4
    album.ask("UpdateSettings", settings={"min_recognized_faces": 3})
    assert {person.person_id: person.face_count for person in album.people()} == everybody
    assert album.ask("ListRounds") == rounds
