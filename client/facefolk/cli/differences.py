"""What a round changes, in words: first the names that would be lost."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Final

from rich.table import Table
from rich.text import Text

from facefolk.cli.references import short
from facefolk.cli.screen import counted, shown, table
from facefolk.cli.session import Session
from facefolk.cli.values import plain
from facefolk.types import PersonDifference, Round, RoundDifference, RoundState

DEFAULT_ROWS: Final = 50
_OTHERS: Final = 3


def tell_difference(given: Session, told: Round, *, rows: int) -> None:
    """Print what a round changes or changed, `rows` people of it, 0 for all."""
    difference = told.difference
    if difference is None:
        if told.state in (RoundState.PREVIEWED, RoundState.SUCCEEDED):
            given.screen.note("What it changes is not known any more.")
        return
    labels = _labels(difference)
    for line in lost_names(difference, labels):
        given.screen.print(Text(plain(line), style="bold red"))
    changes = [
        (word, one)
        for word, people in (
            ("joined", difference.joined),
            ("split", difference.split),
            ("moved", difference.moved),
            ("created", difference.created),
        )
        for one in people
    ]
    if not changes:
        given.screen.note("Nobody's faces change.")
        return
    chosen = changes[: rows or None]
    given.screen.print(_changes_table(chosen, labels))
    if len(changes) > len(chosen):
        given.screen.note(f"{len(chosen)} of {len(changes)} people; --limit 0 shows them all.")


def lost_names(difference: RoundDifference, labels: Mapping[str, str]) -> list[str]:
    """Return a line for each name that ends without a face, after one that counts them."""
    lost = difference.names_lost
    if not lost:
        return []
    head = counted(len(lost), "name", "names") + " would be left without a face:"
    lines = []
    for one in lost:
        faces = counted(one.faces_lost, "face", "faces")
        where = _others(one.to_person_ids, labels)
        went = f", now with {where}" if where else " that would wait for more photos"
        lines.append(f"  {labels[one.person_id]}: {faces}{went}")
    return [head, *lines]


def _labels(difference: RoundDifference) -> dict[str, str]:
    made = {one.person_id: f"new {short(one.person_id)}" for one in difference.created}
    known = (difference.joined, difference.split, difference.moved, difference.names_lost)
    for one in itertools.chain.from_iterable(known):
        made[one.person_id] = one.name or short(one.person_id)
    return made


def _changes_table(
    changes: Sequence[tuple[str, PersonDifference]], labels: Mapping[str, str]
) -> Table:
    drawn = table("", "person", ">gains", ">loses", "from", "to", "id")
    for word, one in changes:
        drawn.add_row(
            word,
            shown(labels[one.person_id]),
            f"+{one.faces_gained:,}" if one.faces_gained else "",
            f"-{one.faces_lost:,}" if one.faces_lost else "",
            shown(_others(one.from_person_ids, labels)) if one.from_person_ids else "",
            shown(_others(one.to_person_ids, labels) or "nobody") if one.faces_lost else "",
            one.person_id,
        )
    return drawn


def _others(person_ids: Sequence[str], labels: Mapping[str, str]) -> str:
    named = [labels.get(one, short(one)) for one in person_ids[:_OTHERS]]
    rest = len(person_ids) - _OTHERS
    return ", ".join(named) + (f" and {rest} more" if rest > 0 else "")
