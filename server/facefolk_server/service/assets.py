"""What is known of assets."""

from __future__ import annotations

import enum

from facefolk_server.service.call import Call
from facefolk_server.service.paging import Page, PageRequest
from facefolk_server.service.views import AssetView


class AssetFilter(enum.IntEnum):
    """Which assets to list; the numbers are those of the API."""

    ALL = 1
    STALE = 2
    FAILED = 3


class Assets:
    """The calls about assets."""

    async def get_asset(self, call: Call, asset_id: str) -> AssetView:
        """Answer one asset."""
        raise NotImplementedError

    async def list_assets(
        self, call: Call, page: PageRequest, *, which: AssetFilter = AssetFilter.ALL
    ) -> Page[AssetView]:
        """List assets by id."""
        raise NotImplementedError
