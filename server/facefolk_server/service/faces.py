"""Faces: listing them and showing their pictures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from facefolk_server.errors import FaceNotFoundError, InvalidRequestError
from facefolk_server.service.call import Call
from facefolk_server.service.identifiers import check_asset_id
from facefolk_server.service.libraries import Libraries
from facefolk_server.service.paging import Page, PageRequest, SortKey, take_page
from facefolk_server.service.reading import Reading
from facefolk_server.service.views import FaceView, Thumbnail
from facefolk_server.types import Face


@dataclass(frozen=True, slots=True)
class FaceFilter:
    """Whose faces to list: at most one of the three; none lists all."""

    asset_id: str = ""
    person_id: str = ""
    unassigned: bool = False


ALL_FACES = FaceFilter()


class Faces:
    """The calls that show faces."""

    def __init__(self, libraries: Libraries) -> None:
        self._libraries = libraries

    async def list_faces(
        self,
        call: Call,
        page: PageRequest,
        *,
        which: FaceFilter = ALL_FACES,
        include_embedding: bool = False,
        include_hidden: bool = False,
    ) -> Page[FaceView]:
        """List faces by id, those of an asset by frame and place.

        Faces of hidden people are left out unless asked for. An asset without faces, known
        or not, is an empty list.

        Raises:
            InvalidRequestError: More than one filter is given, or the page is not one of
                this list.
            PersonNotFoundError: There is no such person, or it is hidden and not asked for.
        """
        if sum(map(bool, (which.asset_id, which.person_id, which.unassigned))) > 1:
            raise InvalidRequestError(
                "Give one of asset_id, person_id and unassigned at most.", field="filter"
            )

        def look(reading: Reading) -> Page[FaceView]:
            ids = _chosen(reading, which, include_hidden=include_hidden)
            query = ("faces", call.library_id, which, include_hidden)
            if which.asset_id:
                placed = [reading.face(face_id) for face_id in ids]
                chosen = take_page(placed, page, key=_place_key, query=query)
                found = chosen.items
                token, total = chosen.next_page_token, chosen.total_size
            else:
                by_id = take_page(ids, page, key=lambda i: (i,), query=query)
                found = tuple(reading.face(face_id) for face_id in by_id.items)
                token, total = by_id.next_page_token, by_id.total_size
            views = tuple(
                reading.face_view(face, include_embedding=include_embedding) for face in found
            )
            return Page(views, token, total)

        return await self._libraries.read(call, look)

    async def list_person_assets(
        self, call: Call, person_id: str, page: PageRequest, *, include_hidden: bool = False
    ) -> Page[str]:
        """List the ids of the assets a person is in.

        Raises:
            PersonNotFoundError: There is no such person, or it is hidden and not asked for.
            InvalidRequestError: The page is not one of this list.
        """

        def look(reading: Reading) -> Page[str]:
            reading.shown_person(person_id, include_hidden=include_hidden)
            return take_page(
                sorted(reading.assets_of_person(person_id)),
                page,
                key=lambda asset_id: (asset_id,),
                query=("person assets", call.library_id, person_id),
            )

        return await self._libraries.read(call, look)

    async def thumbnail(
        self,
        call: Call,
        *,
        face_id: str = "",
        person_id: str = "",
        include_hidden: bool = False,
    ) -> Thumbnail:
        """Answer the picture of a face, or of a person by its feature face.

        Raises:
            InvalidRequestError: Not exactly one of the two is given.
            FaceNotFoundError: There is no such face or no picture of it, the person has no
                face, or the face is of somebody hidden and not asked for.
            PersonNotFoundError: There is no such person, or it is hidden and not asked for.
        """
        if bool(face_id) == bool(person_id):
            raise InvalidRequestError("Give either face_id or person_id.", field="subject")

        def look(reading: Reading) -> str:
            if not person_id:
                owner = reading.placement(reading.face(face_id).face_id).person_id
                if not reading.is_person_shown(owner, include_hidden=include_hidden):
                    raise reading.no_face(face_id)
                return face_id
            person = reading.shown_person(person_id, include_hidden=include_hidden)
            return reading.person_view(person).feature_face_id

        shown = await self._libraries.read(call, look)
        library = await self._libraries.library(call)
        data = (
            await self._libraries.run(call, lambda: library.thumbnail(shown)) if shown else None
        )
        if data is None:
            raise FaceNotFoundError("There is no picture to show here.", face_id=shown)
        return Thumbnail(data, shown)


def _chosen(reading: Reading, which: FaceFilter, *, include_hidden: bool) -> list[str]:
    if which.person_id:
        reading.shown_person(which.person_id, include_hidden=include_hidden)
        return list(reading.state.members(which.person_id))
    if which.asset_id:
        check_asset_id(which.asset_id)
        faces = [face.face_id for face in reading.faces_of_asset(which.asset_id)]
        return _without_hidden(reading, faces, include_hidden=include_hidden)
    if which.unassigned:
        return [i for i in reading.face_ids() if reading.placement(i).person_id is None]
    return _without_hidden(reading, reading.face_ids(), include_hidden=include_hidden)


def _without_hidden(
    reading: Reading, face_ids: Iterable[str], *, include_hidden: bool
) -> list[str]:
    return [
        face_id
        for face_id in face_ids
        if reading.is_person_shown(
            reading.placement(face_id).person_id, include_hidden=include_hidden
        )
    ]


def _place_key(face: Face) -> SortKey:
    return (face.frame_offset_us, face.box.y_min, face.box.x_min, face.face_id)
