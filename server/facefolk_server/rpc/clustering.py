"""The servicer of ClusteringService."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing

from facefolk.v1 import clustering_pb2 as pb
from facefolk.v1 import clustering_pb2_grpc, resources_pb2

from facefolk_server.rpc.context import Context, call_of
from facefolk_server.rpc.converters.admin import settings_fields_from_proto
from facefolk_server.rpc.converters.checks import enum_from_proto
from facefolk_server.rpc.converters.people import mask_from_proto, required_id
from facefolk_server.rpc.converters.rounds import round_to_proto, round_view_to_proto
from facefolk_server.rpc.readiness import Readiness
from facefolk_server.service.paging import PageRequest
from facefolk_server.types import RoundMode


class ClusteringServicer(clustering_pb2_grpc.ClusteringServiceServicer):
    """Rounds, which gather faces into people."""

    def __init__(self, readiness: Readiness) -> None:
        self._readiness = readiness

    async def StartRound(
        self, request: pb.StartRoundRequest, context: Context
    ) -> resources_pb2.Round:
        """Start a round."""
        service, call = self._readiness.services.rounds, call_of(request, context)
        mode = enum_from_proto(request.mode, RoundMode, "mode")
        own = request.HasField("settings")
        record = await service.start_round(
            call,
            mode,
            skip_waiting=request.skip_waiting,
            preview=request.preview,
            settings=settings_fields_from_proto(request.settings) if own else None,
            settings_mask=mask_from_proto(request.settings_mask),
        )
        return round_to_proto(record)

    async def GetRound(
        self, request: pb.GetRoundRequest, context: Context
    ) -> resources_pb2.Round:
        """Tell how a round stands and what it changes."""
        service, call = self._readiness.services.rounds, call_of(request, context)
        round_id = required_id(request.round_id, "round_id")
        return round_view_to_proto(await service.view_round(call, round_id))

    async def ListRounds(
        self, request: pb.ListRoundsRequest, context: Context
    ) -> pb.ListRoundsResponse:
        """List rounds, the newest first."""
        service, call = self._readiness.services.rounds, call_of(request, context)
        page = await service.list_rounds(
            call, PageRequest(request.page_size, request.page_token)
        )
        return pb.ListRoundsResponse(
            rounds=[round_to_proto(record) for record in page.items],
            next_page_token=page.next_page_token,
        )

    async def WatchRound(
        self, request: pb.WatchRoundRequest, context: Context
    ) -> AsyncIterator[pb.WatchRoundResponse]:
        """Tell how a round stands whenever that changes, until it ends."""
        service, call = self._readiness.services.rounds, call_of(request, context)
        steps = service.watch_round(call, required_id(request.round_id, "round_id"))
        async with aclosing(self._readiness.until_draining(steps)) as records:
            async for record in records:
                yield pb.WatchRoundResponse(round=round_to_proto(record))

    async def CancelRound(
        self, request: pb.CancelRoundRequest, context: Context
    ) -> resources_pb2.Round:
        """Stop a round before it changes anything."""
        service, call = self._readiness.services.rounds, call_of(request, context)
        round_id = required_id(request.round_id, "round_id")
        return round_to_proto(await service.cancel_round(call, round_id))

    async def CommitRound(
        self, request: pb.CommitRoundRequest, context: Context
    ) -> resources_pb2.Round:
        """Make a previewed round real."""
        service, call = self._readiness.services.rounds, call_of(request, context)
        round_id = required_id(request.round_id, "round_id")
        return round_view_to_proto(await service.commit_round(call, round_id))
