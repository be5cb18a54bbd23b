"""Which pack a library uses, and the pipelines that run it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from facefolk_server.errors import LicenseError, PackNotFoundError
from facefolk_server.service.pipelines import Pipeline
from facefolk_server.service.workers import WorkerPool
from facefolk_server.types import RecognitionSettings

AUTO = "auto"


@dataclass(frozen=True, slots=True)
class PackDescription:
    """A pack as it is listed; `download_bytes` is 0 where it is not known."""

    name: str
    detector: str
    recognizer: str
    license: str
    non_commercial: bool
    embedding_length: int
    recommended_distance: float
    recommended_score: float
    installed: bool
    download_bytes: int
    digest: str
    license_acknowledged: bool
    guard_distance: float | None = None


@dataclass(frozen=True, slots=True)
class PullProgress:
    """How much of a file is here; `bytes_total` is 0 where it is not known."""

    file: str
    bytes_done: int
    bytes_total: int


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """A loaded model and the device it runs on."""

    name: str
    device_wanted: str
    device: str
    self_test_passed: bool
    quarantine_reason: str = ""


class PackSource(Protocol):
    """Where packs come from; blocking and safe to call from several threads."""

    def describe(self) -> Sequence[PackDescription]:
        """List the packs that are known."""

    def choose(self) -> str:
        """Return the pack that `auto` becomes on this machine."""

    def load(self, name: str) -> Pipeline:
        """Make the pack ready, fetching its files where they are not here.

        Raises:
            LicenseError: Its license has to be acknowledged first.
            ModelUnavailableError: Its files are not to be had.
        """

    def pull(self, name: str, progress: Callable[[PullProgress], None]) -> None:
        """Fetch the files of a pack. `progress` may raise to stop it.

        Raises:
            LicenseError: Its license has to be acknowledged first.
            ModelUnavailableError: Its files are not to be had.
        """

    def models(self) -> Sequence[ModelStatus]:
        """List the models that are loaded."""


class PackPin(Protocol):
    """The server-wide choice of `auto`, made once; the store keeps it. Blocking."""

    def read(self) -> str | None:
        """Return the name, None before the choice."""

    def write(self, name: str, digest: str) -> str:
        """Keep the choice and return the one that holds, which another server may have made."""


class Packs:
    """Resolves names of packs and keeps their pipelines, each loaded once."""

    def __init__(self, source: PackSource, *, pin: PackPin, workers: WorkerPool) -> None:
        self._source = source
        self._pin = pin
        self._workers = workers
        self._pipelines: dict[str, asyncio.Task[Pipeline]] = {}
        self._pinned: str | None = None

    async def describe(self) -> tuple[PackDescription, ...]:
        """List the packs that are known."""
        return tuple(await self._workers.run(self._source.describe))

    async def models(self) -> tuple[ModelStatus, ...]:
        """List the models that are loaded."""
        return tuple(await self._workers.run(self._source.models))

    async def name(self, pack: str) -> str:
        """Return the name of a pack; `auto` is what was pinned, chosen now if nothing was."""
        if pack != AUTO:
            return pack
        if self._pinned is not None:
            return self._pinned
        return await self._workers.run(self._resolve_auto)

    async def get(self, pack: str) -> PackDescription:
        """Return the description of a pack.

        Raises:
            PackNotFoundError: No pack of this name is known.
        """
        name = await self.name(pack)
        return await self._workers.run(lambda: self._find(name))

    async def of(self, settings: RecognitionSettings) -> PackDescription:
        """Return the pack that a library uses."""
        return await self.get(settings.pack)

    async def check_usable(self, pack: str) -> None:
        """Make sure that a pack may be chosen; its files may still have to be fetched.

        Raises:
            PackNotFoundError: No pack of this name is known.
            LicenseError: Its license has to be acknowledged first.
        """
        if pack == AUTO:
            return
        description = await self.get(pack)
        if not description.license_acknowledged:
            raise LicenseError(
                f"Pack {pack} may be used for non-commercial purposes only "
                f"({description.license}): acknowledge that in the server's settings first.",
                pack=pack,
                license=description.license,
            )

    async def pull(self, name: str, progress: Callable[[PullProgress], None]) -> None:
        """Fetch the files of a pack; `progress` is called in a thread and may raise to stop.

        Raises:
            LicenseError: Its license has to be acknowledged first.
            ModelUnavailableError: Its files are not to be had.
        """
        await self._workers.run(lambda: self._source.pull(name, progress))

    async def pipeline(self, name: str) -> Pipeline:
        """Return the pipeline of a pack, loading it where that was not done yet.

        Raises:
            PackNotFoundError: No pack of this name is known.
            LicenseError: Its license has to be acknowledged first.
            ModelUnavailableError: Its files are not to be had.
        """
        loading = self._pipelines.get(name)
        if loading is None or (loading.done() and not _succeeded(loading)):
            loading = asyncio.create_task(self._load(name))
            self._pipelines[name] = loading
        # Whoever goes away must not stop the loading that others wait for.
        return await asyncio.shield(loading)

    async def _load(self, name: str) -> Pipeline:
        await self.get(name)
        return await self._workers.run(lambda: self._source.load(name))

    def _find(self, name: str) -> PackDescription:
        for description in self._source.describe():
            if description.name == name:
                return description
        raise PackNotFoundError(
            f"No pack is named {name!r}: ListPacks tells which there are.", pack=name
        )

    def _resolve_auto(self) -> str:
        found = self._pin.read()
        if found is None:
            chosen = self._source.choose()
            found = self._pin.write(chosen, self._find(chosen).digest)
        self._pinned = found
        return found


def _succeeded(task: asyncio.Task[Pipeline]) -> bool:
    return not task.cancelled() and task.exception() is None
