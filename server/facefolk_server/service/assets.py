"""What is known of assets."""

from __future__ import annotations

import enum
from collections.abc import Sequence

from facefolk_server.errors import AssetNotFoundError
from facefolk_server.service.call import Call
from facefolk_server.service.identifiers import check_asset_id
from facefolk_server.service.libraries import Libraries
from facefolk_server.service.paging import Page, PageRequest, take_page
from facefolk_server.service.reading import Reading
from facefolk_server.service.resolved import Resolved
from facefolk_server.service.resolver import Resolver
from facefolk_server.service.views import AssetView, FrameView
from facefolk_server.types import AssetState, Frame


class AssetFilter(enum.IntEnum):
    """Which assets to list; the numbers are those of the API."""

    ALL = 1
    STALE = 2
    FAILED = 3


class Assets:
    """The calls about assets."""

    def __init__(self, libraries: Libraries, resolver: Resolver) -> None:
        self._libraries = libraries
        self._resolver = resolver

    async def get_asset(self, call: Call, asset_id: str) -> AssetView:
        """Answer one asset with its frames in order.

        Raises:
            AssetNotFoundError: No frame of it was ever submitted.
        """
        check_asset_id(asset_id)
        settings = await self._resolver.resolved(call)
        frames = await self._libraries.read(call, lambda r: r.library.frames(asset_id))
        if not frames:
            raise AssetNotFoundError(
                f"No frame of asset {asset_id!r} was ever submitted.", asset_id=asset_id
            )
        return asset_view(asset_id, frames, settings)

    async def list_assets(
        self, call: Call, page: PageRequest, *, which: AssetFilter = AssetFilter.ALL
    ) -> Page[AssetView]:
        """List assets by id, all or those with a frame that is stale or failed.

        Raises:
            InvalidRequestError: The page is not one of this list.
        """
        settings = await self._resolver.resolved(call)

        def look(reading: Reading) -> Page[AssetView]:
            assets: dict[str, list[Frame]] = {}
            for frame in reading.library.all_frames():
                assets.setdefault(frame.asset_id, []).append(frame)
            listed = [
                asset_id
                for asset_id, frames in assets.items()
                if any(_is_asked_for(frame, which, settings) for frame in frames)
            ]
            chosen = take_page(
                listed, page, key=lambda i: (i,), query=("assets", call.library_id, which)
            )
            views = tuple(asset_view(i, assets[i], settings) for i in chosen.items)
            return Page(views, chosen.next_page_token, chosen.total_size)

        return await self._libraries.read(call, look)


def asset_view(asset_id: str, frames: Sequence[Frame], settings: Resolved) -> AssetView:
    """Return an asset with its frames in order."""
    ordered = sorted(frames, key=lambda frame: frame.frame_offset_us)
    return AssetView(
        asset_id,
        tuple(FrameView(frame, settings.is_stale(frame)) for frame in ordered),
        next((f.capture_time for f in ordered if f.capture_time is not None), None),
        sum(frame.face_count for frame in ordered),
    )


def _is_asked_for(frame: Frame, which: AssetFilter, settings: Resolved) -> bool:
    if which is AssetFilter.STALE:
        return settings.is_stale(frame)
    return which is AssetFilter.ALL or frame.state is AssetState.FAILED
