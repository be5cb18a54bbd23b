"""Settings, packs and the state of the server."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from facefolk_server.errors import CancelledError
from facefolk_server.service.advice import advise
from facefolk_server.service.budget import AdmissionBudget
from facefolk_server.service.call import Call
from facefolk_server.service.libraries import Libraries
from facefolk_server.service.packs import ModelStatus, PackDescription, Packs, PullProgress
from facefolk_server.service.paging import Page, PageRequest, take_page
from facefolk_server.service.people import check_etag
from facefolk_server.service.reading import Reading, etag_of
from facefolk_server.service.round_ledger import ACTIVE
from facefolk_server.service.settings_update import SettingsFields, new_values
from facefolk_server.store import Draft
from facefolk_server.types import (
    Changes,
    EventKind,
    RecognitionSettings,
    RoundRecord,
    SettingsChange,
)

__all__ = [
    "Admin",
    "PackView",
    "PullStep",
    "ServerFacts",
    "ServerStatus",
    "SettingsFields",
    "SettingsView",
    "TableStatus",
]


_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SettingsView:
    """The settings with the name of the pack in place of "auto", and their etag.

    None in `settings` still means the pack's own value.
    """

    settings: RecognitionSettings
    etag: str
    advice: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PackView:
    """A pack and whether it is the one in use."""

    description: PackDescription
    active: bool


@dataclass(frozen=True, slots=True)
class PullStep:
    """One step of fetching a pack; `pack` is set in the last one."""

    progress: PullProgress | None
    pack: PackView | None = None


@dataclass(frozen=True, slots=True)
class TableStatus:
    """One table of the store; `size_bytes` is 0 where it is not known."""

    name: str
    rows: int
    version: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What does not change while a server runs."""

    version: str
    library_versions: Mapping[str, str]
    start_time: datetime
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """What an operator wants to know."""

    version: str
    library_versions: Mapping[str, str]
    start_time: datetime
    pack: PackView
    models: tuple[ModelStatus, ...]
    tables: tuple[TableStatus, ...]
    requests_in_flight: int
    bytes_in_flight: int
    writes_queued: int
    face_count: int
    person_count: int
    unassigned_face_count: int
    round: RoundRecord | None
    warnings: tuple[str, ...]


