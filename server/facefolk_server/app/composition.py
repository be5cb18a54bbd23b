"""Puts the layers together."""

from __future__ import annotations

import asyncio
import logging
import platform
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import metadata

from threadpoolctl import threadpool_limits

from facefolk_server.app.packs import ManagedPacks, image_limits, worker_threads
from facefolk_server.app.presence import Presence
from facefolk_server.clustering import Neighbors
from facefolk_server.rpc.readiness import Services, cancelled
from facefolk_server.service.admin import Admin, ServerFacts
from facefolk_server.service.assets import Assets
from facefolk_server.service.budget import AdmissionBudget
from facefolk_server.service.call import Call
from facefolk_server.service.erasure import Erasure
from facefolk_server.service.explaining import Explanations
from facefolk_server.service.faces import Faces
from facefolk_server.service.frames.writer import FrameWriter
from facefolk_server.service.gate import IngestionGate
from facefolk_server.service.hands import Hands
from facefolk_server.service.history import History
from facefolk_server.service.images import ImageDesk
from facefolk_server.service.libraries import Libraries
from facefolk_server.service.moving.moving import Moving
from facefolk_server.service.packs import Packs
from facefolk_server.service.people import People
from facefolk_server.service.recognition import Recognition
from facefolk_server.service.resolver import Resolver
from facefolk_server.service.round_ledger import RoundLedger
from facefolk_server.service.rounds import RoundMeans, Rounds, RoundTimes
from facefolk_server.service.schedule import NightlySchedule
from facefolk_server.service.search import Search
from facefolk_server.service.suggestions.desk import Suggestions
from facefolk_server.service.workers import WorkerPool
from facefolk_server.settings import Settings
from facefolk_server.store import Store
from facefolk_server.vision.byte_products import tried_multiplier
from facefolk_server.vision.images import read_header

_STORE_THREADS = 8
_PACK_THREADS = 2
_ROUND_THREADS = 2
# As many renewals may be missed as fit in before a lease runs out.
_LEASE_SECONDS = 60.0
_LIBRARIES = ("grpcio", "lancedb", "numpy", "onnxruntime-openvino", "protobuf", "pyarrow")

_logger = logging.getLogger(__name__)


