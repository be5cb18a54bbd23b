"""The calls about rounds."""

from __future__ import annotations

import dataclasses
import uuid

from google.protobuf.field_mask_pb2 import FieldMask

from facefolk._calls.base import Caller, Paged, Streamed, Unary, paged, streamed, unary
from facefolk._convert import rounds
from facefolk._pages import Page
from facefolk.types import Round, RoundMode, RoundSettings
from facefolk.v1 import clustering_pb2 as pb
from facefolk.v1 import resources_pb2


class RoundCalls(Caller):
    """ClusteringService."""

    @unary
    def start_round(
        self,
        mode: RoundMode = RoundMode.MISSING,
        *,
        preview: bool = False,
        settings: RoundSettings = RoundSettings(),
        skip_waiting: bool = False,
        request_id: str = "",
    ) -> Unary[Round]:
        """Start a round and answer at once; it goes on by itself.

        A `preview` changes nothing until `commit_round`; `settings` are for previews alone.
        Unless `skip_waiting`, the round first waits for ingestion to go quiet.
        """
        given = {k: v for k, v in dataclasses.asdict(settings).items() if v is not None}
        request = pb.StartRoundRequest(
            library_id=self.library_id,
            mode=resources_pb2.RoundMode.Name(mode),
            preview=preview,
            settings=resources_pb2.Settings(**given) if given else None,
            settings_mask=FieldMask(paths=sorted(given)) if given else None,
            skip_waiting=skip_waiting,
            request_id=request_id or uuid.uuid4().hex,
        )
        return Unary(lambda s: s.clustering.StartRound, request, rounds.round_from_proto)

    @unary
    def commit_round(self, round_id: str, *, request_id: str = "") -> Unary[Round]:
        """Make the result of a previewed round real: exactly what was shown.

        Where the ground has moved since it is refused with PreconditionError.
        """
        request = pb.CommitRoundRequest(
            library_id=self.library_id,
            round_id=round_id,
            request_id=request_id or uuid.uuid4().hex,
        )
        return Unary(lambda s: s.clustering.CommitRound, request, rounds.round_from_proto)

    @unary
    def get_round(self, round_id: str) -> Unary[Round]:
        """Tell how a round stands and what it changes."""
        request = pb.GetRoundRequest(library_id=self.library_id, round_id=round_id)
        return Unary(lambda s: s.clustering.GetRound, request, rounds.round_from_proto)

    @paged
    def list_rounds(self, *, page_size: int = 50) -> Paged[Round]:
        """List rounds, the newest first."""
        request = pb.ListRoundsRequest(library_id=self.library_id, page_size=page_size)
        return Paged(lambda s: s.clustering.ListRounds, request, _round_page)

    @streamed
    def watch_round(self, round_id: str) -> Streamed[Round]:
        """Tell how a round stands whenever that changes, until it ends."""
        request = pb.WatchRoundRequest(library_id=self.library_id, round_id=round_id)
        return Streamed(lambda s: s.clustering.WatchRound, request, _watched)

    @unary
    def cancel_round(self, round_id: str) -> Unary[Round]:
        """Stop a round before it changes anything, or drop a preview."""
        request = pb.CancelRoundRequest(library_id=self.library_id, round_id=round_id)
        return Unary(lambda s: s.clustering.CancelRound, request, rounds.round_from_proto)


def _round_page(reply: pb.ListRoundsResponse) -> Page[Round]:
    items = tuple(rounds.round_from_proto(one) for one in reply.rounds)
    return Page(items, reply.next_page_token)


def _watched(reply: pb.WatchRoundResponse) -> Round:
    return rounds.round_from_proto(reply.round)
