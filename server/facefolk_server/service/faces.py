"""Faces: listing them and showing their pictures."""

from __future__ import annotations

from dataclasses import dataclass

from facefolk_server.service.call import Call
from facefolk_server.service.paging import Page, PageRequest
from facefolk_server.service.views import FaceView, Thumbnail


@dataclass(frozen=True, slots=True)
class FaceFilter:
    """Whose faces to list: at most one of the three; none lists all."""

    asset_id: str = ""
    person_id: str = ""
    unassigned: bool = False


class Faces:
    """The calls that show faces."""

    async def list_faces(
        self,
        call: Call,
        page: PageRequest,
        *,
        which: FaceFilter = FaceFilter(),
        include_embedding: bool = False,
        include_hidden: bool = False,
    ) -> Page[FaceView]:
        """List faces by id, those of an asset by frame and place."""
        raise NotImplementedError

    async def list_person_assets(
        self, call: Call, person_id: str, page: PageRequest, *, include_hidden: bool = False
    ) -> Page[str]:
        """List the ids of the assets a person is in."""
        raise NotImplementedError

    async def thumbnail(
        self,
        call: Call,
        *,
        face_id: str = "",
        person_id: str = "",
        include_hidden: bool = False,
    ) -> Thumbnail:
        """Answer the picture of a face or of a person."""
        raise NotImplementedError