class StorePin:
    """The server-wide choice of `auto`, kept in the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def read(self) -> str | None:
        """Return the name, None before the choice."""
        return self._store.read_pin()

    def write(self, name: str, digest: str) -> str:
        """Keep the choice and return the one that holds."""
        return self._store.write_pin(name, digest)


@dataclass(frozen=True, slots=True)
class Pools:
    """The threads: for images, for the store, for loading packs, for computing rounds."""

    images: WorkerPool
    store: WorkerPool
    packs: WorkerPool
    rounds: WorkerPool

    def close(self) -> None:
        """Return when what runs has ended; blocking."""
        for pool in (self.images, self.rounds, self.packs, self.store):
            pool.close()


class Composition:
    """Everything behind the wire, over one open store."""

    def __init__(
        self, settings: Settings, *, store: Store, presence: Presence, packs: ManagedPacks
    ) -> None:
        self._store = store
        self._presence = presence
        self._pools = Pools(
            images=WorkerPool("image", workers=worker_threads(settings)),
            store=WorkerPool("store", workers=_STORE_THREADS),
            packs=WorkerPool("pack", workers=_PACK_THREADS),
            rounds=WorkerPool("round", workers=_ROUND_THREADS),
        )
        self._libraries = Libraries(store, workers=self._pools.store)
        self._packs = Packs(packs, pin=StorePin(store), workers=self._pools.packs)
        self._resolver = Resolver(self._libraries, self._packs)
        self.services = self._services(settings)
        self._schedule = NightlySchedule(
            libraries=self._libraries,
            resolver=self._resolver,
            rounds=self.services.rounds,
            clock=_now,
        )
        self._background: tuple[asyncio.Task[None], ...] = ()

    async def warm_up(self) -> None:
        """Load the pack in use, write down which rounds died, and look for nightly ones.

        Raises:
            ModelUnavailableError: The pack in use cannot be had.
            LicenseError: Its license has to be acknowledged.
            StorageError: The store cannot be read or written.
        """
        await self._bury_rounds()
        ready = await self._resolver.ready(Call())
        _logger.info("pack %s is in use", ready.pipeline.pack.name)
        for model in await self._packs.models():
            _logger.info("model %s runs on %s", model.name, model.device)
        self._background = (
            asyncio.create_task(self._schedule.run(), name="the nightly schedule"),
            asyncio.create_task(self.services.erasure.run(), name="erasing"),
        )
        for task in self._background:
            task.add_done_callback(_log_death)

    async def close(self) -> None:
        """Stop rounds, wait for what runs, and close the store."""
        await cancelled(*self._background)
        await self.services.rounds.close()
        await asyncio.to_thread(self._pools.close)
        await asyncio.to_thread(self._store.close)
        self._presence.close()

    async def _bury_rounds(self) -> None:
        ledger = self._ledger(exclusive=await asyncio.to_thread(self._presence.alone))
        for library_id in await self._libraries.library_ids():
            await ledger.bury(Call(library_id=library_id, actor="facefolk"))
        await asyncio.to_thread(self._presence.share)

    def _ledger(self, *, exclusive: bool) -> RoundLedger:
        return RoundLedger(
            self._libraries,
            holder=f"{platform.node()}:{uuid.uuid4().hex}",
            lease_seconds=_LEASE_SECONDS,
            clock=_now,
            exclusive=exclusive,
        )

    def _services(self, settings: Settings) -> Services:
        libraries, resolver, gate = self._libraries, self._resolver, IngestionGate()
        budget = AdmissionBudget(
            max_bytes=settings.budget_bytes,
            max_pixels=settings.budget_pixels,
            max_requests=settings.budget_requests,
        )
        desk = ImageDesk(
            budget=budget,
            workers=self._pools.images,
            read_header=partial(read_header, limits=image_limits(settings)),
        )
        writer = FrameWriter(libraries, clock=_now)
        return Services(
            recognition=Recognition(
                libraries=libraries,
                resolver=resolver,
                desk=desk,
                writer=writer,
                gate=gate,
            ),
            search=Search(libraries=libraries, resolver=resolver, desk=desk),
            assets=Assets(libraries, resolver),
            people=People(libraries, clock=_now),
            faces=Faces(libraries),
            hands=Hands(libraries, clock=_now),
            history=History(libraries, clock=_now),
            explanations=Explanations(libraries, resolver),
            suggestions=Suggestions(libraries, resolver, clock=_now),
            rounds=self._rounds(settings, gate),
            erasure=Erasure(
                libraries,
                writer=writer,
                clock=_now,
                wait=timedelta(seconds=settings.erasure_wait_seconds),
            ),
            moving=Moving(libraries, resolver=resolver, writer=writer, clock=_now),
            admin=Admin(libraries=libraries, packs=self._packs, budget=budget, facts=_facts()),
            gate=gate,
        )

    def _rounds(self, settings: Settings, gate: IngestionGate) -> Rounds:
        return Rounds(
            libraries=self._libraries,
            resolver=self._resolver,
            ledger=self._ledger(exclusive=False),
            gate=gate,
            workers=self._pools.rounds,
            clock=_now,
            times=RoundTimes(
                quiet_seconds=settings.quiet_seconds,
                max_wait_seconds=settings.max_wait_seconds,
            ),
            means=RoundMeans(
                worker_threads(settings), Neighbors(settings.neighbors), tried_multiplier
            ),
        )


async def compose(settings: Settings, packs: ManagedPacks) -> Composition:
    """Open the store and build everything over it.

    Raises:
        StorageError: The store cannot be opened.
    """
    # Products are made in threads of ours, as many as pay; those of BLAS would be too many.
    threadpool_limits(limits=1, user_api="blas")
    presence = Presence(settings.data)
    try:
        store = await asyncio.to_thread(
            Store.open, settings.data, durability=settings.durability
        )
    except BaseException:
        presence.close()
        raise
    return Composition(settings, store=store, presence=presence, packs=packs)


def _log_death(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _logger.error("%s ended by a bug", task.get_name(), exc_info=error)


def _facts() -> ServerFacts:
    return ServerFacts(
        version=metadata.version("facefolk"),
        library_versions={name: metadata.version(name) for name in _LIBRARIES},
        start_time=_now(),
    )


def _now() -> datetime:
    return datetime.now(UTC)
