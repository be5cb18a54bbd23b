"""Clustering rounds from their request to their end."""

from __future__ import annotations

from collections.abc import AsyncIterator

from facefolk_server.service.call import Call
from facefolk_server.service.paging import Page, PageRequest
from facefolk_server.types import RoundMode, RoundRecord


class Rounds:
    """The calls about rounds."""

    async def recover(self) -> None:
        """Mark rounds that died with their server as failed; called once at start."""
        raise NotImplementedError

    async def start_round(
        self,
        call: Call,
        mode: RoundMode,
        *,
        skip_waiting: bool = False,
        preview: bool = False,
    ) -> RoundRecord:
        """Start a round and answer at once."""
        raise NotImplementedError

    async def get_round(self, call: Call, round_id: str) -> RoundRecord:
        """Tell how a round stands."""
        raise NotImplementedError

    async def list_rounds(self, call: Call, page: PageRequest) -> Page[RoundRecord]:
        """List rounds, the newest first."""
        raise NotImplementedError

    def watch_round(self, call: Call, round_id: str) -> AsyncIterator[RoundRecord]:
        """Tell how a round stands whenever that changes, until it ends."""
        raise NotImplementedError

    async def cancel_round(self, call: Call, round_id: str) -> RoundRecord:
        """Stop a round before it changes anything."""
        raise NotImplementedError

    async def close(self) -> None:
        """Stop the rounds of this server."""
        raise NotImplementedError
