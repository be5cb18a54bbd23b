"""Results of rounds that are shown before they become real."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from facefolk_server.service.difference import RoundDifference, difference_of
from facefolk_server.service.reading import Reading
from facefolk_server.service.round_commit import Outcome, commit_changes
from facefolk_server.service.round_input import RoundGround
from facefolk_server.types import UNPLACED, Changes, Mark, Placement, RoundRecord

KEPT = timedelta(hours=1)
MAX_KEPT = 8


@dataclass(frozen=True, slots=True, eq=False)
class Preview:
    """The result of a round with what it was shown upon.

    `changes` are what a commit makes real. `placements` and `marks` go by face, as they were
    when the result was shown, after event `sequence`; `table_changes` tells whether faces of
    the pack came or went since.
    """

    record: RoundRecord
    outcome: Outcome
    changes: Changes
    difference: RoundDifference
    pack: str
    table_changes: int
    sequence: int
    face_ids: tuple[str, ...]
    placements: tuple[Placement, ...]
    marks: tuple[frozenset[Mark], ...]


def preview_of(
    ground: RoundGround, outcome: Outcome, reading: Reading, record: RoundRecord, now: datetime
) -> Preview:
    """Return what a commit would make real now; blocking."""
    changes = commit_changes(outcome, reading, record, now=now)
    faces = tuple(ground.given.face_ids)
    state = reading.state
    return Preview(
        record=record,
        outcome=outcome,
        changes=changes,
        difference=difference_of(state, changes),
        pack=ground.pack,
        table_changes=reading.library.faces(ground.pack).changes,
        sequence=state.sequence,
        face_ids=faces,
        placements=tuple(state.placements.get(face_id, UNPLACED) for face_id in faces),
        marks=tuple(state.marks(face_id) for face_id in faces),
    )


def what_moved(preview: Preview, reading: Reading, changes: Changes) -> str:
    """Return what keeps a preview from becoming real, as a sentence; "" for nothing.

    `changes` are what a commit would make real now; blocking.
    """
    state = reading.state
    if reading.library.faces(preview.pack).changes != preview.table_changes:
        return "faces came or went, or were found anew"
    if state.sequence == preview.sequence:
        return ""
    for face_id, placement, marks in zip(
        preview.face_ids, preview.placements, preview.marks, strict=True
    ):
        if state.placements.get(face_id, UNPLACED) != placement:
            return f"face {face_id} got another person"
        if state.marks(face_id) != marks:
            return f"face {face_id} was marked"
    same_people = [(c.person_id, c.after is None) for c in changes.people] == [
        (c.person_id, c.after is None) for c in preview.changes.people
    ]
    if (
        not same_people
        or changes.placements != preview.changes.placements
        or difference_of(state, changes) != preview.difference
    ):
        return "somebody whom it touches was changed"
    return ""


class Previews:
    """The previews of this server, a few and not for long; used on the event loop alone."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._kept: dict[tuple[str, str], tuple[datetime, Preview]] = {}

    def keep(self, library_id: str, preview: Preview) -> None:
        """Keep a preview; the oldest one goes where there are too many."""
        key = (library_id, preview.record.round_id)
        self._kept[key] = (self._clock() + KEPT, preview)
        self._drop_old()
        while len(self._kept) > MAX_KEPT:
            del self._kept[next(iter(self._kept))]

    def find(self, library_id: str, round_id: str) -> Preview | None:
        """Return the preview of a round, None where it is not kept any more."""
        self._drop_old()
        found = self._kept.get((library_id, round_id))
        return found[1] if found else None

    def drop(self, library_id: str, round_id: str | None = None) -> None:
        """Forget the preview of a round, or all previews of a library."""
        for key in list(self._kept):
            if key[0] == library_id and round_id in (None, key[1]):
                del self._kept[key]

    def _drop_old(self) -> None:
        now = self._clock()
        for key, (until, _) in list(self._kept.items()):
            if until <= now:
                del self._kept[key]
