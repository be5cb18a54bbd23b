"""The nightly round of each library."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta

from facefolk_server.errors import FacefolkError, RoundRunningError, UnavailableError
from facefolk_server.service.call import Call
from facefolk_server.service.libraries import Libraries
from facefolk_server.service.nightly import last_run
from facefolk_server.service.reading import Reading
from facefolk_server.service.resolved import Resolved
from facefolk_server.service.resolver import Resolver
from facefolk_server.service.rounds import Rounds
from facefolk_server.store import Library
from facefolk_server.types import Event, EventKind, Reason, RoundMode, RoundState

LATE = timedelta(hours=1)
"""How long after its time a nightly round is made up for by a server that just started."""

_log = logging.getLogger(__name__)
_ACTOR = "nightly"
_TICK_SECONDS = 20.0
_BATCH = 256
_MOST_FAILURES = 3
# A round that began later than this after now was begun by a clock that was wrong.
_STEPPED_BACK = timedelta(hours=25)
_ASSIGNING = frozenset(
    {
        EventKind.FACES_ASSIGNED,
        EventKind.FACES_UNASSIGNED,
        EventKind.FACES_MARKED,
        EventKind.FACES_REPLACED,
        EventKind.PERSON_CREATED,
        EventKind.PERSON_DELETED,
        EventKind.PEOPLE_MERGED,
        EventKind.PEOPLE_IMPORTED,
        EventKind.UNDONE,
    }
)


class NightlySchedule:
    """Starts a MISSING round where the nightly time has come and there is something new.

    A clock that jumps forward over the time makes it due at once; one that is set back does
    not make it due twice. A server that starts makes up for a time of the last hour, so that
    one which is restarted just then leaves no night out; older ones are left out.

    Args:
        clock: The time of now, aware UTC.
        sleep: Waits so many seconds; the schedule looks at the clock after each.
    """

    def __init__(
        self,
        *,
        libraries: Libraries,
        resolver: Resolver,
        rounds: Rounds,
        clock: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._libraries = libraries
        self._resolver = resolver
        self._rounds = rounds
        self._clock = clock
        self._sleep = sleep
        self._is_first_look = True
        self._looked: dict[str, datetime] = {}

    async def run(self) -> None:
        """Look at the clock until cancelled."""
        while True:
            try:
                await self.tick()
            except FacefolkError as error:
                _log.warning("the nightly rounds were not looked at: %s", error)
            await self._sleep(_TICK_SECONDS)

    async def tick(self) -> None:
        """Start the rounds that are due now; one that cannot start now is tried again."""
        now = self._clock()
        late = LATE if self._is_first_look else timedelta(0)
        for library_id in await self._libraries.library_ids():
            since = min(self._looked.get(library_id, now - late), now)
            waits = await self._waits(Call(library_id=library_id, actor=_ACTOR), since, now)
            self._looked[library_id] = since if waits else now
        self._is_first_look = False

    async def _waits(self, call: Call, since: datetime, now: datetime) -> bool:
        """Start the round of a library if it is due; return whether it has to wait."""
        try:
            await self._look(call, since, now)
        except (RoundRunningError, UnavailableError) as error:
            _log.info("library %r: the nightly round waits: %s", call.library_id, error)
            return True
        except FacefolkError as error:
            _log.warning("library %r: no nightly round: %s", call.library_id, error)
        except Exception:
            # What is wrong with one library keeps no other from its round.
            _log.exception("library %r: no nightly round, by a bug", call.library_id)
        return False

    async def _look(self, call: Call, since: datetime, now: datetime) -> None:
        if not await self._libraries.read(call, lambda r: is_due(r, since, now)):
            return
        settings = await self._resolver.resolved(call)
        if await self._libraries.read(call, lambda reading: has_news(reading, settings)):
            await self._rounds.start_round(call, RoundMode.MISSING)
        else:
            _log.info("library %r: nothing new for a nightly round", call.library_id)


def is_due(reading: Reading, since: datetime, now: datetime) -> bool:
    """Tell whether the nightly time has come after `since` and no round began after it.

    One that failed counts for nothing, such as one that died with its server; three of them
    do, lest a server that dies of it does so again and again.
    """
    settings = reading.state.settings
    if not settings.nightly_time:
        return False
    run = last_run(now, nightly_time=settings.nightly_time, time_zone=settings.time_zone)
    if run <= since:
        return False
    begun = [
        record.state
        for record in reading.state.rounds.values()
        if not record.preview
        and record.start_time is not None
        and run <= record.start_time < now + _STEPPED_BACK
    ]
    return len(begun) < _MOST_FAILURES and set(begun) <= {RoundState.FAILED}


def has_news(reading: Reading, settings: Resolved) -> bool:
    """Tell whether faces came, or any were assigned, since the last round began.

    No clock is asked, as one that was wrong for a while would hide what is new.
    """
    faces = reading.library.faces(settings.pack)
    return any(
        _is_new(reading, face_id)
        for face_id in faces.live_ids()
        if faces.digest_of(faces.row_of(face_id) or 0) == settings.pack_digest
    ) or _assigned_since_last_round(reading)


def _is_new(reading: Reading, face_id: str) -> bool:
    """Tell whether a face waits for its first round; one that is marked as nobody does not."""
    placement = reading.placement(face_id)
    is_open = placement.person_id is None and placement.reason is Reason.NONE
    return is_open and all(mark.person_id for mark in reading.state.marks(face_id))


def _assigned_since_last_round(reading: Reading) -> bool:
    round_id = ""
    for event in _newest_first(reading.library, reading.state.sequence):
        record = event.changes.round
        if event.kind in _ASSIGNING:
            return True
        if record is None:
            continue
        if event.kind is EventKind.ROUND_COMMITTED and not round_id:
            round_id = record.round_id
        # It is written down several times; the first time is before it looks at the faces.
        elif record.round_id == round_id and record.state is RoundState.WAITING:
            return False
    return False


def _newest_first(library: Library, newest: int) -> Iterator[Event]:
    while newest > 0:
        first = max(0, newest - _BATCH)
        yield from reversed(library.events(after=first, limit=newest - first))
        newest = first
