"""Real servers with real models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from integration.servers import ServerFactory, ServerProcess


@pytest.fixture(scope="session")
def server_environment(hub: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The real `open` pack out of the mirror, and a cache that all tests share."""
    return {
        "FACEFOLK_MODEL_MIRROR": str(hub),
        "FACEFOLK_CACHE_DIR": str(tmp_path_factory.mktemp("cache")),
        "FACEFOLK_PACK": "open",
        "FACEFOLK_DEVICE": "CPU",
        "FACEFOLK_PROVIDER": "onnxruntime",
        "FACEFOLK_DURABILITY": "process",
        "FACEFOLK_QUIET_SECONDS": "0",
    }


@pytest.fixture
def servers(tmp_path: Path, server_environment: dict[str, str]) -> Iterator[ServerFactory]:
    """Makes servers of a test's own."""
    factory = ServerFactory(tmp_path, server_environment)
    yield factory
    factory.close()


@pytest.fixture(scope="session")
def server(
    tmp_path_factory: pytest.TempPathFactory, server_environment: dict[str, str]
) -> Iterator[ServerProcess]:
    """One running server, which tests that only read or use their own library share."""
    factory = ServerFactory(tmp_path_factory.mktemp("server"), server_environment)
    started = factory().start()
    yield started
    status = started.stop()
    factory.close()
    assert status == 0, started.text


@pytest.fixture
def channel(server: ServerProcess) -> Iterator[grpc.Channel]:
    """A channel to the shared server."""
    with server.channel() as opened:
        yield opened
