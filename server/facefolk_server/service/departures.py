"""People whose last face goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from facefolk_server.store import LibraryState
from facefolk_server.types import MarkChange, PersonChange, PlacementChange


def people_left_empty(
    state: LibraryState,
    placements: Iterable[PlacementChange],
    *,
    marks: Iterable[MarkChange] = (),
    also: Iterable[str] = (),
) -> tuple[PersonChange, ...]:
    """Return the departures of people who have no face after these changes.

    Somebody with a name, birth date, flag or mark stays; nobody else would ever meet the
    others again. People in `also` are looked at though they lose nobody now.
    """
    difference: Counter[str] = Counter()
    for change in placements:
        if change.before.person_id is not None:
            difference[change.before.person_id] -= 1
        if change.after.person_id is not None:
            difference[change.after.person_id] += 1
    marked: Counter[str] = Counter()
    for mark_change in marks:
        marked[mark_change.mark.person_id] += 1 if mark_change.added else -1
    suspects = {person_id for person_id, change in difference.items() if change < 0}
    return tuple(
        PersonChange(person_id, state.people[person_id], None)
        for person_id in sorted(suspects | set(also))
        if person_id in state.people
        and not state.people[person_id].told
        and len(state.members(person_id)) + difference[person_id] <= 0
        and state.mark_count(person_id) + marked[person_id] <= 0
    )
