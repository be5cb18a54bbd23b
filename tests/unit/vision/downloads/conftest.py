"""A hub on this machine and fetchers that do not wait."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from facefolk_server.vision.downloads.fetch import Fetcher, FetchPolicy
from unit.vision.downloads.hub_server import Hub, running_hub


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub of the tests is reached without the proxy of this machine."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def web() -> Iterator[Hub]:
    """A hub over HTTP."""
    with running_hub() as hub:
        yield hub


@pytest.fixture
def waits() -> list[float]:
    """How long the fetcher would have waited between attempts, in seconds."""
    return []


@pytest.fixture
def policy() -> FetchPolicy:
    """Time-outs of a test."""
    return FetchPolicy(connect_timeout_seconds=2.0, read_timeout_seconds=0.3)


@pytest.fixture
def fetcher(policy: FetchPolicy, waits: list[float]) -> Fetcher:
    """Notes its waits instead of waiting."""
    return Fetcher(policy, sleep=waits.append)
