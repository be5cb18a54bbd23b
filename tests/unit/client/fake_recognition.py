"""RecognitionService, faked."""

# ruff: noqa: N802  # the methods have the names of the API
from __future__ import annotations

import itertools

import grpc
from facefolk.v1 import recognition_pb2, recognition_pb2_grpc, resources_pb2
from google.rpc import code_pb2
from unit.client.fake_world import DIGEST, JPEG, PNG, World, page, status


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
        assets, token = page(list(self._assets().values()), request)
        return recognition_pb2.ListAssetsResponse(assets=assets, next_page_token=token)

    def DeleteAssets(self, request, context):
        for key in [key for key in self.world.frames if key[0] in request.asset_ids]:
            del self.world.frames[key]
        return recognition_pb2.DeleteAssetsResponse(erasure_id="e1", faces_deleted=2)

    def _assets(self) -> dict[str, resources_pb2.Asset]:
        assets: dict[str, resources_pb2.Asset] = {}
        for (asset_id, _), frame in sorted(self.world.frames.items()):
            assets.setdefault(asset_id, resources_pb2.Asset(asset_id=asset_id))
            assets[asset_id].frames.append(frame)
            assets[asset_id].face_count += frame.face_count
        return assets
