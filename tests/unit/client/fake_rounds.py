"""ClusteringService, faked."""

# ruff: noqa: N802  # the methods have the names of the API
from __future__ import annotations

from facefolk.v1 import clustering_pb2, clustering_pb2_grpc, resources_pb2
from unit.client.fake_world import World, page


class Clustering(clustering_pb2_grpc.ClusteringServiceServicer):
    def __init__(self, world: World) -> None:
        self.world = world

    def StartRound(self, request, context):
        started = resources_pb2.Round(
            round_id=f"r{len(self.world.rounds)}",
            mode=request.mode,
            preview=request.preview,
            state=resources_pb2.ROUND_STATE_WAITING,
        )
        self.world.rounds[started.round_id] = started
        return started

    def CommitRound(self, request, context):
        current = self.world.rounds[request.round_id]
        current.state = resources_pb2.ROUND_STATE_SUCCEEDED
        return current

    def GetRound(self, request, context):
        return self.world.rounds[request.round_id]

    def ListRounds(self, request, context):
        rounds, token = page(list(self.world.rounds.values()), request)
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
