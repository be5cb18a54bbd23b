"""Makes the result of a round real, on the ground as it is by then."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from facefolk_server.clustering import RoundResult
from facefolk_server.service.departures import people_left_empty
from facefolk_server.service.identifiers import round_person_id
from facefolk_server.service.reading import Reading
from facefolk_server.service.round_input import RoundGround
from facefolk_server.types import (
    Assignment,
    Changes,
    Mark,
    Person,
    PersonChange,
    Placement,
    PlacementChange,
    Reason,
    RoundRecord,
    RoundState,
)

MAX_LINKS = 1000


@dataclass(frozen=True, slots=True)
class Wish:
    """What a round wants of one face, and what was said of the face when it was asked.

    `key` is a person, a key of `created`, or None.
    """

    face_id: str
    before: Placement
    marks: frozenset[Mark]
    key: str | None
    reason: Reason


@dataclass(frozen=True, slots=True)
class Link:
    """Two people, named as in `Wish.key`, whom a round would have joined at a distance."""

    person_a: str
    person_b: str
    distance: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that a round wants changed; `links` are what it leaves to the user, nearest first."""

    wishes: tuple[Wish, ...]
    created: frozenset[str]
    emptied: tuple[str, ...]
    links: tuple[Link, ...] = ()


def outcome_of(ground: RoundGround, result: RoundResult) -> Outcome:
    """Return the difference between the ground and the result; blocking.

    Faces assigned by hand are never in it.
    """
    wishes = tuple(
        Wish(face_id, before, marks, key, reason)
        for face_id, before, marks, key, reason in zip(
            ground.given.face_ids,
            ground.placements,
            ground.marks,
            result.person_ids,
            result.reasons,
            strict=True,
        )
        if before.assignment is not Assignment.MANUAL
        and (before.person_id, before.reason) != (key, reason)
    )
    return Outcome(
        wishes, frozenset(result.created), tuple(result.emptied), tuple(_links(result))
    )


def commit_changes(
    outcome: Outcome, reading: Reading, record: RoundRecord, *, now: datetime
) -> Changes:
    """Return the changes of the one event that a round becomes.

    Faces assigned, unassigned, marked or deleted since the snapshot keep that. What was
    meant for a person merged since goes to the merge's target; what was meant for one
    deleted since is dropped. A person none of whose faces is left is not created.
    """
    placements = tuple(_granted(outcome, reading, record.round_id))
    newcomers = {round_person_id(record.round_id, key) for key in outcome.created}
    arrived = sorted({p.after.person_id or "" for p in placements} & newcomers)
    arrivals = tuple(
        PersonChange(person_id, None, Person(person_id, create_time=now, update_time=now))
        for person_id in arrived
    )
    departures = people_left_empty(reading.state, placements, also=outcome.emptied)
    ended = replace(
        record,
        state=RoundState.SUCCEEDED,
        people_created=len(arrivals),
        end_time=now,
    )
    return Changes(placements=placements, people=(*arrivals, *departures), round=ended)


def links_left(
    outcome: Outcome, reading: Reading, round_id: str
) -> list[tuple[str, str, float]]:
    """Return the links between people, by the ids that they have after the commit."""
    found = []
    for link in outcome.links:
        one, other = (
            round_person_id(round_id, key) if key in outcome.created else reading.heir_of(key)
            for key in (link.person_a, link.person_b)
        )
        if one is not None and other is not None and one != other:
            found.append((one, other, link.distance))
    return found


def _links(result: RoundResult) -> Iterable[Link]:
    """Return the nearest joins that were refused or wished for, one for each two people."""
    seen: set[tuple[str, str]] = set()
    joins = (*result.merge_suggestions, *result.refused_joins)
    for join in sorted(joins, key=lambda one: (one.distance, one.person_a, one.person_b)):
        if (join.person_a, join.person_b) not in seen and len(seen) < MAX_LINKS:
            seen.add((join.person_a, join.person_b))
            yield Link(join.person_a, join.person_b, join.distance)


def _granted(outcome: Outcome, reading: Reading, round_id: str) -> Iterable[PlacementChange]:
    for wish in outcome.wishes:
        before = reading.placement(wish.face_id)
        moved = before != wish.before or reading.state.marks(wish.face_id) != wish.marks
        if moved or reading.find_face(wish.face_id) is None:
            continue
        after = _placement(wish, outcome, reading, round_id)
        if (after.person_id, after.reason) != (before.person_id, before.reason):
            yield PlacementChange(wish.face_id, before, after)


def _placement(wish: Wish, outcome: Outcome, reading: Reading, round_id: str) -> Placement:
    if wish.key is None:
        return Placement(None, Assignment.UNASSIGNED, wish.reason, round_id)
    if wish.key in outcome.created:
        person_id: str | None = round_person_id(round_id, wish.key)
    else:
        person_id = reading.heir_of(wish.key)
    if person_id is None:
        return Placement(None, Assignment.UNASSIGNED, Reason.NONE, round_id)
    return Placement(person_id, Assignment.AUTOMATIC, Reason.NONE, round_id)