class Admin:
    """The calls of an operator."""

    def __init__(
        self,
        *,
        libraries: Libraries,
        packs: Packs,
        budget: AdmissionBudget,
        facts: ServerFacts,
    ) -> None:
        self._libraries = libraries
        self._packs = packs
        self._budget = budget
        self._facts = facts

    async def get_settings(self, call: Call) -> SettingsView:
        """Answer the recognition settings of a library, with advice on them."""
        settings = await self._libraries.read(call, lambda reading: reading.state.settings)
        return await self._view(settings)

    async def update_settings(
        self,
        call: Call,
        fields: SettingsFields,
        *,
        mask: Sequence[str] | None = None,
        etag: str = "",
    ) -> SettingsView:
        """Change those settings that the mask names, with advice where a value is unusual.

        No mask names those that are not zero, "*" names all. A round that runs keeps the
        settings it began with. The advice is logged, too.

        Raises:
            InvalidRequestError: A value cannot be, or the mask names what is no field.
            PackNotFoundError: No pack of this name is known.
            LicenseError: The pack's license has to be acknowledged first.
            ConflictError: The etag is not the current one.
        """
        values = new_values(fields, mask)
        if "pack" in values:
            await self._packs.check_usable(str(values["pack"]))

        def decide(reading: Reading) -> Draft | None:
            before = reading.state.settings
            check_etag(etag, etag_of(before.revision))
            after = replace(before, **values)  # type: ignore[arg-type]
            if after == before:
                return None
            changes = Changes(settings=SettingsChange(before, after))
            return Draft(EventKind.SETTINGS_UPDATED, changes)

        changed = await self._libraries.change(call, EventKind.SETTINGS_UPDATED, decide)
        view = await self.get_settings(call)
        for sentence in view.advice if changed else ():
            _log.warning("settings of library %r: %s", call.library_id, sentence)
        return view

    async def list_packs(self, call: Call, page: PageRequest) -> Page[PackView]:
        """List the packs that are known, by name.

        Raises:
            InvalidRequestError: The page is not one of this list.
        """
        active = await self._active(call)
        views = [
            PackView(description, description.name == active)
            for description in await self._packs.describe()
        ]
        return take_page(
            views,
            page,
            key=lambda view: (view.description.name,),
            query=("packs", call.library_id),
        )

    async def pull_pack(self, call: Call, pack: str) -> AsyncIterator[PullStep]:
        """Fetch the files of a pack, telling each step; "auto" is what it would become.

        Whoever stops listening stops the fetching; what is here is kept for the next time.

        Raises:
            PackNotFoundError: No pack of this name is known.
            LicenseError: Its license has to be acknowledged first.
            ModelUnavailableError: Its files are not to be had.
        """
        name = (await self._packs.get(pack)).name
        steps: asyncio.Queue[PullProgress | None] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        stopped = False

        def progress(step: PullProgress) -> None:
            if stopped:
                raise CancelledError("The caller stopped listening.")
            loop.call_soon_threadsafe(steps.put_nowait, step)

        pulling = asyncio.create_task(self._packs.pull(name, progress))

        def ended(task: asyncio.Task[None]) -> None:
            steps.put_nowait(None)
            if not task.cancelled():
                task.exception()  # looked at, for a caller who stopped listening

        pulling.add_done_callback(ended)
        try:
            while (step := await steps.get()) is not None:
                yield PullStep(step)
            await pulling
        finally:
            stopped = True
        description = await self._packs.get(name)
        active = await self._active(call)
        yield PullStep(None, PackView(description, name == active))

    async def status(self, call: Call) -> ServerStatus:
        """Tell versions, devices, self-tests, tables and queues."""
        settings = await self._libraries.read(call, lambda reading: reading.state.settings)
        pack = PackView(await self._packs.of(settings), active=True)
        store = await self._libraries.status()
        counts = await self._libraries.read(call, _count)
        load = self._budget.load
        facts = self._facts
        return ServerStatus(
            version=facts.version,
            library_versions=facts.library_versions,
            start_time=facts.start_time,
            pack=pack,
            models=await self._packs.models(),
            tables=tuple(
                TableStatus(table.name, table.rows, table.version, table.size_bytes)
                for table in store.tables
            ),
            requests_in_flight=load.requests,
            bytes_in_flight=load.bytes,
            writes_queued=store.writes_queued,
            face_count=counts.faces,
            person_count=counts.people,
            unassigned_face_count=counts.unassigned,
            round=counts.round,
            warnings=(
                *facts.warnings,
                *_about_models(await self._packs.models()),
                *store.failures,
            ),
        )

    async def _view(self, settings: RecognitionSettings) -> SettingsView:
        pack = await self._packs.of(settings)
        advice = advise(
            settings,
            recommended_score=pack.recommended_score,
            recommended_distance=pack.recommended_distance,
        )
        return SettingsView(
            replace(settings, pack=pack.name), etag_of(settings.revision), advice
        )

    async def _active(self, call: Call) -> str:
        settings = await self._libraries.read(call, lambda reading: reading.state.settings)
        return await self._packs.name(settings.pack)


@dataclass(frozen=True, slots=True)
class _Counts:
    faces: int
    people: int
    unassigned: int
    round: RoundRecord | None


def _count(reading: Reading) -> _Counts:
    faces = sum(table.count for table in reading.tables)
    state = reading.state
    running = (record for record in state.rounds.values() if record.state in ACTIVE)
    return _Counts(faces, len(state.people), faces - state.placed, next(running, None))


def _about_models(models: Sequence[ModelStatus]) -> list[str]:
    return [
        f"Model {model.name} was moved from {model.device_wanted} to {model.device}: "
        f"{model.quarantine_reason}"
        for model in models
        if model.quarantine_reason
    ]
