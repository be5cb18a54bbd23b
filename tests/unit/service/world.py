"""The use cases over a real store and a pipeline whose pictures say what is in them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from facefolk_server.errors import InvalidImageError, PackNotFoundError
from facefolk_server.service.admin import Admin, ServerFacts
from facefolk_server.service.assets import Assets
from facefolk_server.service.budget import AdmissionBudget
from facefolk_server.service.call import Call
from facefolk_server.service.erasure import Erasure
from facefolk_server.service.explaining import Explanations
from facefolk_server.service.faces import FaceFilter, Faces
from facefolk_server.service.frames.writer import FrameWriter
from facefolk_server.service.gate import IngestionGate
from facefolk_server.service.hands import Hands
from facefolk_server.service.history import History
from facefolk_server.service.images import ImageDesk
from facefolk_server.service.libraries import Libraries
from facefolk_server.service.moving.moving import Moving
from facefolk_server.service.packs import ModelStatus, PackDescription, Packs, PullProgress
from facefolk_server.service.paging import PageRequest
from facefolk_server.service.people import People
from facefolk_server.service.recognition import FrameSubmission, Recognition
from facefolk_server.service.resolver import Resolver
from facefolk_server.service.round_ledger import RoundLedger
from facefolk_server.service.rounds import Rounds, RoundTimes
from facefolk_server.service.schedule import NightlySchedule
from facefolk_server.service.search import Search
from facefolk_server.service.suggestions.desk import Suggestions
from facefolk_server.service.views import FaceView, ImageFaces
from facefolk_server.service.workers import WorkerPool
from facefolk_server.store import Store
from facefolk_server.types import Looks, RoundMode, RoundRecord, RoundState

DIMENSION = 8
SIDE = 20.0
START = datetime(2024, 5, 1, 12, tzinfo=UTC)
CALL = Call(actor="tester")


class Clock:
    """A clock that goes on by a second with each look."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def look(who: int, *, off: float = 0.0, way: int = 7) -> list[float]:
    """Return the embedding of person `who` (0 to 6), turned by `off` towards axis `way`."""
    vector = np.zeros(DIMENSION)
    vector[who] = np.cos(off)
    vector[way] += np.sin(off)
    return (np.round(vector * 2**24) / 2**24).tolist()


@dataclass(frozen=True)
class Seen:
    """One face in a picture: where, who, how sure."""

    x: float
    vector: list[float]
    y: float = 10.0
    score: float = 0.9
    quality: float = 0.5
    side: float = SIDE


def picture(*faces: Seen, width: int = 400, height: int = 100, note: str = "") -> bytes:
    """Return an "encoded image" that the fake pipeline reads."""
    told = [[f.x, f.y, f.side, f.score, f.quality, f.vector] for f in faces]
    return json.dumps({"size": [width, height], "faces": told, "note": note}).encode()


@dataclass(frozen=True)
class FakeHeader:
    width: int
    height: int


def read_header(data: bytes) -> FakeHeader:
    try:
        return FakeHeader(*json.loads(data)["size"])
    except (ValueError, KeyError) as exc:
        raise InvalidImageError("This is no image: send a picture.") from exc


@dataclass(frozen=True)
class FakePack:
    name: str
    digest: str
    dimension: int = DIMENSION
    recommended_distance: float = 0.5
    recommended_min_score: float = 0.7
    guard_distance: float | None = None


@dataclass(frozen=True, eq=False)
class FakeDetections:
    boxes: np.ndarray
    landmarks: np.ndarray
    scores: np.ndarray
    qualities: np.ndarray


@dataclass(frozen=True, eq=False)
class FakeAnalysis:
    width: int
    height: int
    detections: FakeDetections
    embeddings: np.ndarray
    thumbnails: list[bytes]
    timings: dict[str, float]


