"""Why a face is where it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from facefolk_server.errors import InvalidRequestError
from facefolk_server.service.call import Call
from facefolk_server.service.libraries import Libraries
from facefolk_server.service.neighborhoods import NearFace, Neighborhoods
from facefolk_server.service.reading import Reading
from facefolk_server.service.resolved import Resolved
from facefolk_server.service.resolver import Resolver
from facefolk_server.service.vetoes import Case, vetoes
from facefolk_server.service.views import Explanation, FaceView, Neighbor
from facefolk_server.store import Library
from facefolk_server.types import Mark, RoundRecord

DEFAULT_NEIGHBORS = 20
MAX_NEIGHBORS = 1000
# How much farther than rounds reach one looks for somebody whom a face resembles.
_BEYOND = 0.2
_MAX_LOOKED_AT = 50


@dataclass(frozen=True, slots=True)
class _Said:
    """What is said of the face in question; `hidden` are people not to be told of."""

    view: FaceView
    marks: tuple[Mark, ...]
    round: RoundRecord | None
    in_picture: Mapping[str, str]
    hidden: frozenset[str]


class Explanations:
    """The call that explains."""

    def __init__(self, libraries: Libraries, resolver: Resolver) -> None:
        self._libraries = libraries
        self._resolver = resolver

    async def explain_face(
        self,
        call: Call,
        face_id: str,
        *,
        max_neighbors: int = 0,
        include_hidden: bool = False,
    ) -> Explanation:
        """Tell who is near a face, whether it is core, which round decided, and what vetoed.

        Raises:
            InvalidRequestError: The number of neighbors cannot be.
            FaceNotFoundError: There is no such face, or it is of somebody hidden and not
                asked for.
        """
        limit = _limit(max_neighbors)
        settings = await self._resolver.resolved(call)
        said = await self._libraries.read(
            call, lambda reading: _said(reading, face_id, include_hidden=include_hidden)
        )
        library = await self._libraries.library(call)
        return await self._libraries.run(call, lambda: _explain(library, settings, said, limit))


def _limit(max_neighbors: int) -> int:
    if not 0 <= max_neighbors <= MAX_NEIGHBORS:
        raise InvalidRequestError(
            f"max_neighbors is {max_neighbors}: it has to be within 1 and {MAX_NEIGHBORS}, or "
            f"0 for {DEFAULT_NEIGHBORS}.",
            field="max_neighbors",
        )
    return max_neighbors or DEFAULT_NEIGHBORS


def _said(reading: Reading, face_id: str, *, include_hidden: bool) -> _Said:
    state = reading.state
    face, placement = reading.face(face_id), reading.placement(face_id)
    if not reading.is_person_shown(placement.person_id, include_hidden=include_hidden):
        raise reading.no_face(face_id)
    people = () if include_hidden else state.people.values()
    hidden = frozenset(person.person_id for person in people if person.hidden)
    marks = (mark for mark in state.marks(face_id) if mark.person_id not in hidden)
    beside = (
        (other.face_id, reading.placement(other.face_id).person_id)
        for other in reading.faces_of_frame(face.asset_id, face.frame_offset_us)
        if other.face_id != face_id
    )
    return _Said(
        view=FaceView(face, placement),
        marks=tuple(sorted(marks, key=lambda m: (m.kind, m.person_id))),
        round=state.rounds.get(placement.round_id),
        in_picture={person_id: other for other, person_id in beside if person_id},
        hidden=hidden,
    )


def _explain(library: Library, settings: Resolved, said: _Said, limit: int) -> Explanation:
    reach = settings.max_recognition_distance
    face, placement = said.view.face, said.view.placement
    around = Neighborhoods(
        library,
        pack=face.pack,
        pack_digest=face.pack_digest,
        max_distance=reach,
        min_faces=settings.min_recognized_faces,
        gate=settings.gate,
    )
    row = around.row_of(face.face_id)
    near: list[NearFace] = []
    if row is not None:
        found = around.near([row], max_distance=reach + _BEYOND)[0]
        near = [other for other in found if other.row != row]
    inside = [other for other in near if other.distance <= reach]
    shown = [other for other in inside if other.placement.person_id not in said.hidden]
    copies = [row is not None and _is_copy(around, row, other) for other in inside]
    own_reach = reach if row is None else around.reach(row)
    case = Case(
        face=face,
        placement=placement,
        marks=said.marks,
        settings=settings,
        core=row is not None and around.core([row])[row],
        size=around.size(row) if row is not None else 0,
        reach=own_reach,
        poor=row is not None and not around.able(row),
        lenders=_nearest_of_each(around, near, own_reach, said.hidden)
        if placement.person_id is None
        else (),
        in_picture=said.in_picture,
    )
    return Explanation(
        face=said.view,
        core=case.core,
        neighbor_count=case.size,
        neighbors=_neighbors(around, row, shown[:limit]),
        only_copies=bool(copies) and all(copies),
        round=said.round,
        vetoes=vetoes(case) if placement.person_id is None else (),
        marks=said.marks,
    )


def _neighbors(
    around: Neighborhoods, row: int | None, shown: Sequence[NearFace]
) -> tuple[Neighbor, ...]:
    if row is None:
        return ()
    core = around.core(face.row for face in shown)
    return tuple(
        Neighbor(
            face_id=face.face_id,
            person_id=face.placement.person_id or "",
            distance=face.distance,
            core=core[face.row],
            lends=face.placement.person_id is not None
            and (core[face.row] or around.is_by_hand(face)),
            copy=_is_copy(around, row, face),
        )
        for face in shown
    )


def _is_copy(around: Neighborhoods, row: int, face: NearFace) -> bool:
    # Copies are as far from each other as rounding lets them be.
    return face.distance < 1e-6 and around.same_embedding(row, face.row)


def _nearest_of_each(
    around: Neighborhoods, near: Iterable[NearFace], reach: float, hidden: frozenset[str]
) -> list[NearFace]:
    """Return the nearest lender of each person in reach; where none is, the nearest of all."""
    placed = [
        face
        for face in near
        if face.placement.person_id is not None and face.placement.person_id not in hidden
    ]
    inside = [face for face in placed if face.distance <= reach]
    found: dict[str, NearFace] = {}
    for face in around.lenders(inside[:_MAX_LOOKED_AT]):
        found.setdefault(face.placement.person_id or "", face)
    if found:
        return list(found.values())
    return around.lenders(placed[len(inside) : len(inside) + _MAX_LOOKED_AT])[:1]
