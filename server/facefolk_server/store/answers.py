"""What users answered to questions about people, and what rounds left to be asked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Set
from typing import Any

from facefolk_server.types import Event, EventKind, RoundMode

TOLD_APART = "told_apart"
"""In an event's detail: JSON pairs of people with whether they are told apart from then on."""
POSTPONED = "postponed"
"""In an event's detail: the digest of a question that is asked again after the next round."""
LINKS = "links"
"""In the detail of a round: JSON pairs of people it would have joined, with the distance."""

_MAX_LINKS = 10_000

Pair = tuple[str, str]


def pair_of(person_id: str, other_id: str) -> Pair:
    """Return two people as a key, whatever their order."""
    return (person_id, other_id) if person_id < other_id else (other_id, person_id)


class Answers:
    """A part of the fold of the ledger; the ids in it may be of people who went."""

    def __init__(self) -> None:
        self._apart: set[Pair] = set()
        self._links: dict[Pair, float] = {}
        self._postponed: set[str] = set()

    @property
    def apart(self) -> Set[Pair]:
        """The pairs of people that a user told apart."""
        return self._apart

    @property
    def links(self) -> Mapping[Pair, float]:
        """The cosine distance at which rounds would have joined two people, by pair."""
        return self._links

    @property
    def postponed(self) -> Set[str]:
        """The digests of questions to be asked after the next round."""
        return self._postponed

    def apply(self, event: Event) -> None:
        """Take in what the detail of an event says."""
        for one, other, is_apart in json.loads(event.detail.get(TOLD_APART, "[]")):
            change = self._apart.add if is_apart else self._apart.discard
            change(pair_of(one, other))
        if event.kind is EventKind.ROUND_COMMITTED:
            self._postponed.clear()
            if event.changes.round is not None and event.changes.round.mode is RoundMode.ALL:
                # Such a round has looked at everything: what it does not say is not so now.
                self._links.clear()
        if POSTPONED in event.detail:
            self._postponed.add(event.detail[POSTPONED])
        for one, other, distance in json.loads(event.detail.get(LINKS, "[]")):
            pair = pair_of(one, other)
            self._links.pop(pair, None)
            self._links[pair] = distance
        while len(self._links) > _MAX_LINKS:
            del self._links[next(iter(self._links))]

    def forget(self, people: Set[str]) -> None:
        """Forget what was said and found of these people."""
        self._apart = {pair for pair in self._apart if people.isdisjoint(pair)}
        self._links = {p: d for p, d in self._links.items() if people.isdisjoint(p)}

    def told(self) -> str:
        """Return all of it as JSON text."""
        links = [[*pair, distance] for pair, distance in self._links.items()]
        return json.dumps([sorted(self._apart), links, sorted(self._postponed)])

    def restore(self, text: str) -> None:
        """Take in what `told` returned."""
        given: list[Any] = json.loads(text)
        apart, links, postponed = given
        self._apart = {(one, other) for one, other in apart}
        self._links = {(one, other): distance for one, other, distance in links}
        self._postponed = set(postponed)
