"""One library with the `bbt` album, and a copy of it for each test to change."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from integration.people.album import (
    ROUND_MODE_ALL,
    TEMPLATE,
    Album,
    folder_of,
    ingest,
)
from integration.servers import ServerFactory, ServerProcess
from integration.wire import Api


@pytest.fixture(scope="session")
def template(
    tmp_path_factory: pytest.TempPathFactory, server_environment: dict[str, str], photos: Path
) -> Path:
    """The folder of a library with the album, gathered into people by one round.

    Its server has stopped: what a server still writes could not be copied.
    """
    factory = ServerFactory(tmp_path_factory.mktemp("template"), server_environment)
    server = factory().start()
    try:
        with server.channel() as channel:
            album = Album(server, Api(channel), TEMPLATE)
            ingest(album.api, photos / "bbt", TEMPLATE)
            album.round(ROUND_MODE_ALL)
        assert server.stop() == 0, server.text
    finally:
        factory.close()
    return folder_of(server, TEMPLATE)


@pytest.fixture(scope="session")
def new_album(server: ServerProcess, template: Path) -> Iterator[Callable[[], Album]]:
    """Makes libraries with the album."""
    numbers = itertools.count()
    with server.channel() as channel:
        api = Api(channel)

        def make() -> Album:
            made = Album(server, api, f"album-{next(numbers)}")
            shutil.copytree(template, folder_of(server, made.library_id))
            return made

        yield make


@pytest.fixture(scope="session")
def seen_album(new_album: Callable[[], Album]) -> Album:
    """A library for tests that only look."""
    return new_album()


@pytest.fixture
def album(new_album: Callable[[], Album]) -> Album:
    """A library of the test's own."""
    return new_album()
