"""One library with the `bbt` album, and a copy of it for each test to change."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from integration.people.album import (
    ROUND_MODE_ALL,
    TEMPLATE,
    Album,
    copy_template,
    ingest,
)
from integration.servers import ServerProcess
from integration.wire import Api


@pytest.fixture(scope="session")
def new_album(server: ServerProcess, photos: Path) -> Iterator[Callable[[], Album]]:
    """Makes libraries with the album, gathered into people by one round.

    Copies of a library that was ingested once and that nobody touches.
    """
    numbers = itertools.count()
    with server.channel() as channel:
        api = Api(channel)
        ingest(api, photos / "bbt", TEMPLATE)

        def make() -> Album:
            made = Album(server, api, f"album-{next(numbers)}")
            copy_template(server.data, made.library_id)
            made.round(ROUND_MODE_ALL)
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
