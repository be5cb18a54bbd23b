"""One look at a library: its state and its faces, whichever pack found them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from facefolk_server.errors import (
    FaceNotFoundError,
    PersonNotFoundError,
    RoundNotFoundError,
)
from facefolk_server.service.views import FaceView, PersonView
from facefolk_server.store import FaceTable, Library, LibraryState
from facefolk_server.store.answers import Pair, pair_of
from facefolk_server.types import UNPLACED, Face, Person, Placement, RoundRecord

_SHOWN = 64
"""How much of an id that does not exist is repeated in a message."""


class Reading:
    """Answers questions about a library while its lock is held; not kept any longer."""

    def __init__(self, library: Library, state: LibraryState) -> None:
        self.library = library
        self.state = state

    @cached_property
    def tables(self) -> tuple[FaceTable, ...]:
        """The faces of each pack that found any."""
        return tuple(self.library.faces(pack) for pack in self.library.packs())

    def find_face(self, face_id: str) -> Face | None:
        """Return a face, None where there is none of this id."""
        for table in self.tables:
            row = table.row_of(face_id)
            if row is not None:
                return table.face(row)
        return None

    def face(self, face_id: str) -> Face:
        """Return a face.

        Raises:
            FaceNotFoundError: There is none of this id.
        """
        found = self.find_face(face_id)
        if found is None:
            raise self.no_face(face_id)
        return found

    def has_face(self, face_id: str) -> bool:
        """Tell whether there is a face of this id."""
        return any(table.row_of(face_id) is not None for table in self.tables)

    def no_face(self, face_id: str) -> FaceNotFoundError:
        """Return the error that tells of a face that is not there, or not shown."""
        shown = face_id[:_SHOWN]
        return FaceNotFoundError(
            f"No face has the id {shown!r} in this library.", face_id=shown
        )

    def face_ids(self) -> Iterator[str]:
        """Yield the ids of all faces."""
        for table in self.tables:
            yield from table.live_ids()

    def faces_of_frame(self, asset_id: str, frame_offset_us: int) -> list[Face]:
        """Return the faces of a frame, by id."""
        faces = (f for t in self.tables for f in t.faces_of_frame(asset_id, frame_offset_us))
        return sorted(faces, key=lambda face: face.face_id)

    def faces_of_asset(self, asset_id: str) -> list[Face]:
        """Return the faces of an asset, in no order."""
        return [face for table in self.tables for face in table.faces_of_asset(asset_id)]

    def placement(self, face_id: str) -> Placement:
        """Return where a face belongs."""
        return self.state.placements.get(face_id, UNPLACED)

    def placed(self, face_ids: Iterable[str]) -> Mapping[str, Placement]:
        """Return where faces belong."""
        return {face_id: self.placement(face_id) for face_id in face_ids}

    def is_said(self, face_ids: Iterable[str]) -> bool:
        """Tell whether any of the faces has a placement or a mark."""
        return any(
            self.placement(face_id) != UNPLACED or self.state.marks(face_id)
            for face_id in face_ids
        )

    def person(self, person_id: str) -> Person:
        """Return a person, hidden or not.

        Raises:
            PersonNotFoundError: There is none; one that was merged names where it went.
        """
        found = self.state.people.get(person_id)
        if found is not None:
            return found
        shown = person_id[:_SHOWN]
        heir = self.heir_of(person_id)
        if heir is not None:
            raise PersonNotFoundError(
                f"Person {shown!r} was merged into {heir!r}: use that id.",
                person_id=shown,
                merged_into=heir,
            )
        raise PersonNotFoundError(
            f"No person has the id {shown!r} in this library.", person_id=shown
        )

    def shown_person(self, person_id: str, *, include_hidden: bool) -> Person:
        """Return a person who is not hidden or is asked for all the same.

        Raises:
            PersonNotFoundError: There is no such person.
        """
        person = self.person(person_id)
        if person.hidden and not include_hidden:
            raise PersonNotFoundError(
                f"No person has the id {person_id[:_SHOWN]!r} among those that are not "
                "hidden: ask with include_hidden.",
                person_id=person_id[:_SHOWN],
            )
        return person

    def round(self, round_id: str) -> RoundRecord:
        """Return a round as the ledger has it.

        Raises:
            RoundNotFoundError: There is none of this id.
        """
        found = self.state.rounds.get(round_id)
        if found is None:
            shown = round_id[:_SHOWN]
            raise RoundNotFoundError(
                f"No round has the id {shown!r} in this library.", round_id=shown
            )
        return found

    def heir_of(self, person_id: str) -> str | None:
        """Return the person itself or who it was merged into, None where nobody is left."""
        seen = {person_id}
        while person_id not in self.state.people:
            target = self.state.merged.get(person_id)
            if target is None or target in seen:
                return None
            seen.add(target)
            person_id = target
        return person_id

    @cached_property
    def apart(self) -> frozenset[Pair]:
        """The pairs of people who were told apart, by those they were merged into."""
        pairs = map(self.heirs_of, self.state.answers.apart)
        return frozenset(pair for pair in pairs if pair is not None)

    def told_apart_from(self, person_id: str) -> frozenset[str]:
        """Return the people who were told apart from this one."""
        pairs = (set(pair) for pair in self.apart if person_id in pair)
        return frozenset(other for pair in pairs for other in pair - {person_id})

    def heirs_of(self, pair: Pair) -> Pair | None:
        """Return two people or those they were merged into, None where they are not two."""
        one, other = map(self.heir_of, pair)
        if one is None or other is None or one == other:
            return None
        return pair_of(one, other)

    def is_listed(self, person: Person, *, include_hidden: bool) -> bool:
        """Tell whether a list of people shows this one."""
        if person.hidden and not include_hidden:
            return False
        if person.name or person.favorite:
            return True
        fewest = self.state.settings.min_recognized_faces
        return len(self.state.members(person.person_id)) >= fewest

    def is_person_shown(self, person_id: str | None, *, include_hidden: bool) -> bool:
        """Tell whether what belongs to somebody, or to nobody, may be shown."""
        if person_id is None or include_hidden:
            return True
        person = self.state.people.get(person_id)
        return person is None or not person.hidden

    def face_view(self, face: Face, *, include_embedding: bool = False) -> FaceView:
        """Return a face with its person, and its embedding where asked for."""
        embedding = None
        if include_embedding:
            table = self.library.faces(face.pack)
            row = table.row_of(face.face_id)
            embedding = None if row is None else table.embeddings[row].copy()
        return FaceView(face, self.placement(face.face_id), embedding)

    def person_view(self, person: Person) -> PersonView:
        """Return a person with its counts and the face that stands for it."""
        counted = self.library.summary(person.person_id)
        chosen = person.feature_face_id
        is_own = bool(chosen) and chosen in self.state.members(person.person_id)
        return PersonView(
            person=person,
            face_count=counted.face_count,
            asset_count=counted.asset_count,
            feature_face_id=chosen if is_own else counted.best_face_id,
            etag=etag_of(person.revision),
        )

    def assets_of_person(self, person_id: str) -> set[str]:
        """Return the ids of the assets a person is in."""
        rows = (
            (table, table.row_of(face_id))
            for face_id in self.state.members(person_id)
            for table in self.tables
        )
        return {table.asset_of(row) for table, row in rows if row is not None}


def etag_of(revision: int) -> str:
    """Return the etag of a record that the ledger entry of this number changed last."""
    return f'"{revision}"'
