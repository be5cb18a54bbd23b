"""The fold of the ledger: who belongs to whom, people, marks, settings, rounds."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import replace
from datetime import datetime

from facefolk_server.store.answers import Answers
from facefolk_server.store.records import Lease
from facefolk_server.types import (
    UNPLACED,
    Changes,
    Event,
    EventKind,
    Mark,
    MarkKind,
    Person,
    PersonChange,
    Placement,
    RecognitionSettings,
    RoundRecord,
)

LEASE_HOLDER = "lease_holder"
LEASE_EXPIRES = "lease_expires"
MERGE_TARGET = "target_person_id"
ERASING = frozenset({EventKind.ASSETS_DELETED, EventKind.PERSON_ERASED})

_NO_FACES: frozenset[str] = frozenset()
_NO_MARKS: frozenset[Mark] = frozenset()


class LibraryState:
    """What the ledger says of a library; read under the library's lock.

    `placements` holds the faces that have a person or a reason to have none; `merged` tells
    where people went who were merged into others, `answers` what users said of people
    that is no mark.
    """

    def __init__(self) -> None:
        self.sequence = 0
        self.settings = RecognitionSettings()
        self.lease: Lease | None = None
        self.answers = Answers()
        self._people: dict[str, Person] = {}
        self._placements: dict[str, Placement] = {}
        self._rounds: dict[str, RoundRecord] = {}
        self._merged: dict[str, str] = {}
        self._members: dict[str, set[str]] = {}
        self._marks: dict[str, frozenset[Mark]] = {}
        self._mark_counts: dict[str, int] = {}
        self._placed = 0

    @property
    def people(self) -> Mapping[str, Person]:
        """The people by id."""
        return self._people

    @property
    def placements(self) -> Mapping[str, Placement]:
        """Where faces belong, by face id."""
        return self._placements

    @property
    def rounds(self) -> Mapping[str, RoundRecord]:
        """The rounds by id."""
        return self._rounds

    @property
    def merged(self) -> Mapping[str, str]:
        """The person that each merged person went into."""
        return self._merged

    @property
    def marked(self) -> Mapping[str, frozenset[Mark]]:
        """The marks of each face that has any."""
        return self._marks

    @property
    def placed(self) -> int:
        """How many faces have a person."""
        return self._placed

    def members(self, person_id: str) -> Set[str]:
        """Return the ids of a person's faces."""
        return self._members.get(person_id, _NO_FACES)

    def marks(self, face_id: str) -> frozenset[Mark]:
        """Return what users said about a face."""
        return self._marks.get(face_id, _NO_MARKS)

    def mark_count(self, person_id: str) -> int:
        """Return how many faces are marked as not being this person."""
        return self._mark_counts.get(person_id, 0)

    def apply(self, event: Event) -> None:
        """Take in the next event."""
        self.sequence = event.sequence
        self._apply_changes(event.changes, event.sequence)
        self._apply_lease(event)
        self.answers.apply(event)
        # A merge, or the undoing of its undoing.
        if MERGE_TARGET in event.detail:
            target = event.detail[MERGE_TARGET]
            for change in event.changes.people:
                if change.after is None and change.person_id != target:
                    self._merged[change.person_id] = target
        if event.kind in ERASING:
            self._forget({c.person_id for c in event.changes.people if c.after is None})

    def restore(
        self,
        sequence: int,
        changes: Changes,
        *,
        rounds: Mapping[str, RoundRecord],
        merged: Mapping[str, str],
        lease: Lease | None,
        answers: str | None = None,
    ) -> None:
        """Take in a snapshot; the state has to be empty."""
        self.sequence = sequence
        self._apply_changes(changes, None)
        self._rounds.update(rounds)
        self._merged.update(merged)
        self.lease = lease
        if answers is not None:
            self.answers.restore(answers)

    def _apply_changes(self, changes: Changes, revision: int | None) -> None:
        for placement in changes.placements:
            self._place(placement.face_id, placement.after)
        for person in changes.people:
            self._apply_person(person, revision)
        for mark in changes.marks:
            self._apply_mark(mark.mark, added=mark.added)
        if changes.settings is not None:
            after = changes.settings.after
            self.settings = after if revision is None else replace(after, revision=revision)
        if changes.round is not None:
            self._rounds[changes.round.round_id] = changes.round

    def _place(self, face_id: str, after: Placement) -> None:
        before = self._placements.pop(face_id, None)
        if before is not None and before.person_id is not None:
            left = self._members[before.person_id]
            left.discard(face_id)
            self._placed -= 1
            if not left:
                del self._members[before.person_id]
        if after != UNPLACED:
            self._placements[face_id] = after
        if after.person_id is not None:
            self._members.setdefault(after.person_id, set()).add(face_id)
            self._placed += 1

    def _apply_person(self, change: PersonChange, revision: int | None) -> None:
        if change.after is None:
            self._people.pop(change.person_id, None)
            return
        kept = change.after if revision is None else replace(change.after, revision=revision)
        self._people[change.person_id] = kept
        self._merged.pop(change.person_id, None)

    def _apply_mark(self, mark: Mark, *, added: bool) -> None:
        before = self.marks(mark.face_id)
        after = before | {mark} if added else before - {mark}
        if after == before:
            return
        if after:
            self._marks[mark.face_id] = after
        else:
            del self._marks[mark.face_id]
        if mark.kind is MarkKind.NOT_THIS_PERSON:
            count = self.mark_count(mark.person_id) + (1 if added else -1)
            if count:
                self._mark_counts[mark.person_id] = count
            else:
                del self._mark_counts[mark.person_id]

    def _forget(self, people: set[str]) -> None:
        """Forget that these people, and those merged into them, were ever there."""
        self.answers.forget(people)
        while merged := {source for source, to in self._merged.items() if to in people}:
            for source in merged:
                del self._merged[source]
            people = merged
            self.answers.forget(people)

    def _apply_lease(self, event: Event) -> None:
        record = event.changes.round
        if record is None:
            return
        if event.kind is EventKind.ROUND_STARTED and LEASE_HOLDER in event.detail:
            self.lease = Lease(
                record.round_id,
                event.detail[LEASE_HOLDER],
                datetime.fromisoformat(event.detail[LEASE_EXPIRES]),
            )
        elif self.lease is not None and self.lease.round_id == record.round_id:
            self.lease = None


def lease_detail(lease: Lease) -> dict[str, str]:
    """Return a lease as the detail of the event that takes it."""
    return {LEASE_HOLDER: lease.holder, LEASE_EXPIRES: lease.expires.isoformat()}
