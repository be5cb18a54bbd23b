"""Folders into the server, through broken files and restarts."""

from __future__ import annotations

import asyncio
import hashlib
import threading
import time
from datetime import datetime
from pathlib import Path

import pytest
from facefolk import (
    AsyncClient,
    Client,
    IngestInterruptedError,
    IngestOptions,
    IngestProgress,
    UnavailableError,
    errors,
)
from google.protobuf.duration_pb2 import Duration
from google.rpc import code_pb2, error_details_pb2, status_pb2
from unit.client.fake_server import FakeServer, iterate
from unit.client.fake_world import status
from unit.client.pictures import exif, is_upright, save, save_film, turned, upright


def album(folder: Path, *, photos: int = 6) -> Path:
    for number in range(photos):
        path = folder / f"{number % 2}" / f"{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        save(path, upright(60 + 2 * number, 40))
    return folder


def asset_ids(server: FakeServer) -> list[str]:
    return sorted({asset_id for asset_id, _ in server.world.frames})


def sent(server: FakeServer) -> int:
    return len(list(iterate(server, "RecognizeStream")))


def test_an_album_is_submitted(server: FakeServer, client: Client, tmp_path: Path) -> None:
    taken = exif(6, "2020:01:02 03:04:05")
    (tmp_path / "sub").mkdir()
    path = save(tmp_path / "sub" / "x.jpg", turned(6), exif=taken)
    report = client.ingest([tmp_path])
    assert (report.files, report.submitted, report.skipped, report.faces) == (1, 1, 0, 1)
    assert report.failed == []
    assert report.seconds > 0
    frame = server.world.frames["sub/x.jpg", 0]
    assert frame.content_digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert is_upright(server.world.images["sub/x.jpg", 0])
    assert server.world.capture_times["sub/x.jpg"] == datetime(2020, 1, 2, 3, 4, 5)


def test_what_the_server_has_is_skipped(
    server: FakeServer, client: Client, tmp_path: Path
) -> None:
    album(tmp_path)
    client.ingest([tmp_path])
    again = client.ingest([str(tmp_path)])
    assert (again.submitted, again.skipped) == (0, 6)
    assert sent(server) == 6
    assert client.ingest([tmp_path], redetect=True).submitted == 6


def test_what_changed_or_is_stale_or_failed_is_sent_again(
    server: FakeServer, client: Client, tmp_path: Path
) -> None:
    album(tmp_path)
    client.ingest([tmp_path])
    save(tmp_path / "0" / "0.jpg", upright(300, 200))
    server.world.frames["1/1.jpg", 0].stale = True
    server.world.frames["0/2.jpg", 0].state = 2
    report = client.ingest([tmp_path])
    assert (report.submitted, report.skipped) == (3, 3)


def test_a_film_is_one_asset_of_several_frames(
    server: FakeServer, client: Client, tmp_path: Path
) -> None:
    save_film(tmp_path / "a.mp4", frames=10)
    report = client.ingest([tmp_path])
    assert report.submitted == 5
    assert sorted(server.world.frames) == [
        ("a.mp4", offset) for offset in (100_000, 300_000, 500_000, 700_000, 900_000)
    ]
    del server.world.frames["a.mp4", 300_000]
    again = client.ingest([tmp_path])
    assert (again.submitted, again.skipped) == (1, 0)
    assert client.ingest([tmp_path]).skipped == 1


def test_broken_files_are_listed_and_the_rest_goes_on(
    server: FakeServer, client: Client, tmp_path: Path
) -> None:
    album(tmp_path)
    (tmp_path / "broken.tif").write_bytes(b"text")
    (tmp_path / "broken.mp4").write_bytes(b"text")
    server.world.frame_statuses["0/4.jpg"].append(
        status(code_pb2.INVALID_ARGUMENT, "Too many pixels.", "INVALID_IMAGE")
    )
    seen: list[IngestProgress] = []
    report = client.ingest([tmp_path, tmp_path / "absent"], progress=seen.append)
    assert report.submitted == 5
    assert dict(report.failed) == {
        str(tmp_path / "absent"): "There is no such file or folder.",
        str(tmp_path / "broken.tif"): "It is not an image of a known format.",
        str(tmp_path / "broken.mp4"): "It is not a video of a known format.",
        str(tmp_path / "0" / "4.jpg"): "Too many pixels.",
    }
    assert seen[0] == IngestProgress(done=1, total=9, failed=1, skipped=0, faces=0)
    assert seen[-1] == IngestProgress(done=9, total=9, failed=4, skipped=0, faces=5)
    assert [step.done for step in seen] == list(range(1, 10))


def test_an_empty_folder_is_no_error(client: Client, tmp_path: Path) -> None:
    report = client.ingest([tmp_path])
    assert (report.files, report.submitted, report.failed) == (0, 0, [])


