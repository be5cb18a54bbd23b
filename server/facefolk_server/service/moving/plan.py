"""What an import changes, in one event."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from facefolk_server.service.departures import people_left_empty
from facefolk_server.service.identifiers import random_person_id
from facefolk_server.service.moving.claims import (
    Claim,
    Claims,
    find_faces,
    sentence_about,
)
from facefolk_server.service.moving.json_lines import claim_id
from facefolk_server.service.moving.targets import Targets, choose_targets
from facefolk_server.service.names import folded
from facefolk_server.service.reading import Reading
from facefolk_server.store import Draft
from facefolk_server.store.answers import TOLD_APART, pair_of
from facefolk_server.types import (
    UNPLACED,
    Assignment,
    Changes,
    EventKind,
    Mark,
    MarkChange,
    MarkKind,
    Person,
    PersonChange,
    Placement,
    PlacementChange,
)

MAX_SENTENCES = 1000

_KIND = EventKind.PEOPLE_IMPORTED


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did; `unmatched` are sentences about what it left as it is."""

    people_created: int = 0
    people_updated: int = 0
    faces_assigned: int = 0
    marks_added: int = 0
    faces_added: int = 0
    unmatched: tuple[str, ...] = ()


@dataclass(slots=True)
class _Plan:
    """An import as it is thought out, on one look at the library."""

    reading: Reading
    claims: Claims
    now: datetime
    make_id: Callable[[], str]
    found: list[str] = field(default_factory=list)
    targets: Targets = field(default_factory=Targets)
    placements: dict[str, PlacementChange] = field(default_factory=dict)
    marks: list[MarkChange] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)

    def made(self) -> tuple[Draft | None, ImportReport]:
        self.sentences += self.claims.unmatched
        self.found = find_faces(self.reading, self.claims.faces)
        self.targets = choose_targets(self.reading, self.claims, self.found, self.make_id)
        for claim, face_id in zip(self.claims.faces, self.found, strict=True):
            self._place(claim, face_id)
        self._absorb()
        self._mark()
        records = self._records()
        moved = tuple(self.placements.values())
        left = people_left_empty(self.reading.state, moved, marks=self.marks)
        gone = tuple(c for c in left if c.person_id not in {r.person_id for r in records})
        report = ImportReport(
            people_created=sum(change.before is None for change in records),
            people_updated=sum(change.before is not None for change in records),
            faces_assigned=sum(change.after.person_id is not None for change in moved),
            marks_added=len(self.marks),
            unmatched=_shortened(self.sentences),
        )
        changes = Changes(moved, (*records, *gone), tuple(self.marks))
        apart = self._apart({change.person_id for change in records})
        detail = {TOLD_APART: json.dumps(apart)} if apart else {}
        return (Draft(_KIND, changes, detail) if changes or apart else None), report

    def _place(self, claim: Claim, face_id: str) -> None:
        name = self.claims.people[claim.person].record.name if claim.person else ""
        if not face_id:
            self.sentences.append(sentence_about(self.reading, claim, name))
            return
        target = self.targets.by_key.get(claim.person, "")
        if not target:
            return
        before = self.reading.placement(face_id)
        how = Assignment.MANUAL if claim.manual else Assignment.AUTOMATIC
        if before.person_id == target and before.assignment >= how:
            return
        if why := self._refusal(face_id, before, target, manual=claim.manual):
            who = repr(name) if name else target
            self.sentences.append(f"Face {face_id} is {who} there: {why}; left as it is.")
            return
        self.placements[face_id] = PlacementChange(face_id, before, Placement(target, how))

    def _refusal(self, face_id: str, before: Placement, target: str, *, manual: bool) -> str:
        """Return what somebody said here that speaks against it."""
        state = self.reading.state
        for mark in sorted(state.marks(face_id), key=_order):
            if mark.kind is not MarkKind.NOT_THIS_PERSON:
                return f"here it is marked {mark.kind.name}"
            if mark.person_id == target:
                return f"here it is marked as not being person {target}"
        if before.person_id is None or before.person_id == target:
            return ""
        if before.assignment is Assignment.MANUAL:
            return f"here it was assigned by hand to person {before.person_id}"
        if not manual and state.people[before.person_id].told:
            return f"here it belongs to person {before.person_id}"
        return ""

    def _absorb(self) -> None:
        """Let people whom nobody named here become those whom most of their faces are."""
        for person_id, target in sorted(self.targets.absorbed.items()):
            for face_id in sorted(self.reading.state.members(person_id)):
                before = self.reading.placement(face_id)
                if face_id not in self.placements and not self._refusal(
                    face_id, before, target, manual=False
                ):
                    self.placements[face_id] = PlacementChange(
                        face_id, before, replace(before, person_id=target)
                    )

    def _mark(self) -> None:
        here = {
            claim.face_id: face_id
            for claim, face_id in zip(self.claims.faces, self.found, strict=True)
            if claim.face_id and face_id
        }
        for mark in self.claims.marks:
            face_id = here.get(mark.face_id, "")
            person_id = self._here(mark.person_id) if mark.person_id else ""
            lacks_person = mark.kind is MarkKind.NOT_THIS_PERSON and not person_id
            if not face_id or lacks_person:
                continue
            told = Mark(face_id, mark.kind, person_id)
            if told in self.reading.state.marks(face_id):
                continue
            planned = self.placements.get(face_id)
            now = planned.after if planned else self.reading.placement(face_id)
            if now.person_id is not None and person_id in ("", now.person_id):
                if now.assignment is Assignment.MANUAL:
                    self.sentences.append(
                        f"Face {face_id} is marked {mark.kind.name} there: here it is "
                        f"assigned by hand to person {now.person_id}; left as it is."
                    )
                    continue
                before = planned.before if planned else now
                self.placements[face_id] = PlacementChange(face_id, before, UNPLACED)
            self.marks.append(MarkChange(told, added=True))

    def _apart(self, arriving: set[str]) -> list[tuple[str, str, bool]]:
        """Return the people whom only the other side knows to be two."""
        state = self.reading.state
        pairs = {
            pair_of(*people)
            for pair in self.claims.apart
            if len(people := {self._here(person_id) for person_id in pair}) == 2
        }
        there = arriving | state.people.keys()
        new = (pair for pair in pairs - state.answers.apart if there.issuperset(pair))
        return [(*pair, True) for pair in sorted(new)]

    def _here(self, person_id: str) -> str:
        """Return who here a person of the other side is, "" for nobody."""
        found = self.targets.by_key.get(person_id) or self.reading.heir_of(person_id) or ""
        return self.targets.absorbed.get(found, found)

    def _records(self) -> tuple[PersonChange, ...]:
        features = {}
        members: defaultdict[str, set[str]] = defaultdict(set)
        for change in self.placements.values():
            members[change.after.person_id or ""].add(change.face_id)
        marked = {change.mark.person_id for change in self.marks}
        for index, claim in enumerate(self.claims.faces):
            features[claim.face_id or claim_id(index)] = self.found[index]
        records: dict[str, Person] = {}
        pairs = self.targets.by_key.items()
        for key, target in sorted(pairs, key=lambda pair: (pair[1], pair[0])):
            claimed = self.claims.people[key]
            before = records.get(target) or self.reading.state.people.get(target)
            own = members[target] | self.reading.state.members(target)
            # A mark needs the person whom it names, though no face could come along.
            if before is None and not (claimed.kept or own or target in marked):
                continue
            feature = features.get(claimed.record.feature_face_id, "")
            records[target] = self._record(
                before, claimed.record, target, feature if feature in own else ""
            )
        return tuple(
            PersonChange(target, before, replace(after, update_time=self.now))
            for target, after in records.items()
            if after != (before := self.reading.state.people.get(target))
        )

    def _record(self, before: Person | None, told: Person, target: str, feature: str) -> Person:
        if before is None:
            return replace(
                told,
                person_id=target,
                feature_face_id=feature,
                create_time=told.create_time or self.now,
                update_time=self.now,
            )
        self._compare(target, "name", before.name, told.name)
        dates = (str(one or "") for one in (before.birth_date, told.birth_date))
        self._compare(target, "birth date", *dates)
        return replace(
            before,
            name=before.name or told.name,
            birth_date=before.birth_date or told.birth_date,
            hidden=before.hidden or told.hidden,
            favorite=before.favorite or told.favorite,
            feature_face_id=before.feature_face_id or feature,
        )

    def _compare(self, target: str, what: str, here: str, there: str) -> None:
        if here and there and folded(here) != folded(there):
            self.sentences.append(
                f"Person {target} has the {what} {there!r} there and {here!r} here; left as "
                "it is."
            )


def plan_import(
    reading: Reading,
    claims: Claims,
    *,
    now: datetime,
    make_id: Callable[[], str] = random_person_id,
) -> tuple[Draft | None, ImportReport]:
    """Return the event that an import becomes, None if it changes nothing, and a report.

    What users said here stays: names, dates, hands and marks are never overwritten. Where
    most faces of somebody are those of one whom nobody named here, these two are one.
    """
    return _Plan(reading, claims, now, make_id).made()


def _order(mark: Mark) -> tuple[int, str]:
    return (mark.kind, mark.person_id)


def _shortened(sentences: Sequence[str]) -> tuple[str, ...]:
    if len(sentences) <= MAX_SENTENCES:
        return tuple(sentences)
    rest = len(sentences) - MAX_SENTENCES + 1
    return (*sentences[: MAX_SENTENCES - 1], f"There are {rest} more of these.")
