"""Puts the layers together."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable

from facefolk_server.app.packs import Devices, ModelPacks
from facefolk_server.service.packs import PackSource
from facefolk_server.settings import Settings
from facefolk_server.store import Store
from facefolk_server.vision.downloads.model_store import ModelStore
from facefolk_server.vision.downloads.pip_configuration import read_pip_configuration
from facefolk_server.vision.guard import GuardOptions
from facefolk_server.vision.images import ImageLimits
from facefolk_server.vision.loading import LoadOptions
from facefolk_server.vision.packs import PackTable, load_packs
from facefolk_server.vision.pipeline import PipelineOptions
from facefolk_server.vision.session import SessionFactory

_STORE_THREADS = 8
_PACK_THREADS = 2
_COMPILED = "compiled"

_logger = logging.getLogger(__name__)


class ManagedPacks(PackSource, Protocol):
    """A source of packs that can be told to stop fetching."""

    def close(self) -> None:
        """Stop what is being fetched."""


PackFactory = Callable[[Settings], ManagedPacks]


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
    sessions = SessionFactory(
        device=settings.device,
        precision=settings.precision,
        cache_dir=settings.cache_dir / _COMPILED,
        streams=worker_threads(settings),
    )
    options = LoadOptions(
        pipeline=PipelineOptions(limits=image_limits(settings)),
        guard=GuardOptions(require_device=settings.require_device),
    )
    return ModelPacks(
        store,
        PackTable(load_packs(settings.packs)),
        devices=Devices(sessions, options),
        preferred=settings.pack,
    )


def worker_threads(settings: Settings) -> int:
    """Return how many images are worked on at once."""
    return settings.worker_threads or len(os.sched_getaffinity(0))


def image_limits(settings: Settings) -> ImageLimits:
    """Return what an image may be at most."""
    return ImageLimits(max_bytes=settings.max_image_bytes, max_pixels=settings.max_image_pixels)


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
