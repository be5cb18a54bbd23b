"""The directory of model files: verified, locked, moved in one step."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from facefolk_server.errors import ModelUnavailableError
from facefolk_server.vision.downloads.cache import ModelCache
from unit.vision.downloads.samples import sha256

DATA = b"a model"
KEY = sha256(DATA)


@pytest.fixture
def cache(tmp_path: Path) -> ModelCache:
    return ModelCache(tmp_path / "cache", lock_timeout_seconds=5)


def installed(cache: ModelCache, data: bytes = DATA) -> Path:
    part = cache.partial(sha256(data))
    part.write_bytes(data)
    return cache.install(part, cache.path(sha256(data), "model.onnx"))


def test_what_was_installed_is_found(cache: ModelCache) -> None:
    assert cache.find(KEY, "model.onnx") is None
    path = installed(cache)
    assert cache.find(KEY, "model.onnx") == path
    assert path.name == f"{KEY}.onnx"
    assert list((cache.root / "partial").iterdir()) == []


def test_looking_makes_no_directory(cache: ModelCache) -> None:
    assert cache.find(KEY, "model.onnx") is None
    assert cache.find_derived(KEY, "dlib-1") is None
    assert list(cache.examine()) == []
    assert not cache.root.exists()


@pytest.mark.parametrize("damage", [b"a m0del", b"", DATA + b"x"])
def test_a_corrupt_file_is_put_aside(
    cache: ModelCache, damage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = installed(cache)
    path.write_bytes(damage)
    assert cache.find(KEY, "model.onnx") is None
    assert not path.exists()
    assert path.with_name(path.name + ".corrupt").read_bytes() == damage
    assert "put aside" in caplog.text
    installed(cache)
    assert cache.find(KEY, "model.onnx") == path


def test_every_file_is_examined(cache: ModelCache) -> None:
    paths = [installed(cache, data) for data in (b"one", b"two")]
    part = cache.partial("work")
    part.write_bytes(b"derived")
    derived = cache.install_derived(part, cache.derived_path(KEY, "dlib-1"))
    paths[0].write_bytes(b"0ne")
    states = {found.path: found.state for found in cache.examine()}
    assert states == {paths[0]: "corrupt", paths[1]: "whole", derived: "whole"}
    derived.write_bytes(b"changed")
    states = {found.path: found.state for found in cache.examine()}
    assert states == {paths[1]: "whole", derived: "corrupt"}


def test_what_was_derived_has_a_checksum_of_its_own(cache: ModelCache) -> None:
    part = cache.partial("work")
    part.write_bytes(b"derived")
    path = cache.install_derived(part, cache.derived_path(KEY, "dlib-1"))
    assert cache.find_derived(KEY, "dlib-1") == path
    assert cache.find_derived(KEY, "dlib-2") is None
    path.with_name(path.name + ".sha256").unlink()
    assert cache.find_derived(KEY, "dlib-1") is None


def test_a_read_only_cache_can_be_used(cache: ModelCache) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    path = installed(cache)
    for folder in (cache.root, *cache.root.iterdir()):
        folder.chmod(0o500)
    try:
        assert cache.find(KEY, "model.onnx") == path
    finally:
        for folder in (cache.root, *cache.root.iterdir()):
            folder.chmod(0o700)


HOLDER = """
import sys, time
from pathlib import Path
from facefolk_server.vision.downloads.cache import ModelCache
with ModelCache(Path(sys.argv[1])).lock("work"):
    print("locked", flush=True)
    sys.stdin.readline()
"""


def holder(cache: ModelCache) -> subprocess.Popen[str]:
    """Another process that holds the lock until it is told or killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(cache.root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "locked\n"
    return process


def test_processes_wait_for_each_other(cache: ModelCache) -> None:
    with holder(cache) as process:
        release = threading.Timer(0.3, process.stdin.close)
        release.start()
        start = time.monotonic()
        with cache.lock("work"):
            assert time.monotonic() - start > 0.2
        with cache.lock("other work"):
            pass
        release.join()


def test_the_lock_of_a_killed_process_is_free(cache: ModelCache) -> None:
    with holder(cache) as process:
        process.kill()
        process.wait()
        with cache.lock("work"):
            pass


def test_waiting_can_be_watched_and_stopped(cache: ModelCache) -> None:
    def stop() -> None:
        raise InterruptedError

    with holder(cache) as process:
        with pytest.raises(InterruptedError), cache.lock("work", waiting=stop):
            pass
        process.stdin.close()


def test_a_lock_that_stays_is_named(cache: ModelCache) -> None:
    impatient = ModelCache(cache.root, lock_timeout_seconds=0.1)
    with holder(cache) as process:
        told = pytest.raises(ModelUnavailableError, match=r"work\.lock")
        with told as caught, impatient.lock("work"):
            pass
        assert caught.value.retry_delay_seconds == 60
        process.stdin.close()
