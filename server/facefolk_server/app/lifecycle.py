"""A server from its start to its end."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable

from facefolk_server.app.composition import Composition, compose
from facefolk_server.app.packs import ManagedPacks, PackFactory, model_packs
from facefolk_server.app.preflight import exposure, prepare_data_directory
from facefolk_server.app.transport import Transport
from facefolk_server.rpc.readiness import Readiness, cancelled
from facefolk_server.settings import Settings

_SIGNALS = (signal.SIGTERM, signal.SIGINT)

_logger = logging.getLogger(__name__)


class Server:
    """One server: the port opens first, then models load, then it serves; at last it drains.

    `make_packs` says where packs come from.
    """

    def __init__(self, settings: Settings, *, make_packs: PackFactory = model_packs) -> None:
        self._settings = settings
        self._make_packs = make_packs
        self._readiness = Readiness()
        self._transport: Transport | None = None
        self._packs: ManagedPacks | None = None
        self._composition: Composition | None = None

    @property
    def address(self) -> str:
        """`HOST:PORT` as it was found."""
        if self._transport is None:
            raise RuntimeError("the server has not been opened")
        return self._transport.address

    async def open(self) -> None:
        """Listen; calls are answered UNAVAILABLE until `load` is done.

        Raises:
            PreconditionError: The data directory or the address cannot be used.
        """
        prepare_data_directory(self._settings.data)
        if told := exposure(self._settings.data):
            _logger.warning("%s", told)
        self._transport = Transport(self._settings, self._readiness)
        await self._transport.start()
        _logger.info("starting on %s", self.address)

    async def load(self) -> None:
        """Open the store, load the models, recover rounds, then serve.

        Raises:
            StorageError: The store cannot be opened.
            ModelUnavailableError: The pack in use cannot be had.
            LicenseError: Its license has to be acknowledged.
        """
        self._packs = await asyncio.to_thread(self._make_packs, self._settings)
        self._composition = await compose(self._settings, self._packs)
        await self._composition.warm_up()
        self._readiness.begin(self._composition.services)
        if self._transport is not None:
            await self._transport.serving()
        _logger.info("serving on %s", self.address)

    def stop_fetching(self) -> None:
        """Give up models that are being fetched."""
        if self._packs is not None:
            self._packs.close()

    async def close(self) -> None:
        """Let running calls finish within the time of the settings, and close everything."""
        self.stop_fetching()
        if self._transport is not None:
            _logger.info("draining")
            await self._transport.stop(grace_seconds=self._settings.drain_seconds)
        if self._composition is not None:
            await self._composition.close()
        if self._transport is not None:
            _logger.info("stopped")


async def run(settings: Settings, *, announce: Callable[[str], None]) -> None:
    """Serve until a signal says to stop; a second signal ends the process at once.

    `announce` is told the one line that says where the server listens, once it serves.

    Raises:
        FacefolkError: The server cannot start; the message says why and what to do.
    """
    server = Server(settings)
    stop = asyncio.create_task(_first_signal().wait())
    try:
        await server.open()
        loading = asyncio.create_task(server.load())
        await asyncio.wait({loading, stop}, return_when=asyncio.FIRST_COMPLETED)
        if loading.done():
            loading.result()
            announce(f"listening on {server.address}")
            await stop
        else:
            server.stop_fetching()
            await cancelled(loading)
    finally:
        await cancelled(stop)
        await server.close()


def _first_signal() -> asyncio.Event:
    told = asyncio.Event()

    def on_signal(number: int) -> None:
        if told.is_set():
            os._exit(128 + number)
        told.set()

    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, on_signal, number)
    return told
