"""An ingestion goes on where the server left off."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from facefolk import Client, IngestProgress, IngestReport
from integration.servers import ServerFactory

pytestmark = pytest.mark.models
FILES = 120


@pytest.fixture
def album(tmp_path: Path, photos: Path) -> Path:
    folder = tmp_path / "album"
    folder.mkdir()
    for source in sorted((photos / "orl").rglob("*.*"))[:FILES]:
        (folder / f"{source.parent.name}-{source.name}").symlink_to(source)
    return folder


def test_an_ingestion_survives_restarts_in_the_middle(
    servers: ServerFactory, album: Path
) -> None:
    """The server is stopped once, and killed later."""
    server = servers().start()
    ways = {server.stop: FILES // 6, server.kill: FILES // 3}
    reached = {way: threading.Event() for way in ways}

    def follow(step: IngestProgress) -> None:
        for way, done in ways.items():
            if step.done >= done:
                reached[way].set()

    with Client(server.address) as client, ThreadPoolExecutor(1) as other:
        running = other.submit(client.ingest, [album], progress=follow)
        server.arguments = ("--listen", server.address)
        for end, begun in reached.items():
            assert begun.wait(60)
            end()
            assert not running.done()
            server.start()
        report = running.result(60)
        assert replace(report, seconds=0, faces=0) == IngestReport(FILES, FILES, 0, [], 0, 0)
        assets = list(client.list_assets())
        assert [asset.asset_id for asset in assets] == sorted(
            path.name for path in album.iterdir()
        )
        assert sum(asset.face_count for asset in assets) == client.get_status().face_count
        again = client.ingest([album])
        assert (again.submitted, again.skipped) == (0, FILES)
    assert server.stop() == 0