class FakePipeline:
    """Finds in a picture what it says is there."""

    def __init__(self, pack: FakePack) -> None:
        self.pack = pack
        self.before: Callable[[], None] = lambda: None
        self.looks: Looks | None = None

    def detect(self, data: bytes, *, min_score: float, looks: Looks) -> FakeAnalysis:
        found = self.analyze(data, min_score=min_score, thumbnails=False, looks=looks)
        return replace(found, embeddings=np.empty((0, self.pack.dimension), np.float32))

    def analyze(
        self, data: bytes, *, min_score: float, thumbnails: bool, looks: Looks
    ) -> FakeAnalysis:
        self.before()
        self.looks = looks
        told = json.loads(data)
        if told["note"] == "broken":
            raise InvalidImageError("The JPEG is damaged: send it again.")
        faces = [face for face in told["faces"] if face[3] >= min_score]
        boxes = [[x, y, x + side, y + side] for x, y, side, *_ in faces]
        points = [[[b[0] + 5 + i, b[1] + 5] for i in range(5)] for b in boxes]
        return FakeAnalysis(
            *told["size"],
            FakeDetections(
                np.array(boxes, np.float32).reshape(-1, 4),
                np.array(points, np.float32).reshape(-1, 5, 2),
                np.array([face[3] for face in faces], np.float32),
                np.array([face[4] for face in faces], np.float32),
            ),
            np.array([face[5] for face in faces], np.float32).reshape(-1, self.pack.dimension),
            [b"jpeg of " + str(box[0]).encode() for box in boxes] if thumbnails else [],
            {"decode": 1.0, "detect": 2.0},
        )

    def embed_faces(self, data: bytes, landmarks: np.ndarray) -> np.ndarray:
        return np.array([look(0)] * len(landmarks), np.float32)

    def embed_crops(self, crops: Sequence[bytes]) -> np.ndarray:
        return np.array([look(1)] * len(crops), np.float32)


class FakeSource:
    """Knows two packs that are alike but in name, and one that is not free."""

    def __init__(self) -> None:
        self.pipelines = {
            name: FakePipeline(FakePack(name, f"digest of {name}")) for name in ("open", "dlib")
        }
        self.loads: list[str] = []

    def describe(self) -> list[PackDescription]:
        return [
            PackDescription(
                name, "detector", "recognizer", "MIT", name == "bound", DIMENSION, 0.5, 0.7,
                True, 100, f"digest of {name}", license_acknowledged=name != "bound",
            )
            for name in (*self.pipelines, "bound")
        ]  # fmt: skip

    def choose(self) -> str:
        return "open"

    def load(self, name: str) -> FakePipeline:
        self.loads.append(name)
        if name not in self.pipelines:
            raise PackNotFoundError(name)
        return self.pipelines[name]

    def pull(self, name: str, progress: Callable[[PullProgress], None]) -> None:
        for done in (0, 50, 100):
            progress(PullProgress("file", done, 100))

    def models(self) -> list[ModelStatus]:
        return [ModelStatus("detector", "GPU", "CPU", False, "it answered NaN")]


class FakePin:
    def __init__(self) -> None:
        self.name: str | None = None

    def read(self) -> str | None:
        return self.name

    def write(self, name: str, digest: str) -> str:
        self.name = self.name or name
        return self.name


