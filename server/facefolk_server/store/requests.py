"""Which requests led to which events, for a day."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence, Set
from datetime import datetime, timedelta

from facefolk_server.types import Event

_KEPT = timedelta(hours=24)

_Seen = tuple[str, str, int, datetime]


class RequestLog:
    """The request ids of the last 24 hours; used by one thread at a time."""

    def __init__(
        self,
        clock: Callable[[], datetime],
        since: Callable[[datetime], Sequence[_Seen]],
    ) -> None:
        self._clock = clock
        self._sequences: dict[tuple[str, str], int] = {}
        self._order: deque[tuple[datetime, tuple[str, str], int]] = deque()
        for actor, request_id, sequence, time in sorted(
            since(clock() - _KEPT), key=lambda one: one[2]
        ):
            self._note((actor, request_id), sequence, time)

    def find(self, actor: str, request_id: str) -> int | None:
        """Return the sequence number of the event a request led to, None for none."""
        oldest = self._clock() - _KEPT
        while self._order and self._order[0][0] < oldest:
            _, key, sequence = self._order.popleft()
            if self._sequences.get(key) == sequence:
                del self._sequences[key]
        return self._sequences.get((actor, request_id)) if request_id else None

    def note(self, event: Event) -> None:
        """Remember what an event was asked for with."""
        if event.request_id:
            self._note((event.actor, event.request_id), event.sequence, event.time)

    def forget(self, sequences: Set[int]) -> None:
        """Forget the requests that led to these events."""
        for key, sequence in list(self._sequences.items()):
            if sequence in sequences:
                del self._sequences[key]

    def _note(self, key: tuple[str, str], sequence: int, time: datetime) -> None:
        self._sequences[key] = sequence
        self._order.append((time, key, sequence))
