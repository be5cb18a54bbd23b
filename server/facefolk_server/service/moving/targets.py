"""Who here each person of an import is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from facefolk_server.service.moving.claims import Claims
from facefolk_server.service.names import folded
from facefolk_server.service.reading import Reading
from facefolk_server.types import Person


@dataclass(slots=True)
class Targets:
    """Ids of people here, some of them new, by the key of a claimed person.

    People in `absorbed`, whom nobody named here, become the target they are mapped to.
    """

    by_key: dict[str, str] = field(default_factory=dict)
    absorbed: dict[str, str] = field(default_factory=dict)


def choose_targets(
    reading: Reading, claims: Claims, found: Sequence[str], make_id: Callable[[], str]
) -> Targets:
    """Return who here each person is; the one with most faces chooses first.

    `found` are the faces here that the claims are about. The choice is, in this order:
    somebody of the same id; the one person of the same name, if they share faces or no id is
    wished for; whoever has most of the faces and was never named; somebody new.
    """
    owners: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for claim, face_id in zip(claims.faces, found, strict=True):
        if claim.person and face_id:
            owners[claim.person][reading.placement(face_id).person_id or ""] += 1
    named: defaultdict[str, list[str]] = defaultdict(list)
    for person in reading.state.people.values():
        if person.name:
            named[folded(person.name)].append(person.person_id)
    targets, taken = Targets(), set[str]()
    for key in sorted(claims.people, key=lambda k: (-sum(owners[k].values()), k)):
        claimed, counts = claims.people[key], owners[key]
        wished = claimed.record.person_id
        target = reading.heir_of(wished) if wished else None
        if target is None and not (counts or claimed.kept):
            continue
        same = [i for i in named[folded(claimed.record.name)] if i not in taken]
        target = target or _namesake(claimed.record, counts, same)
        if target is None:
            nearest = _never_named(reading, counts, taken | targets.absorbed.keys())
            target = wished or nearest or make_id()
            if wished and nearest:
                targets.absorbed[nearest] = wished
        targets.by_key[key] = target
        taken.add(target)
    return targets


def _namesake(record: Person, counts: Counter[str], same: Sequence[str]) -> str | None:
    sharing = [person_id for person_id in same if counts[person_id]]
    if not record.name or len(sharing or same) != 1:
        return None
    return (sharing or same)[0] if sharing or not record.person_id else None


def _never_named(reading: Reading, counts: Counter[str], taken: set[str]) -> str:
    """Return who has most of the faces, if nobody said anything of that person."""
    people = [(count, i) for i, count in counts.items() if i and i not in taken]
    count, nearest = max(people, default=(0, ""))
    is_most = 2 * count > sum(counts.values())
    return nearest if is_most and not reading.state.people[nearest].told else ""
