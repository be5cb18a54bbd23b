"""Hidden people appear nowhere unless asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from facefolk.v1 import people_pb2, recognition_pb2
from facefolk.v1.recognition_pb2 import RecognizeRequest, RecognizeStreamRequest
from facefolk.v1.resources_pb2 import Image, Person
from grpc import StatusCode
from integration.people.album import Album, ids

pytestmark = pytest.mark.models

# Every method that can be asked to include hidden people has to be held to it here.
HAVING_THE_OPTION = {
    method.name
    for module in (people_pb2, recognition_pb2)
    for service in module.DESCRIPTOR.services_by_name.values()
    for method in service.methods
    if "include_hidden" in method.input_type.fields_by_name
} | {"RecognizeStream"}


class Raj:
    """Somebody in the album whose first two portraits became another person, `piece`."""

    def __init__(self, album: Album, photos: Path) -> None:
        self.album = album
        self.person_id = album.named(album.who("raj"), name="Raj").person_id
        portraits = album.portraits("raj")
        self.portrait = portraits[-1]
        self.picture = (photos / "bbt" / self.portrait.asset_id).read_bytes()
        self.piece = album.ask("CreatePerson", face_ids=ids(portraits)[:2]).person_id
        self.group = next(
            face.asset_id
            for face in album.faces(person_id=self.person_id)
            if "group" in face.asset_id
        )
        # Somebody else's face, which a user said is not he.
        self.other = ids(album.portraits("howard"))[0]
        album.ask(
            "MarkFaces",
            face_ids=[self.other],
            kind="MARK_KIND_NOT_THIS_PERSON",
            person_id=self.person_id,
        )

    def ask(self, method: str, **fields: Any) -> Any:
        return self.album.ask(method, **fields)

    def pages(self, method: str, field: str, **fields: Any) -> list[Any]:
        """All of a list, whose total has to be its length."""
        page = self.ask(method, page_size=1000, **fields)
        assert page.total_size == len(getattr(page, field))
        return list(getattr(page, field))

    def listed(self, **asked: bool) -> list[str]:
        everybody = self.pages("ListPeople", "people", **asked)
        by_name = self.pages("ListPeople", "people", name_query="raj", **asked)
        assert by_name == [one for one in everybody if one.name == "Raj"]
        return [one.person_id for one in everybody]

    def faces(self, **asked: bool) -> list[str]:
        return [
            face.person_id
            for which in ({}, {"asset_id": self.group}, {"unassigned": True})
            for face in self.pages("ListFaces", "faces", **which, **asked)
        ]

    def suggested(self, **asked: bool) -> list[str]:
        questions = self.pages("ListSuggestions", "suggestions", **asked)
        return [person_id for one in questions for person_id in one.person_ids]

    def recognized(self, **asked: bool) -> list[str]:
        reply = self.ask(
            "Recognize", asset_id="new", image={"data": self.picture}, dry_run=True, **asked
        )
        return [face.match.person_id for face in reply.faces]

    def streamed(self, **asked: bool) -> list[str]:
        request = RecognizeRequest(
            library_id=self.album.library_id,
            asset_id="new",
            image=Image(data=self.picture),
            dry_run=True,
            **asked,
        )
        messages = iter([RecognizeStreamRequest(request=request)])
        replies = self.album.api.recognition.RecognizeStream(messages, timeout=60)
        return [face.match.person_id for one in replies for face in one.response.faces]

    def searched(self, **asked: bool) -> list[str]:
        found = []
        for subject in ({"face_id": self.other}, {"image": {"data": self.picture}}):
            reply = self.ask("SearchFaces", **subject, k=200, max_distance=2, **asked)
            for result in reply.results:
                found.append(result.match.person_id)
                found += [hit.face.person_id for hit in result.hits]
        return found

    def explained(self, **asked: bool) -> list[str]:
        told = self.ask("ExplainFace", face_id=self.other, max_neighbors=1000, **asked)
        assert not any(self.person_id in veto for veto in told.vetoes) or asked
        near = [neighbor.person_id for neighbor in told.neighbors]
        return [*near, *(mark.person_id for mark in told.marks)]

    def refused(self, method: str, field: str) -> Callable[..., list[str]]:
        """What is about one person, or one of their faces, is NOT_FOUND unless asked for."""

        def look(**asked: bool) -> list[str]:
            subject = self.person_id if field == "person_id" else self.portrait.face_id
            fields = {field: subject, **asked}
            if asked.get("include_hidden"):
                assert self.ask(method, **fields)
                return [self.person_id]
            assert self.album.refused(method, **fields).code == StatusCode.NOT_FOUND
            return []

        return look


def test_hidden_people_appear_nowhere_unless_asked_for(album: Album, photos: Path) -> None:
    raj = Raj(album, photos)
    looks = {
        "ListPeople": [raj.listed],
        "ListFaces": [raj.faces, raj.refused("ListFaces", "person_id")],
        "ListSuggestions": [raj.suggested],
        "ListPersonAssets": [raj.refused("ListPersonAssets", "person_id")],
        "GetThumbnail": [
            raj.refused("GetThumbnail", "person_id"),
            raj.refused("GetThumbnail", "face_id"),
        ],
        "ExplainFace": [raj.explained, raj.refused("ExplainFace", "face_id")],
        "Recognize": [raj.recognized],
        "RecognizeStream": [raj.streamed],
        "SearchFaces": [raj.searched],
    }
    assert set(looks) == HAVING_THE_OPTION
    theirs = album.face_ids(raj.person_id)
    album.named(raj.person_id, hidden=True)
    met = {
        method: [
            (raj.person_id in look(), raj.person_id in look(include_hidden=True))
            for look in those
        ]
        for method, those in looks.items()
    }
    assert met == {method: [(False, True)] * len(those) for method, those in looks.items()}
    # Shown again, he is where he was.
    assert album.face_ids(raj.person_id) == theirs
    shown = Person(person_id=raj.person_id)
    album.ask("UpdatePerson", person=shown, update_mask={"paths": ["hidden"]})
    assert raj.person_id in raj.listed()
    assert raj.person_id in raj.suggested()


def test_what_tells_of_changes_is_whole(album: Album) -> None:
    raj = album.named(album.who("raj"), name="Raj", hidden=True)
    (newest, *_) = album.events()
    assert list(newest.person_ids) == [raj.person_id]
    watched = album.ask("WatchEvents", after_event_id=newest.event_id - 1)
    assert list(next(iter(watched)).event.person_ids) == [raj.person_id]
    watched.cancel()
    # Its id is enough to ask for one person; the name of a hidden one can be lost, too.
    assert album.person(raj.person_id).hidden
    preview = album.round(
        "ROUND_MODE_ALL", preview=True, settings={"max_recognition_distance": 0.01}
    )
    assert "Raj" in {one.name for one in preview.difference.names_lost}
