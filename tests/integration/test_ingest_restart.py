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


@pytest.mark.parametrize("way", ["stopped", "killed"])
def test_an_ingestion_survives_a_restart_in_the_middle(
    servers: ServerFactory, album: Path, way: str
) -> None:
    server = servers().start()
    begun = threading.Event()

    def follow(step: IngestProgress) -> None:
        if step.done >= FILES // 6:
            begun.set()

    with Client(server.address) as client, ThreadPoolExecutor(1) as other:
        running = other.submit(client.ingest, [album], progress=follow)
        assert begun.wait(60)
        server.stop() if way == "stopped" else server.kill()
        assert not running.done()
        server.arguments = ("--listen", server.address)
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
