from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator

import pytest
from facefolk import AsyncClient, Client
from unit.client.commands import Command
from unit.client.fake_server import FakeServer


@pytest.fixture
def server() -> Iterator[FakeServer]:
    server = FakeServer()
    yield server
    server.stop()


@pytest.fixture
def client(server: FakeServer) -> Iterator[Client]:
    with Client(server.address) as client:
        yield client


@pytest.fixture
async def async_client(server: FakeServer) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(server.address) as client:
        yield client


@pytest.fixture
def facefolk(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Command]:
    """The command, at the fake server; the clocks here are those of Kolkata."""
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    yield Command(("--address", server.address))
    monkeypatch.undo()
    time.tzset()
