"""What lists show of people's faces, counted once and kept until a face of theirs changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from facefolk_server.store.face_table import FaceTable
from facefolk_server.store.state import LibraryState
from facefolk_server.types import Changes


@dataclass(frozen=True, slots=True)
class Summary:
    """How many faces somebody has, in how many assets, and the one of best quality.

    `best_face_id` is empty where there is no face; ties go to the lower id.
    """

    face_count: int
    asset_count: int
    best_face_id: str


class Summaries:
    """The summaries of one library; read and changed under its lock.

    Counting looks at every face of a person, so the first list after a start costs a look at
    all faces; a list after that costs one at the faces of those who changed.
    """

    def __init__(self, state: LibraryState, faces: Mapping[str, FaceTable]) -> None:
        self._state = state
        self._faces = faces
        self._kept: dict[str, Summary] = {}

    def of(self, person_id: str) -> Summary:
        """Return the summary of a person; one who is not there has nothing."""
        kept = self._kept.get(person_id)
        if kept is None:
            kept = self._count(person_id)
            if person_id in self._state.people:
                self._kept[person_id] = kept
        return kept

    def forget_changed(self, changes: Changes) -> None:
        """Forget whoever got or lost a face by an event, or went."""
        for change in changes.placements:
            self._kept.pop(change.before.person_id or "", None)
            self._kept.pop(change.after.person_id or "", None)
        for person in changes.people:
            self._kept.pop(person.person_id, None)

    def forget_owners(self, face_ids: Iterable[str]) -> None:
        """Forget the people of faces that were found anew or went."""
        placements = self._state.placements
        for face_id in face_ids:
            place = placements.get(face_id)
            if place is not None:
                self._kept.pop(place.person_id or "", None)

    def _count(self, person_id: str) -> Summary:
        members = self._state.members(person_id)
        assets: set[str] = set()
        best: tuple[float, str] | None = None
        for table in self._faces.values():
            found = table.found(members)
            if found is None:
                continue
            assets |= found.asset_ids
            rank = (-found.best_quality, found.best_face_id)
            best = rank if best is None else min(best, rank)
        return Summary(len(members), len(assets), best[1] if best else "")