def test_streams_that_break_are_begun_anew(
    server: FakeServer, client: Client, tmp_path: Path
) -> None:
    album(tmp_path, photos=12)
    server.world.stream_ends.extend([0, 3, 1, 4])
    report = client.ingest([tmp_path])
    assert report.submitted == 12
    assert report.failed == []
    assert len(asset_ids(server)) == 12


def test_a_server_that_restarts_is_waited_for(
    server: FakeServer, client: Client, tmp_path: Path
) -> None:
    album(tmp_path, photos=30)
    restarts: list[threading.Thread] = []

    def restart() -> None:
        server.stop()
        time.sleep(0.3)
        server.start()

    def progress(step: IngestProgress) -> None:
        if step.done == 10 and not restarts:
            restarts.append(threading.Thread(target=restart))
            restarts[0].start()

    report = client.ingest(
        [tmp_path], progress=progress, options=IngestOptions(max_in_flight=4)
    )
    restarts[0].join()
    assert report.submitted == 30
    assert report.failed == []
    assert len(asset_ids(server)) == 30


def test_frames_that_cannot_be_taken_now_are_sent_later(
    server: FakeServer, client: Client, tmp_path: Path
) -> None:
    album(tmp_path)
    server.world.frame_statuses["0/0.jpg"].append(_soon(code_pb2.RESOURCE_EXHAUSTED))
    server.world.frame_statuses["1/1.jpg"].extend([_soon(code_pb2.UNAVAILABLE)] * 3)
    report = client.ingest([tmp_path])
    assert report.submitted == 6
    assert sent(server) == 10


def test_patience_ends_and_tells_what_was_done(
    server: FakeServer, client: Client, tmp_path: Path
) -> None:
    album(tmp_path, photos=8)
    server.world.stream_ends.append(3)
    server.world.stream_ends.extend([0] * 100)
    with pytest.raises(IngestInterruptedError) as caught:
        client.ingest([tmp_path], options=IngestOptions(patience_seconds=0.3))
    assert caught.value.report.submitted == 3
    assert "ingest again" in caught.value.message
    server.world.stream_ends.clear()
    report = client.ingest([tmp_path])
    assert (report.submitted, report.skipped) == (5, 3)


def test_a_refused_stream_is_no_restart(
    server: FakeServer, client: Client, tmp_path: Path
) -> None:
    album(tmp_path)
    refusal = status(code_pb2.PERMISSION_DENIED, "You may not submit.", "NOT_ALLOWED")
    server.world.failures["RecognizeStream"].extend([refusal] * 100)
    with pytest.raises(errors.PermissionDeniedError):
        client.ingest([tmp_path])


def test_a_server_that_is_not_there_is_told_at_once(tmp_path: Path) -> None:
    server = FakeServer()
    server.stop()
    with (
        Client(server.address, timeout_seconds=0.5) as client,
        pytest.raises((UnavailableError, errors.DeadlineError)),
    ):
        client.ingest([album(tmp_path)])


def test_the_library_is_kept(server: FakeServer, client: Client, tmp_path: Path) -> None:
    client.with_options(library_id="family").ingest([album(tmp_path)])
    libraries = {one.request.library_id for one in iterate(server, "RecognizeStream")}
    assert libraries == {"family"}


async def test_within_a_running_loop_both_clients_work(
    server: FakeServer, async_client: AsyncClient, client: Client, tmp_path: Path
) -> None:
    album(tmp_path)
    assert (await async_client.ingest([tmp_path])).submitted == 6
    assert client.ingest([tmp_path]).skipped == 6


async def test_a_cancelled_ingestion_stops(
    server: FakeServer, async_client: AsyncClient, tmp_path: Path
) -> None:
    album(tmp_path, photos=40)
    server.world.stream_ends.append(5)
    server.world.stream_ends.extend([0] * 100)
    task = asyncio.create_task(async_client.ingest([tmp_path]))
    await asyncio.sleep(0.3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(asset_ids(server)) <= 5


def test_no_more_is_under_way_than_allowed(
    server: FakeServer, client: Client, tmp_path: Path
) -> None:
    album(tmp_path, photos=20)
    server.world.hold = threading.Event()
    done: list[int] = []
    thread = threading.Thread(
        target=lambda: done.append(
            client.ingest([tmp_path], options=IngestOptions(max_in_flight=3)).submitted
        )
    )
    thread.start()
    time.sleep(0.5)
    assert server.world.received <= 3
    server.world.hold.set()
    thread.join()
    assert done == [20]


def _soon(code: int) -> status_pb2.Status:
    made = status(code, "Later.")
    made.details.add().Pack(error_details_pb2.RetryInfo(retry_delay=Duration(nanos=10**7)))
    return made
