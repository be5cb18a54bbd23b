"""The servicer of AdminService."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing

from facefolk.v1 import admin_pb2 as pb
from facefolk.v1 import admin_pb2_grpc, resources_pb2

from facefolk_server.rpc.context import Context, call_of
from facefolk_server.rpc.converters.admin import (
    pack_to_proto,
    pull_step_to_proto,
    settings_fields_from_proto,
    settings_reply_to_proto,
    settings_to_proto,
    status_to_proto,
)
from facefolk_server.rpc.converters.erasures import receipt_to_proto
from facefolk_server.rpc.converters.moving import (
    ImportFormat,
    chunks_to_proto,
    first_import,
    import_chunks,
    import_format_from_proto,
    report_to_proto,
)
from facefolk_server.rpc.converters.people import mask_from_proto, required_id
from facefolk_server.rpc.readiness import Readiness
from facefolk_server.service.paging import PageRequest


class AdminServicer(admin_pb2_grpc.AdminServiceServicer):
    """What an operator needs."""

    def __init__(self, readiness: Readiness) -> None:
        self._readiness = readiness

    async def GetSettings(
        self, request: pb.GetSettingsRequest, context: Context
    ) -> resources_pb2.Settings:
        """Answer the recognition settings of a library."""
        service, call = self._readiness.services.admin, call_of(request, context)
        return settings_to_proto(await service.get_settings(call))

    async def UpdateSettings(
        self, request: pb.UpdateSettingsRequest, context: Context
    ) -> pb.UpdateSettingsResponse:
        """Change the settings."""
        service, call = self._readiness.services.admin, call_of(request, context)
        view = await service.update_settings(
            call,
            settings_fields_from_proto(request.settings),
            mask=mask_from_proto(request.update_mask),
            etag=request.settings.etag,
        )
        return settings_reply_to_proto(view)

    async def ListPacks(
        self, request: pb.ListPacksRequest, context: Context
    ) -> pb.ListPacksResponse:
        """List the packs that are known."""
        service, call = self._readiness.services.admin, call_of(request, context)
        page = await service.list_packs(
            call, PageRequest(request.page_size, request.page_token)
        )
        return pb.ListPacksResponse(
            packs=[pack_to_proto(pack) for pack in page.items],
            next_page_token=page.next_page_token,
        )

    async def PullPack(
        self, request: pb.PullPackRequest, context: Context
    ) -> AsyncIterator[pb.PullPackResponse]:
        """Fetch the files of a pack."""
        service = self._readiness.services.admin
        call = call_of(pb.GetStatusRequest(), context)
        steps = service.pull_pack(call, required_id(request.pack, "pack"))
        async with aclosing(self._readiness.until_draining(steps)) as passed:
            async for step in passed:
                yield pull_step_to_proto(step)

    async def GetStatus(
        self, request: pb.GetStatusRequest, context: Context
    ) -> pb.GetStatusResponse:
        """Tell versions, devices, self-tests, tables and queues."""
        service, call = self._readiness.services.admin, call_of(request, context)
        return status_to_proto(await service.status(call))

    async def ExportPeople(
        self, request: pb.ExportPeopleRequest, context: Context
    ) -> AsyncIterator[pb.ExportPeopleResponse]:
        """Write the people of a library as one Arrow bundle."""
        service, call = self._readiness.services.moving, call_of(request, context)
        pieces = service.export_people(call, include_embedding=request.include_embedding)
        async with aclosing(self._readiness.until_draining(pieces)) as passed:
            async for piece in passed:
                for message in chunks_to_proto(piece):
                    yield message

    async def ImportPeople(
        self, requests: AsyncIterator[pb.ImportPeopleRequest], context: Context
    ) -> pb.ImportPeopleResponse:
        """Read people from a bundle, or from JSON lines."""
        service, first = self._readiness.services.moving, await first_import(requests)
        call, form = call_of(first, context), import_format_from_proto(first)
        chunks = import_chunks(first, requests)
        if form is ImportFormat.BUNDLE:
            return report_to_proto(await service.import_bundle(call, chunks))
        return report_to_proto(await service.import_json_lines(call, chunks))

    async def GetErasure(self, request: pb.GetErasureRequest, context: Context) -> pb.Erasure:
        """Answer the receipt of an erasure."""
        service, call = self._readiness.services.erasure, call_of(request, context)
        erasure_id = required_id(request.erasure_id, "erasure_id")
        return receipt_to_proto(await service.get_erasure(call, erasure_id))
