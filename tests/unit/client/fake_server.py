"""A small server in this process: answers from memory, records, and fails on demand."""

# ruff: noqa: N802  # the methods have the names of the API
from __future__ import annotations

import itertools
import threading
from collections import defaultdict, deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from facefolk.v1 import (
    admin_pb2,
    admin_pb2_grpc,
    clustering_pb2,
    clustering_pb2_grpc,
    people_pb2,
    people_pb2_grpc,
    recognition_pb2,
    recognition_pb2_grpc,
    resources_pb2,
)
from google.protobuf.duration_pb2 import Duration
from google.protobuf.wrappers_pb2 import Int32Value, StringValue
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status

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


class Recognition(recognition_pb2_grpc.RecognitionServiceServicer):
    def __init__(self, world: World) -> None:
        self.world = world

    def Detect(self, request, context):
        face = resources_pb2.Face(
            score=0.99, box=resources_pb2.BoundingBox(x_min=1, y_min=2, x_max=30, y_max=40)
        )
        reply = recognition_pb2.DetectResponse(faces=[face], width=64, height=48, pack="open")
        reply.timings.milliseconds["detect"] = 1.5
        return reply

    def Embed(self, request, context):
        count = len(request.crops) or len(request.faces)
        one = resources_pb2.Embedding(values=(1.0, 0.0))
        return recognition_pb2.EmbedResponse(embeddings=[one] * count, pack_digest=DIGEST)

    def Recognize(self, request, context):
        return self._recognized(request, store=not request.dry_run)

    def RecognizeStream(self, request_iterator, context):
        world = self.world
        with world.lock:
            end = world.stream_ends.popleft() if world.stream_ends else None
        for number in itertools.count():
            if number == end:
                context.abort(grpc.StatusCode.UNAVAILABLE, "going away")
            request = next(request_iterator, None)
            if request is None:
                return
            world.received += 1
            world.hold.wait(10)
            yield self._outcome(request)

    def _outcome(self, request):
        frame = request.request
        reply = recognition_pb2.RecognizeStreamResponse(correlation_id=request.correlation_id)
        self.world.requests.append(("RecognizeStream", request))
        if self.world.frame_statuses[frame.asset_id]:
            reply.status.CopyFrom(self.world.frame_statuses[frame.asset_id].popleft())
        elif not frame.image.data.startswith((JPEG, PNG, b"RIFF")):
            reply.status.CopyFrom(
                status(code_pb2.INVALID_ARGUMENT, "Not an image.", "INVALID_IMAGE")
            )
        else:
            reply.response.CopyFrom(self._recognized(frame, store=True))
        return reply

    def _recognized(self, request, *, store: bool):
        key = (request.asset_id, request.frame_offset.ToMicroseconds())
        if store:
            self.world.images[key] = request.image.data
            self.world.capture_times[request.asset_id] = (
                request.capture_time.ToDatetime() if request.HasField("capture_time") else None
            )
            self.world.frames[key] = resources_pb2.Frame(
                frame_offset=request.frame_offset,
                state=resources_pb2.ASSET_STATE_DONE,
                content_digest=request.content_digest,
                pack="open",
                pack_digest=DIGEST,
                face_count=1,
            )
        face = resources_pb2.Face(face_id=f"f-{request.asset_id}", asset_id=request.asset_id)
        return recognition_pb2.RecognizeResponse(
            faces=[recognition_pb2.RecognizedFace(face=face)], width=4, height=3, pack="open"
        )

    def Compare(self, request, context):
        face = resources_pb2.Face(score=0.9)
        pair = recognition_pb2.CompareResponse.Pair(left=0, right=0, distance=0.25)
        return recognition_pb2.CompareResponse(
            left_faces=[face], right_faces=[face], pairs=[pair], max_recognition_distance=0.5
        )

    def SearchFaces(self, request, context):
        hit = recognition_pb2.SearchFacesResponse.Hit(
            face=resources_pb2.Face(face_id="f1", asset_id="a.jpg", person_id="p1"),
            distance=0.125,
        )
        result = recognition_pb2.SearchFacesResponse.Result(hits=[hit])
        result.match.CopyFrom(resources_pb2.Match(person_id="p1", name="Ada", distance=0.125))
        return recognition_pb2.SearchFacesResponse(results=[result])

    def GetAsset(self, request, context):
        return self._assets()[request.asset_id]

    def ListAssets(self, request, context):
        assets, token = _page(list(self._assets().values()), request)
        return recognition_pb2.ListAssetsResponse(assets=assets, next_page_token=token)

    def _assets(self) -> dict[str, resources_pb2.Asset]:
        assets: dict[str, resources_pb2.Asset] = {}
        for (asset_id, _), frame in sorted(self.world.frames.items()):
            assets.setdefault(asset_id, resources_pb2.Asset(asset_id=asset_id))
            assets[asset_id].frames.append(frame)
            assets[asset_id].face_count += frame.face_count
        return assets


