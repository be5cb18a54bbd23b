"""What a round changes, told by person."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from facefolk_server.store import LibraryState
from facefolk_server.types import Changes

DIFFERENCE = "difference"
"""The key in the detail of a committed round's event."""


@dataclass(frozen=True, slots=True)
class PersonDifference:
    """How the faces of one person change; `name` is that before.

    `from_person_ids` had the gained faces before, `to_person_ids` have the lost ones after,
    both by id; faces that come from nobody or go to nobody only count.
    """

    person_id: str
    name: str
    faces_gained: int
    faces_lost: int
    from_person_ids: tuple[str, ...] = ()
    to_person_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RoundDifference:
    """Everybody whose faces change, by id.

    `joined` gain more than half of the faces of another one; the faces of `split` go to two
    or more others, or to somebody who is created; `moved` gain or lose faces otherwise;
    `names_lost` have a name and end without a face.
    """

    joined: tuple[PersonDifference, ...] = ()
    split: tuple[PersonDifference, ...] = ()
    moved: tuple[PersonDifference, ...] = ()
    created: tuple[PersonDifference, ...] = ()
    names_lost: tuple[PersonDifference, ...] = ()


def difference_of(state: LibraryState, changes: Changes) -> RoundDifference:
    """Return what changes would make of a state that they are not applied to."""
    flows: Counter[tuple[str, str]] = Counter()
    for change in changes.placements:
        before, after = change.before.person_id or "", change.after.person_id or ""
        if before != after:
            flows[before, after] += 1
    arrivals = {
        change.person_id
        for change in changes.people
        if change.before is None and change.after is not None
    }
    sources: defaultdict[str, dict[str, int]] = defaultdict(dict)
    targets: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for (source, target), count in flows.items():
        sources[target][source] = count
        targets[source][target] = count
    lists: defaultdict[str, list[PersonDifference]] = defaultdict(list)
    for person_id in sorted((set(sources) | set(targets) | arrivals) - {""}):
        gained, lost = sources[person_id], targets[person_id]
        person = state.people.get(person_id)
        told = PersonDifference(
            person_id,
            person.name if person else "",
            sum(gained.values()),
            sum(lost.values()),
            tuple(sorted(set(gained) - {""})),
            tuple(sorted(set(lost) - {""})),
        )
        for name in _lists_of(state, told, gained, arrivals):
            lists[name].append(told)
    return RoundDifference(**{name: tuple(found) for name, found in lists.items()})


def difference_json(difference: RoundDifference) -> str:
    """Return a difference as JSON text."""
    return json.dumps(asdict(difference), ensure_ascii=False, separators=(",", ":"))


def read_difference(text: str) -> RoundDifference:
    """Return a difference out of JSON text."""
    told = json.loads(text)
    return RoundDifference(
        **{
            field.name: tuple(_read_person(one) for one in told[field.name])
            for field in fields(RoundDifference)
        }
    )


def _lists_of(
    state: LibraryState,
    told: PersonDifference,
    gained: Mapping[str, int],
    arrivals: set[str],
) -> list[str]:
    if told.person_id in arrivals:
        return ["created"]
    lists = []
    if any(2 * count > len(state.members(i)) for i, count in gained.items() if i):
        lists.append("joined")
    if len(told.to_person_ids) > 1 or arrivals & set(told.to_person_ids):
        lists.append("split")
    if not lists:
        lists.append("moved")
    left = len(state.members(told.person_id)) + told.faces_gained - told.faces_lost
    if told.name and not left:
        lists.append("names_lost")
    return lists


def _read_person(given: Mapping[str, Any]) -> PersonDifference:
    lists = {name: tuple(given[name]) for name in ("from_person_ids", "to_person_ids")}
    return PersonDifference(**{**given, **lists})
