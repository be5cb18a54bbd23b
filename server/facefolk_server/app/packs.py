"""Packs for the use cases, out of their table, the model store and the pipelines."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from facefolk_server.errors import UnavailableError
from facefolk_server.service.packs import (
    ModelStatus,
    PackDescription,
    PackSource,
    PullProgress,
)
from facefolk_server.settings import Settings
from facefolk_server.vision.choosing import (
    PROVIDERS,
    Choice,
    MeasuredSessions,
    PinnedSessions,
    Sessions,
)
from facefolk_server.vision.downloads.auto import resolve_auto
from facefolk_server.vision.downloads.model_store import ModelStore
from facefolk_server.vision.downloads.pip_configuration import read_pip_configuration
from facefolk_server.vision.downloads.progress import Progress
from facefolk_server.vision.guard import GuardOptions
from facefolk_server.vision.images import ImageLimits
from facefolk_server.vision.loading import LoadOptions, load_pipeline
from facefolk_server.vision.packs import AUTO, PackEntry, PackTable, load_packs
from facefolk_server.vision.pipeline import Pipeline, PipelineOptions
from facefolk_server.vision.session import Provider, SessionFactory
from facefolk_server.vision.small import SmallRecognizers

_COMPILED, _MEASURED = "compiled", "measured"

_logger = logging.getLogger(__name__)


class ManagedPacks(PackSource, Protocol):
    """A source of packs that can be told to stop fetching."""

    def close(self) -> None:
        """Stop what is being fetched."""


PackFactory = Callable[[Settings], ManagedPacks]


@dataclass(frozen=True, slots=True)
class Devices:
    """How sessions and pipelines are built; `wanted` is the device that was asked for."""

    sessions: Sessions
    options: LoadOptions
    wanted: str


class ModelPacks:
    """The packs that this machine knows; blocking and thread-safe.

    `preferred` is the pack at the first start, or `auto`.
    """

    def __init__(
        self,
        store: ModelStore,
        table: PackTable,
        *,
        devices: Devices,
        preferred: str = AUTO,
    ) -> None:
        self._store = store
        self._table = table
        self._devices = devices
        self._preferred = preferred
        self._loaded: dict[str, Pipeline] = {}
        self._choices: dict[str, Choice] = {}
        self._notes: dict[str, str] = {}
        self._small = SmallRecognizers(store)
        self._lock = threading.Lock()
        self._closed = threading.Event()

    def describe(self) -> Sequence[PackDescription]:
        """List the packs that are known."""
        return [self._describe(entry) for entry in self._table]

    def choose(self) -> str:
        """Return the preferred pack; for `auto` the first one whose files can be had.

        Raises:
            ModelUnavailableError: None can be had.
            PackNotFoundError: The preferred pack is not known.
        """
        if self._preferred != AUTO:
            return self._table.get(self._preferred).name
        return resolve_auto(self._store, self._table, progress=self._follow()).name

    def load(self, name: str) -> Pipeline:
        """Return the pack's pipeline, compiled and self-tested.

        Raises:
            LicenseError: Its license has to be acknowledged first.
            ModelUnavailableError: Its files are not to be had.
        """
        entry = self._table.get(name)
        files = self._store.ensure(entry, progress=self._follow())
        with self._lock:
            recognizer = self._small.of(entry, files)
            pack, models = entry.pack(), (files.detector, recognizer.path)
            sessions, choice = self._devices.sessions.of(pack, *models)
            pipeline = load_pipeline(
                pack, *models, sessions=sessions, options=self._devices.options
            )
            self._loaded[name], self._choices[name] = pipeline, choice
            self._notes[name] = recognizer.note
        return pipeline

    def choice(self, name: str) -> Choice:
        """Tell with which sessions a loaded pack runs, and why."""
        return self._choices[name]

    def note(self, name: str) -> str:
        """Tell what is to be said of the files of a loaded pack; "" where nothing is."""
        return self._notes[name]

    def pull(self, name: str, progress: Callable[[PullProgress], None]) -> None:
        """Fetch the files of a pack; `auto` is the one that would be chosen.

        Raises:
            LicenseError: Its license has to be acknowledged first.
            ModelUnavailableError: Its files are not to be had.
        """
        if name == AUTO:
            resolve_auto(self._store, self._table, progress=self._follow(progress))
        else:
            self._store.ensure(self._table.get(name), progress=self._follow(progress))

    def models(self) -> Sequence[ModelStatus]:
        """List the models that are loaded and where they run."""
        loaded = dict(self._loaded)
        return [
            ModelStatus(
                name=f"{name}/{status.model}",
                device_wanted=self._devices.wanted,
                device=status.device,
                self_test_passed=not status.quarantined,
                quarantine_reason=status.quarantined,
            )
            for name, pipeline in loaded.items()
            for status in pipeline.devices()
        ]

    def close(self) -> None:
        """Stop what is being fetched."""
        self._closed.set()

    def _describe(self, entry: PackEntry) -> PackDescription:
        status = self._store.status(entry)
        return PackDescription(
            name=entry.name,
            detector=entry.detector.decoder,
            recognizer=entry.embedder_file.name,
            license=entry.license,
            non_commercial=entry.noncommercial,
            embedding_length=entry.embedder.dimension,
            recommended_distance=entry.recommended_distance,
            recommended_score=entry.recommended_min_score,
            installed=status.installed,
            download_bytes=status.download_bytes or 0,
            digest=entry.digest,
            license_acknowledged=status.license_acknowledged,
            guard_distance=entry.guard_distance,
        )

    def _follow(
        self, progress: Callable[[PullProgress], None] | None = None
    ) -> Callable[[Progress], None]:
        """Return a callback that passes progress on, logs it, and stops when closed."""
        stages: set[tuple[str, str]] = set()

        def follow(step: Progress) -> None:
            if self._closed.is_set():
                raise UnavailableError("The server is stopping.")
            if (step.file, step.stage) not in stages:
                stages.add((step.file, step.stage))
                _logger.info("model file %s: %s", step.file, step.stage)
            if progress is not None:
                progress(PullProgress(step.file, step.done_bytes, step.total_bytes or 0))

        return follow


def model_packs(settings: Settings) -> ModelPacks:
    """Return the packs of this machine, as the settings say.

    Raises:
        InvalidRequestError: A file with packs of one's own is malformed.
    """
    store = ModelStore(
        settings.cache_dir,
        mirror=settings.model_mirror,
        accept_noncommercial=settings.accept_noncommercial,
        indexes=read_pip_configuration(),
    )
    options = LoadOptions(
        pipeline=PipelineOptions(limits=image_limits(settings)),
        guard=GuardOptions(require_device=settings.require_device),
    )
    return ModelPacks(
        store,
        PackTable(load_packs(settings.packs), mirrored=settings.mirrored),
        devices=Devices(_sessions(settings), options, settings.device),
        preferred=settings.pack,
    )


def _sessions(settings: Settings) -> Sessions:
    def built(provider: Provider) -> SessionFactory:
        return SessionFactory(
            device=settings.device,
            precision=settings.precision,
            provider=provider,
            cache_dir=settings.cache_dir / _COMPILED,
            streams=worker_threads(settings),
        )

    openvino = built("openvino")
    if openvino.device != "CPU" or settings.precision != "f32":
        return PinnedSessions(openvino, reason="it alone has this device and precision")
    if settings.provider != "auto":
        return PinnedSessions(built(settings.provider), reason="a setting says so")
    folder = settings.cache_dir / _MEASURED
    return MeasuredSessions([built(provider) for provider in PROVIDERS], folder=folder)


def worker_threads(settings: Settings) -> int:
    """Return how many images are worked on at once."""
    return settings.worker_threads or len(os.sched_getaffinity(0))


def image_limits(settings: Settings) -> ImageLimits:
    """Return what an image may be at most."""
    return ImageLimits(max_bytes=settings.max_image_bytes, max_pixels=settings.max_image_pixels)