class People(people_pb2_grpc.PeopleServiceServicer):
    def __init__(self, world: World) -> None:
        self.world = world

    def ListPeople(self, request, context):
        people, token = _page(list(self.world.people.values()), request)
        return people_pb2.ListPeopleResponse(
            people=people, next_page_token=token, total_size=len(self.world.people)
        )

    def GetPerson(self, request, context):
        return self._person(request.person_id, context)

    def UpdatePerson(self, request, context):
        person = self._person(request.person.person_id, context)
        for path in request.update_mask.paths:
            person.ClearField(path)
        changes = resources_pb2.Person()
        request.update_mask.MergeMessage(request.person, changes)
        person.MergeFrom(changes)
        return person

    def ListFaces(self, request, context):
        chosen = [face for face in self.world.faces.values() if _chosen(face, request)]
        if not request.include_embedding:
            chosen = [_without_embedding(face) for face in chosen]
        faces, token = _page(chosen, request)
        return people_pb2.ListFacesResponse(
            faces=faces, next_page_token=token, total_size=len(chosen)
        )

    def ListPersonAssets(self, request, context):
        ids = [
            f.asset_id for f in self.world.faces.values() if f.person_id == request.person_id
        ]
        page, token = _page(ids, request)
        return people_pb2.ListPersonAssetsResponse(
            asset_ids=page, next_page_token=token, total_size=len(ids)
        )

    def AssignFaces(self, request, context):
        person = (
            request.new_person
            if request.HasField("new_person")
            else self._person(request.person_id, context)
        )
        return people_pb2.AssignFacesResponse(
            person=person, faces_changed=len(request.face_ids)
        )

    def UnassignFaces(self, request, context):
        return people_pb2.UnassignFacesResponse(faces_changed=len(request.face_ids))

    def GetThumbnail(self, request, context):
        return people_pb2.GetThumbnailResponse(
            image=resources_pb2.Image(data=self.world.thumbnail),
            face_id=request.face_id or f"{request.person_id}-0",
        )

    def _person(self, person_id: str, context) -> resources_pb2.Person:
        if person_id not in self.world.people:
            refusal = status(
                code_pb2.NOT_FOUND,
                f"There is no person {person_id}.",
                "PERSON_NOT_FOUND",
                person_id=person_id,
            )
            context.abort_with_status(rpc_status.to_status(refusal))
        return self.world.people[person_id]


class Clustering(clustering_pb2_grpc.ClusteringServiceServicer):
    def __init__(self, world: World) -> None:
        self.world = world

    def StartRound(self, request, context):
        started = resources_pb2.Round(
            round_id=f"r{len(self.world.rounds)}",
            mode=request.mode,
            state=resources_pb2.ROUND_STATE_WAITING,
        )
        self.world.rounds[started.round_id] = started
        return started

    def GetRound(self, request, context):
        return self.world.rounds[request.round_id]

    def ListRounds(self, request, context):
        rounds, token = _page(list(self.world.rounds.values()), request)
        return clustering_pb2.ListRoundsResponse(rounds=rounds, next_page_token=token)

    def WatchRound(self, request, context):
        current = self.world.rounds[request.round_id]
        steps = self.world.round_steps or [
            resources_pb2.Round(
                state=resources_pb2.ROUND_STATE_RUNNING, faces_queued=4, faces_processed=2
            ),
            resources_pb2.Round(
                state=resources_pb2.ROUND_STATE_SUCCEEDED, faces_assigned=3, people_created=1
            ),
        ]
        for step in steps:
            current.MergeFrom(step)
            yield clustering_pb2.WatchRoundResponse(round=current)

    def CancelRound(self, request, context):
        current = self.world.rounds[request.round_id]
        current.state = resources_pb2.ROUND_STATE_CANCELLED
        return current