class World:
    """A server without gRPC."""

    def __init__(self, path: Path, *, holder: str = "here", exclusive: bool = False) -> None:
        self.clock = Clock()
        self.store = Store.open(path, durability="process", clock=self.clock)
        self.io = WorkerPool("io", workers=4)
        self.compute = WorkerPool("compute", workers=2)
        self.round_workers = WorkerPool("round", workers=1)
        self.source, self.pin = FakeSource(), FakePin()
        self.budget = AdmissionBudget(max_bytes=10**7, max_pixels=10**8, max_requests=64)
        self.gate = IngestionGate()
        self.libraries = Libraries(self.store, workers=self.io)
        self.packs = Packs(self.source, pin=self.pin, workers=self.io)
        resolver = self.resolver = Resolver(self.libraries, self.packs)
        desk = ImageDesk(budget=self.budget, workers=self.compute, read_header=read_header)
        writer = FrameWriter(self.libraries, clock=self.clock)
        self.recognition = Recognition(
            libraries=self.libraries,
            resolver=resolver,
            desk=desk,
            writer=writer,
            gate=self.gate,
        )
        self.search = Search(libraries=self.libraries, resolver=resolver, desk=desk)
        self.assets = Assets(self.libraries, resolver)
        self.people = People(self.libraries, clock=self.clock)
        self.faces = Faces(self.libraries)
        self.hands = Hands(self.libraries, clock=self.clock)
        self.history = History(self.libraries, clock=self.clock, poll_seconds=0.05)
        self.erasure = Erasure(
            self.libraries, writer=writer, clock=self.clock, wait=timedelta(milliseconds=20)
        )
        self.explanations = Explanations(self.libraries, resolver)
        self.suggestions = Suggestions(self.libraries, resolver, clock=self.clock)
        self.moving = Moving(self.libraries, resolver=resolver, writer=writer, clock=self.clock)
        self.ledger = RoundLedger(
            self.libraries,
            holder=holder,
            lease_seconds=3600,
            clock=self.clock,
            exclusive=exclusive,
        )
        self.rounds = Rounds(
            libraries=self.libraries,
            resolver=resolver,
            ledger=self.ledger,
            gate=self.gate,
            workers=self.round_workers,
            clock=self.clock,
            times=RoundTimes(quiet_seconds=0.0, max_wait_seconds=5.0, poll_seconds=0.01),
        )
        self.schedule = self.make_schedule()
        self.admin = Admin(
            libraries=self.libraries,
            packs=self.packs,
            budget=self.budget,
            facts=ServerFacts("1.2.3", {"numpy": "2"}, START),
        )

    def make_schedule(
        self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> NightlySchedule:
        return NightlySchedule(
            libraries=self.libraries,
            resolver=self.resolver,
            rounds=self.rounds,
            clock=self.clock,
            sleep=sleep,
        )

    async def close(self) -> None:
        await self.rounds.close()
        for pool in (self.io, self.compute, self.round_workers):
            await asyncio.to_thread(pool.close)
        await asyncio.to_thread(self.store.close)

    async def submit(self, asset_id: str, *faces: Seen, **given: object) -> ImageFaces:
        width = given.pop("width", 400)
        data = given.pop("data", None) or picture(*faces, width=width, height=width // 4)
        return await self.recognition.recognize(
            CALL,
            FrameSubmission(asset_id, data, **given),  # type: ignore[arg-type]
        )

    async def stored(self, **which: object) -> list[FaceView]:
        page = await self.faces.list_faces(
            CALL, PageRequest(1000), which=FaceFilter(**which), include_hidden=True
        )
        return list(page.items)

    async def placed(self) -> dict[str, str | None]:
        return {view.face.face_id: view.placement.person_id for view in await self.stored()}

    async def round(self, mode: RoundMode = RoundMode.MISSING) -> RoundRecord:
        started = await self.rounds.start_round(CALL, mode, skip_waiting=True)
        seen = [record async for record in self.rounds.watch_round(CALL, started.round_id)]
        assert seen[-1].state is RoundState.SUCCEEDED, seen[-1]
        return seen[-1]

    async def sequence(self) -> int:
        return await self.libraries.read(CALL, lambda reading: reading.state.sequence)

    async def album(self, who: int, count: int, *, start: int = 0) -> list[str]:
        """Submit `count` portraits of a person; return the ids of the faces."""
        ids = []
        for number in range(start, start + count):
            seen = Seen(10, look(who, off=0.02 * number), quality=0.1 + 0.01 * number)
            reply = await self.submit(f"{who}-{number}.jpg", seen)
            ids.append(reply.faces[0].view.face.face_id)
        return ids
