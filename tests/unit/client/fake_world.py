"""What the fake server knows and how it pages."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from typing import Any

from facefolk.v1 import admin_pb2, people_pb2, resources_pb2
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2, status_pb2

DIGEST = "pack-digest"
JPEG = b"\xff\xd8\xff"
PNG = b"\x89PNG"


def status(code: int, message: str, reason: str = "", **metadata: str) -> status_pb2.Status:
    made = status_pb2.Status(code=code, message=message)
    made.details.add().Pack(
        error_details_pb2.ErrorInfo(reason=reason, domain="facefolk", metadata=metadata)
    )
    return made


class World:
    """What the fake server knows; tests fill it and look into it."""

    def __init__(self) -> None:
        self.people: dict[str, resources_pb2.Person] = {}
        self.faces: dict[str, resources_pb2.Face] = {}
        self.frames: dict[tuple[str, int], resources_pb2.Frame] = {}
        self.images: dict[tuple[str, int], bytes] = {}
        self.capture_times: dict[str, Any] = {}
        self.settings = resources_pb2.Settings(
            pack="open",
            max_recognition_distance=0.5,
            min_recognized_faces=3,
            one_face_per_asset=True,
            time_zone="UTC",
            etag="s1",
        )
        self.rounds: dict[str, resources_pb2.Round] = {}
        self.round_steps: list[resources_pb2.Round] = []
        self.suggestions: dict[str, people_pb2.Suggestion] = {}
        self.answered: dict[int, people_pb2.Suggestion] = {}
        self.events: list[people_pb2.Event] = []
        # Watches that end after so many events, in order; then no more do.
        self.watch_ends: deque[int] = deque()
        self.watches: list[Any] = []
        # How often an erasure is asked for before it is done.
        self.pending = 0
        self.bundle = b"bundle" * 100_000
        self.bundle_breaks = False
        self.import_limit = 1 << 30
        self.imported: list[tuple[str, int, bytes]] = []
        self.packs = [
            admin_pb2.Pack(name="open", installed=True, active=True, digest=DIGEST),
            admin_pb2.Pack(name="dlib", download_bytes=100 << 20),
        ]
        self.thumbnail = b"\xff\xd8\xffthumbnail"
        self.health = 1
        # Streams that end after so many answers, in order; then no more do.
        self.stream_ends: deque[int] = deque()
        # What to answer to a frame in place of recognizing it, by asset, in order.
        self.frame_statuses: dict[str, deque[status_pb2.Status]] = defaultdict(deque)
        self.requests: list[tuple[str, Any]] = []
        self.metadata: list[dict[str, str]] = []
        self.failures: dict[str, deque[status_pb2.Status]] = defaultdict(deque)
        self.calls: dict[str, int] = defaultdict(int)
        # Frames of streams are answered once this is set.
        self.hold = threading.Event()
        self.hold.set()
        self.received = 0
        # Methods that answer only once their event is set.
        self.gates: dict[str, threading.Event] = {}
        self.time_remaining: dict[str, float | None] = {}
        self.lock = threading.Lock()

    def add_person(self, person_id: str, faces: int, **fields: Any) -> None:
        self.people[person_id] = resources_pb2.Person(
            person_id=person_id,
            face_count=faces,
            asset_count=faces,
            etag="e1",
            feature_face_id=f"{person_id}-0",
            **fields,
        )
        for number in range(faces):
            self.add_face(f"{person_id}-{number}", person_id)

    def add_face(self, face_id: str, person_id: str = "", **fields: Any) -> None:
        assigned = resources_pb2.ASSIGNMENT_AUTOMATIC if person_id else 1
        values = fields.pop("embedding", (1.0, 0.0))
        self.faces[face_id] = resources_pb2.Face(
            face_id=face_id,
            asset_id=f"{face_id}.jpg",
            person_id=person_id,
            assignment=assigned,
            score=0.9,
            quality=0.5,
            box=resources_pb2.BoundingBox(x_max=10, y_max=10),
            embedding=resources_pb2.Embedding(values=values),
            **fields,
        )

    def add_event(self, kind: str, *person_ids: str, **fields: Any) -> people_pb2.Event:
        event = people_pb2.Event(
            event_id=len(self.events) + 1,
            kind=kind,
            actor="ada",
            person_ids=person_ids,
            undoable=True,
            **fields,
        )
        event.time.FromSeconds(1_700_000_000)
        self.events.append(event)
        return event

    def ask(self, suggestion_id: str, kind: int, people: str, faces: str = "") -> None:
        self.suggestions[suggestion_id] = people_pb2.Suggestion(
            suggestion_id=suggestion_id,
            kind=kind,
            person_ids=people.split(),
            face_ids=faces.split(),
            distance=0.4,
            faces_settled=3,
        )


def page(items: list[Any], request: Any) -> tuple[list[Any], str]:
    begin = int(request.page_token or 0)
    end = begin + (request.page_size or 100)
    return items[begin:end], str(end) if end < len(items) else ""


def offset(microseconds: int) -> Duration:
    made = Duration()
    made.FromMicroseconds(microseconds)
    return made
