"""A library with the `bbt` album, asked in the words of the API."""

from __future__ import annotations

import queue
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from facefolk.v1 import admin_pb2, clustering_pb2, people_pb2, recognition_pb2
from facefolk.v1.clustering_pb2 import StartRoundRequest
from facefolk.v1.people_pb2 import Event
from facefolk.v1.recognition_pb2 import RecognizeRequest, RecognizeStreamRequest
from facefolk.v1.resources_pb2 import (
    ROUND_MODE_ALL,
    ROUND_MODE_MISSING,
    ROUND_STATE_PREVIEWED,
    ROUND_STATE_SUCCEEDED,
    Face,
    Image,
    Person,
    Round,
)
from integration.servers import ServerProcess
from integration.wire import Api, Refusal, refusal

__all__ = ["ROUND_MODE_ALL", "ROUND_MODE_MISSING", "Album", "folder_of", "ingest"]

TEMPLATE = "people-template"
_MODULES = {
    "recognition": recognition_pb2,
    "people": people_pb2,
    "clustering": clustering_pb2,
    "admin": admin_pb2,
}
_METHODS = {
    method.name: (stub, getattr(module, method.input_type.name), method.client_streaming)
    for stub, module in _MODULES.items()
    for service in module.DESCRIPTOR.services_by_name.values()
    for method in service.methods
}


def ingest(api: Api, album: Path, library_id: str) -> None:
    """Submit the pictures of an album; the asset of each is its path within it."""
    frames = (
        RecognizeStreamRequest(
            correlation_id=str(path),
            request=RecognizeRequest(
                library_id=library_id,
                asset_id=str(path.relative_to(album)),
                image=Image(data=path.read_bytes()),
            ),
        )
        for path in sorted(album.rglob("*"))
        if path.suffix in {".png", ".jpg"}
    )
    for reply in api.recognition.RecognizeStream(frames, timeout=600):
        assert not reply.status.code, reply


def folder_of(server: ServerProcess, library_id: str) -> Path:
    """Where a server has a library."""
    return server.data / "libraries" / f"id-{library_id}"


class Album:
    """One library of a server; `ask` is any method of the API by its name."""

    def __init__(self, server: ServerProcess, api: Api, library_id: str) -> None:
        self.server = server
        self.api = api
        self.library_id = library_id

    def ask(self, method: str, **fields: Any) -> Any:
        """Call a method and return its reply, or the replies where it streams them.

        A method that takes a stream gets one message.
        """
        stub, request, streams = _METHODS[method]
        call = getattr(getattr(self.api, stub), method)
        message = request(**{"library_id": self.library_id, **fields})
        return call(iter([message]) if streams else message, timeout=60)

    def refused(self, method: str, **fields: Any) -> Refusal:
        """Call a method that has to refuse and return what it tells."""
        return refusal(lambda: self.ask(method, **fields))

    def people(self, **fields: Any) -> list[Person]:
        """List people; the total has to be the length of the list."""
        listed = self.ask("ListPeople", **{"page_size": 1000, **fields})
        assert listed.total_size == len(listed.people)
        return list(listed.people)

    def person(self, person_id: str) -> Person:
        return self.ask("GetPerson", person_id=person_id)

    def faces(self, **fields: Any) -> list[Face]:
        """List faces; the total has to be the length of the list."""
        listed = self.ask("ListFaces", **{"page_size": 1000, **fields})
        assert listed.total_size == len(listed.faces)
        return list(listed.faces)

    def face_ids(self, person_id: str) -> set[str]:
        return {f.face_id for f in self.faces(person_id=person_id, include_hidden=True)}

    def portraits(self, name: str) -> list[Face]:
        """The faces of somebody's five portraits, one in each."""
        return [
            face
            for number in range(1, 6)
            for face in self.faces(asset_id=f"{name}/{name}{number}.png", include_hidden=True)
        ]

    def who(self, name: str) -> str:
        """The person of somebody's portraits."""
        (person_id,) = {face.person_id for face in self.portraits(name)}
        return person_id

    def placed(self) -> dict[str, tuple[str, int]]:
        """The person of each face, and how the face came to it."""
        return {f.face_id: (f.person_id, f.assignment) for f in self.faces(include_hidden=True)}

    def named(self, person_id: str, **values: Any) -> Person:
        """Say something of a person."""
        return self.ask("UpdatePerson", person={"person_id": person_id, **values})

    def round(self, mode: int = ROUND_MODE_MISSING, **fields: Any) -> Round:
        """Run a round to its end and return how it ended, its difference included."""
        started = self.api.clustering.StartRound(
            StartRoundRequest(
                library_id=self.library_id, mode=mode, skip_waiting=True, **fields
            ),
            timeout=60,
        )
        for _ in self.ask("WatchRound", round_id=started.round_id):
            pass
        ended = self.ask("GetRound", round_id=started.round_id)
        expected = ROUND_STATE_PREVIEWED if ended.preview else ROUND_STATE_SUCCEEDED
        assert ended.state == expected, ended
        return ended

    def events(self, **fields: Any) -> list[Event]:
        """The history, the newest event first."""
        return list(self.ask("ListEvents", page_size=1000, **fields).events)

    def undo(self, event_id: int) -> Event:
        return self.ask("UndoEvent", event_id=event_id)

    @contextmanager
    def streaming(self, picture: bytes) -> Iterator[None]:
        """Keep a stream open that stores nothing, so that rounds wait."""
        messages: queue.Queue[RecognizeStreamRequest | None] = queue.Queue()
        request = RecognizeRequest(
            library_id=self.library_id,
            asset_id="new",
            image=Image(data=picture),
            dry_run=True,
        )
        messages.put(RecognizeStreamRequest(request=request))
        replies = self.api.recognition.RecognizeStream(iter(messages.get, None), timeout=60)
        next(replies)
        yield
        messages.put(None)
        assert list(replies) == []

    def table_versions(self) -> dict[str, set[str]]:
        """The versions of each table of the library, by the files that each version has."""
        folder = folder_of(self.server, self.library_id)
        versions: dict[str, set[str]] = defaultdict(set)
        for path in folder.glob("**/*.lance/_versions/*.manifest"):
            versions[path.parents[1].stem].add(path.name)
        return versions


def ids(faces: Sequence[Face]) -> list[str]:
    """Return the ids of faces."""
    return [face.face_id for face in faces]
