"""AdminService, faked."""

# ruff: noqa: N802  # the methods have the names of the API
from __future__ import annotations

import grpc
from facefolk.v1 import admin_pb2, admin_pb2_grpc
from unit.client.fake_world import World, page


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
        packs, token = page(self.world.packs, request)
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

    def GetErasure(self, request, context):
        self.world.pending -= 1
        done = self.world.pending < 0
        return admin_pb2.Erasure(
            erasure_id=request.erasure_id,
            state=admin_pb2.ERASURE_STATE_DONE if done else admin_pb2.ERASURE_STATE_PENDING,
            face_ids=["f1", "f2"],
            faces_removed=2,
            people_removed=1,
            backups=["monday"],
        )

    def ExportPeople(self, request, context):
        size = 64 * 1024
        for start in range(0, len(self.world.bundle), size):
            yield admin_pb2.ExportPeopleResponse(chunk=self.world.bundle[start : start + size])
            if self.world.bundle_breaks:
                context.abort(grpc.StatusCode.INTERNAL, "The disk is broken.")

    def ImportPeople(self, request_iterator, context):
        first = next(request_iterator)
        received = first.chunk
        for request in request_iterator:
            received += request.chunk
            if len(received) > self.world.import_limit:
                context.abort(grpc.StatusCode.INVALID_ARGUMENT, "Line 2: it is not JSON.")
        self.world.imported.append((first.library_id, first.format, received))
        return admin_pb2.ImportPeopleResponse(
            people_created=2,
            people_updated=1,
            faces_assigned=5,
            unmatched=["Line 3: no face is there."],
        )