class Admin(admin_pb2_grpc.AdminServiceServicer):
    def __init__(self, world: World) -> None:
        self.world = world

    def GetSettings(self, request, context):
        return self.world.settings

    def UpdateSettings(self, request, context):
        for path in request.update_mask.paths:
            setattr(self.world.settings, path, getattr(request.settings, path))
        return admin_pb2.UpdateSettingsResponse(
            settings=self.world.settings, advice=["Think it over."]
        )

    def ListPacks(self, request, context):
        packs, token = _page(self.world.packs, request)
        return admin_pb2.ListPacksResponse(packs=packs, next_page_token=token)

    def PullPack(self, request, context):
        for done in (0, 50, 100):
            yield admin_pb2.PullPackResponse(file="a.onnx", bytes_done=done, bytes_total=100)
        yield admin_pb2.PullPackResponse(done=True, pack=self.world.packs[0])

    def GetStatus(self, request, context):
        unassigned = sum(not face.person_id for face in self.world.faces.values())
        return admin_pb2.GetStatusResponse(
            version="0.1.0",
            library_versions={"lancedb": "0.40.0"},
            pack=self.world.packs[0],
            models=[admin_pb2.GetStatusResponse.Model(name="yunet", device="CPU")],
            tables=[admin_pb2.GetStatusResponse.Table(name="faces_open", rows=7)],
            face_count=len(self.world.faces),
            person_count=len(self.world.people),
            unassigned_face_count=unassigned,
            warnings=["The disk is nearly full."],
        )


class FakeServer:
    """A server on a free port, which can be stopped and started again on the same one."""

    def __init__(self, credentials: Any = None) -> None:
        self.world = World()
        self._credentials = credentials
        self.port = 0
        self.start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        server = grpc.server(
            ThreadPoolExecutor(8),
            interceptors=[_Observer(self.world)],
            options=[
                ("grpc.max_receive_message_length", 32 << 20),
                ("grpc.so_reuseport", 0),
            ],
        )
        recognition_pb2_grpc.add_RecognitionServiceServicer_to_server(
            Recognition(self.world), server
        )
        people_pb2_grpc.add_PeopleServiceServicer_to_server(People(self.world), server)
        clustering_pb2_grpc.add_ClusteringServiceServicer_to_server(
            Clustering(self.world), server
        )
        admin_pb2_grpc.add_AdminServiceServicer_to_server(Admin(self.world), server)
        server.add_generic_rpc_handlers((_health(self.world),))
        address = f"127.0.0.1:{self.port}"
        self.port = (
            server.add_secure_port(address, self._credentials)
            if self._credentials
            else server.add_insecure_port(address)
        )
        server.start()
        self._server = server

    def stop(self) -> None:
        self._server.stop(None).wait()


class _Observer(grpc.ServerInterceptor):
    """Records calls and answers those that are to fail."""

    def __init__(self, world: World) -> None:
        self._world = world

    def intercept_service(self, continuation, details):
        world, name = self._world, details.method.rsplit("/", 1)[-1]
        with world.lock:
            world.calls[name] += 1
            world.metadata.append(dict(details.invocation_metadata))
            failure = world.failures[name].popleft() if world.failures[name] else None
        handler = continuation(details)
        if handler is None or (handler.unary_unary is None and failure is None):
            return handler

        def respond(request, context):
            world.requests.append((name, request))
            world.time_remaining[name] = context.time_remaining()
            if name in world.gates:
                world.gates[name].wait(10)
            if failure is not None:
                context.abort_with_status(rpc_status.to_status(failure))
            return handler.unary_unary(request, context)

        make = {
            (False, False): grpc.unary_unary_rpc_method_handler,
            (False, True): grpc.unary_stream_rpc_method_handler,
            (True, True): grpc.stream_stream_rpc_method_handler,
        }[handler.request_streaming, handler.response_streaming]
        return make(respond, handler.request_deserializer, handler.response_serializer)


def _health(world: World) -> Any:
    return grpc.method_handlers_generic_handler(
        "grpc.health.v1.Health",
        {
            "Check": grpc.unary_unary_rpc_method_handler(
                lambda request, context: Int32Value(value=world.health),
                StringValue.FromString,
                Int32Value.SerializeToString,
            )
        },
    )


def _page(items: list[Any], request: Any) -> tuple[list[Any], str]:
    begin = int(request.page_token or 0)
    end = begin + (request.page_size or 100)
    return items[begin:end], str(end) if end < len(items) else ""


def _chosen(face: resources_pb2.Face, request: people_pb2.ListFacesRequest) -> bool:
    match request.WhichOneof("filter"):
        case "asset_id":
            return face.asset_id == request.asset_id
        case "person_id":
            return face.person_id == request.person_id
        case "unassigned":
            return not face.person_id
    return True


def _without_embedding(face: resources_pb2.Face) -> resources_pb2.Face:
    plain = resources_pb2.Face()
    plain.CopyFrom(face)
    plain.ClearField("embedding")
    return plain


def offset(microseconds: int) -> Duration:
    made = Duration()
    made.FromMicroseconds(microseconds)
    return made


def iterate(server: FakeServer, method: str) -> Iterator[Any]:
    """Yield the requests of a method that the server has recorded."""
    return (request for name, request in server.world.requests if name == method)
