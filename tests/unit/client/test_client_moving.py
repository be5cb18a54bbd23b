"""Erasures, exports and imports: nothing half-done is left behind."""

from __future__ import annotations

import io
import stat
from pathlib import Path

import pytest
from facefolk import (
    AsyncClient,
    Client,
    DeadlineError,
    ErasureState,
    ImportFormat,
    InvalidRequestError,
    ServerError,
    UnreadableFileError,
    UsageError,
)
from facefolk import _client as sync_module
from unit.client.fake_server import FakeServer


def test_assets_are_deleted(server: FakeServer, client: Client) -> None:
    deleted = client.delete_assets(["a.jpg", "b.jpg"])
    assert (deleted.erasure_id, deleted.faces_deleted) == ("e1", 2)
    assert list(server.world.requests[-1][1].asset_ids) == ["a.jpg", "b.jpg"]


def test_an_erasure_is_waited_for(
    server: FakeServer, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync_module, "ERASURE_SECONDS", 0.01)
    server.world.pending = 2
    assert client.get_erasure("e1").state is ErasureState.PENDING
    receipt = client.wait_for_erasure("e1")
    assert receipt.state is ErasureState.DONE
    assert (receipt.faces_removed, receipt.backups) == (2, ("monday",))
    assert server.world.calls["GetErasure"] == 3


def test_waiting_for_an_erasure_can_end(server: FakeServer, client: Client) -> None:
    server.world.pending = 9
    with pytest.raises(DeadlineError, match="still pending") as raised:
        client.wait_for_erasure("e1", timeout_seconds=0)
    assert raised.value.reason == "ERASURE_PENDING"


def test_people_are_exported_to_a_file(
    server: FakeServer, client: Client, tmp_path: Path
) -> None:
    told: list[int] = []
    path = tmp_path / "people.arrow"
    path.write_text("what was there before")
    written = client.export_people(path, include_embedding=True, progress=told.append)
    assert path.read_bytes() == server.world.bundle
    assert written == told[-1] == len(server.world.bundle)
    assert len(told) > 3
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_an_export_that_breaks_leaves_no_file(
    server: FakeServer, client: Client, tmp_path: Path
) -> None:
    server.world.bundle_breaks = True
    with pytest.raises(ServerError, match="The disk is broken"):
        client.export_people(tmp_path / "people.arrow")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(UsageError, match="cannot be written"):
        client.export_people(tmp_path / "nowhere" / "people.arrow")


def test_people_are_imported_from_a_file(
    server: FakeServer, client: Client, tmp_path: Path
) -> None:
    path = tmp_path / "people.jsonl"
    path.write_bytes(b"{}" * 500_000)
    told: list[int] = []
    zoo = client.with_options(library_id="zoo")
    done = zoo.import_people(path, form=ImportFormat.JSON_LINES, progress=told.append)
    assert server.world.imported == [("zoo", 2, path.read_bytes())]
    assert (done.people_created, done.faces_assigned) == (2, 5)
    assert done.unmatched == ("Line 3: no face is there.",)
    assert told == [262_144, 524_288, 786_432, 1_000_000]


def test_an_empty_file_is_sent_too(server: FakeServer, client: Client, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    client.import_people(tmp_path / "empty")
    assert server.world.imported == [("", 1, b"")]


def test_an_import_that_is_refused_halfway_says_why(
    server: FakeServer, client: Client, tmp_path: Path
) -> None:
    path = tmp_path / "people.jsonl"
    path.write_bytes(b"x" * (32 << 20))
    server.world.import_limit = 1 << 20
    with pytest.raises(InvalidRequestError, match="Line 2: it is not JSON"):
        client.import_people(path)
    assert server.world.imported == []


class Failing(io.BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise OSError(5, "Input/output error")
        return super().read(4)


def test_a_file_that_cannot_be_read_to_its_end_is_not_imported(
    server: FakeServer, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UnreadableFileError, match="No such file"):
        client.import_people(tmp_path / "missing")
    monkeypatch.setattr(Path, "open", lambda path, mode: Failing(b"people"))
    with pytest.raises(UnreadableFileError, match="Input/output error"):
        client.import_people(tmp_path / "failing")
    assert server.world.imported == []


async def test_the_async_client_does_the_same(
    server: FakeServer, async_client: AsyncClient, tmp_path: Path
) -> None:
    path = tmp_path / "people.arrow"
    assert await async_client.export_people(path) == len(server.world.bundle)
    assert (await async_client.import_people(path)).people_created == 2
    assert server.world.imported == [("", 1, server.world.bundle)]
    assert (await async_client.wait_for_erasure("e1")).people_removed == 1
    server.world.import_limit = 1000
    path.write_bytes(b"x" * (32 << 20))
    with pytest.raises(InvalidRequestError, match="Line 2"):
        await async_client.import_people(path)
