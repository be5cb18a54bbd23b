"""What the server already has, so that it is not sent again."""

from __future__ import annotations

from collections.abc import AsyncIterable, Mapping
from datetime import timedelta

from facefolk.types import Asset, AssetState

KnownFrames = frozenset[tuple[timedelta, str]]
"""Frame offset and content digest of each frame that is done and not stale."""


async def read_known(assets: AsyncIterable[Asset]) -> Mapping[str, KnownFrames]:
    """Return the frames of each asset that need not be sent again, by asset id."""
    known: dict[str, KnownFrames] = {}
    async for asset in assets:
        frames = frozenset(
            (frame.frame_offset, frame.content_digest)
            for frame in asset.frames
            if frame.state is AssetState.DONE and not frame.stale
        )
        if frames:
            known[asset.asset_id] = frames
    return known
