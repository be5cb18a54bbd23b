"""The calls of an operator."""

from __future__ import annotations

import uuid

from google.protobuf.field_mask_pb2 import FieldMask

from facefolk._calls.base import (
    UNCHANGED,
    Caller,
    Paged,
    Streamed,
    Unary,
    Unchanged,
    changes,
    paged,
    streamed,
    unary,
)
from facefolk._convert import admin, moving
from facefolk._pages import Page
from facefolk.types import Erasure, Pack, PullProgress, Settings, SettingsUpdate, Status
from facefolk.v1 import admin_pb2 as pb
from facefolk.v1 import resources_pb2


class AdminCalls(Caller):
    """AdminService."""

    @unary
    def get_settings(self) -> Unary[Settings]:
        """Answer the recognition settings of the library."""
        request = pb.GetSettingsRequest(library_id=self.library_id)
        return Unary(lambda s: s.admin.GetSettings, request, admin.settings_from_proto)

    @unary
    def update_settings(
        self,
        *,
        pack: str | Unchanged = UNCHANGED,
        min_detection_score: float | Unchanged = UNCHANGED,
        max_recognition_distance: float | Unchanged = UNCHANGED,
        min_recognized_faces: int | Unchanged = UNCHANGED,
        one_face_per_asset: bool | Unchanged = UNCHANGED,
        chain_guard: bool | Unchanged = UNCHANGED,
        nightly_time: str | Unchanged = UNCHANGED,
        time_zone: str | Unchanged = UNCHANGED,
        quality_gate: bool | Unchanged = UNCHANGED,
        find_close_faces: bool | Unchanged = UNCHANGED,
        find_turned_faces: bool | Unchanged = UNCHANGED,
        find_tiny_faces: bool | Unchanged = UNCHANGED,
        etag: str = "",
        request_id: str = "",
    ) -> Unary[SettingsUpdate]:
        """Change what is given; score and distance 0 stand for the pack's own.

        With an `etag` that is not the current one it is refused with ConflictError.
        """
        changed = changes(
            pack=pack,
            min_detection_score=min_detection_score,
            max_recognition_distance=max_recognition_distance,
            min_recognized_faces=min_recognized_faces,
            one_face_per_asset=one_face_per_asset,
            chain_guard=chain_guard,
            nightly_time=nightly_time,
            time_zone=time_zone,
            quality_gate=quality_gate,
            find_close_faces=find_close_faces,
            find_turned_faces=find_turned_faces,
            find_tiny_faces=find_tiny_faces,
        )
        request = pb.UpdateSettingsRequest(
            library_id=self.library_id,
            settings=resources_pb2.Settings(etag=etag, **changed),
            update_mask=FieldMask(paths=sorted(changed)),
            request_id=request_id or uuid.uuid4().hex,
        )
        return Unary(
            lambda s: s.admin.UpdateSettings, request, admin.settings_update_from_proto
        )

    @paged
    def list_packs(self, *, page_size: int = 100) -> Paged[Pack]:
        """List the packs that are known and whether their files are at the server."""
        request = pb.ListPacksRequest(library_id=self.library_id, page_size=page_size)
        return Paged(lambda s: s.admin.ListPacks, request, _pack_page)

    @streamed
    def pull_pack(self, pack: str = "auto") -> Streamed[PullProgress]:
        """Have the server fetch the files of a pack, and tell how far it is."""
        request = pb.PullPackRequest(pack=pack)
        return Streamed(lambda s: s.admin.PullPack, request, admin.pull_progress_from_proto)

    @unary
    def get_status(self) -> Unary[Status]:
        """Tell versions, devices, self-tests, tables and queues."""
        request = pb.GetStatusRequest(library_id=self.library_id)
        return Unary(lambda s: s.admin.GetStatus, request, admin.status_from_proto)

    @unary
    def get_erasure(self, erasure_id: str) -> Unary[Erasure]:
        """Answer the receipt of an erasure."""
        request = pb.GetErasureRequest(library_id=self.library_id, erasure_id=erasure_id)
        return Unary(lambda s: s.admin.GetErasure, request, moving.erasure_from_proto)

    @streamed
    def read_bundle(self, *, include_embedding: bool = False) -> Streamed[bytes]:
        """Read the people of the library as one Arrow bundle, piece by piece.

        `export_people` writes it to a file.
        """
        request = pb.ExportPeopleRequest(
            library_id=self.library_id, include_embedding=include_embedding
        )
        return Streamed(lambda s: s.admin.ExportPeople, request, moving.chunk_from_proto)


def _pack_page(reply: pb.ListPacksResponse) -> Page[Pack]:
    items = tuple(admin.pack_from_proto(pack) for pack in reply.packs)
    return Page(items, reply.next_page_token)
