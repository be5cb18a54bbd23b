"""The nightly round of each library."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

from facefolk_server.errors import FacefolkError, RoundRunningError
from facefolk_server.service.call import Call
from facefolk_server.service.libraries import Libraries
from facefolk_server.service.nightly import next_run
from facefolk_server.service.reading import Reading
from facefolk_server.service.rounds import Rounds
from facefolk_server.types import EventKind, RoundMode, RoundState

_log = logging.getLogger(__name__)
_ACTOR = "nightly"
_TICK_SECONDS = 20.0
_BATCH = 1000
_ASSIGNING = frozenset(
    {
        EventKind.FACES_ASSIGNED,
        EventKind.FACES_UNASSIGNED,
        EventKind.FACES_MARKED,
        EventKind.PEOPLE_IMPORTED,
        EventKind.UNDONE,
    }
)


class NightlySchedule:
    """Starts a MISSING round where the nightly time has come and there is something new.

    A clock that jumps forward over the time makes it due at once; one that is set back does
    not make it due twice. A time that passed while no server ran is left out.

    Args:
        clock: The time of now, aware UTC.
        sleep: Waits so many seconds; the schedule looks at the clock after each.
    """

    def __init__(
        self,
        *,
        libraries: Libraries,
        rounds: Rounds,
        clock: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._libraries = libraries
        self._rounds = rounds
        self._clock = clock
        self._sleep = sleep
        self._looked: dict[str, datetime] = {}
        self._fired: dict[str, datetime] = {}

    async def run(self) -> None:
        """Look at the clock until cancelled."""
        while True:
            try:
                await self.tick()
            except FacefolkError as error:
                _log.warning("the nightly rounds were not looked at: %s", error)
            await self._sleep(_TICK_SECONDS)

    async def tick(self) -> None:
        """Start the rounds that are due now."""
        for library_id in await self._libraries.library_ids():
            if await self._is_due(library_id):
                await self._start(Call(library_id=library_id, actor=_ACTOR))

    async def _is_due(self, library_id: str) -> bool:
        settings = await self._libraries.read(
            Call(library_id=library_id), lambda reading: reading.state.settings
        )
        now = self._clock()
        looked = min(self._looked.get(library_id, now), now)
        self._looked[library_id] = now
        if not settings.nightly_time:
            return False
        run = next_run(looked, nightly_time=settings.nightly_time, time_zone=settings.time_zone)
        fired = self._fired.get(library_id)
        if run > now or (fired is not None and run <= fired):
            return False
        self._fired[library_id] = run
        return True

    async def _start(self, call: Call) -> None:
        if not await self._libraries.read(call, has_news):
            _log.info("library %r: nothing new for a nightly round", call.library_id)
            return
        try:
            await self._rounds.start_round(call, RoundMode.MISSING)
        except RoundRunningError:
            _log.info("library %r: a round runs already", call.library_id)


def has_news(reading: Reading) -> bool:
    """Tell whether faces were added or assigned since the last round that succeeded."""
    ended = [
        record.start_time
        for record in reading.state.rounds.values()
        if record.state is RoundState.SUCCEEDED and record.start_time is not None
    ]
    if not ended:
        return any(True for _ in reading.face_ids())
    last = max(ended)
    fresh = (
        frame.face_count > 0 and frame.update_time is not None and frame.update_time > last
        for frame in reading.library.all_frames()
    )
    return any(fresh) or _assigned_since(reading, last)


def _assigned_since(reading: Reading, last: datetime) -> bool:
    after = 0
    while events := reading.library.events(after=after, limit=_BATCH):
        if any(event.kind in _ASSIGNING and event.time > last for event in events):
            return True
        after = events[-1].sequence
    return False
