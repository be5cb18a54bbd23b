"""The directory where model files lie, named by their checksums."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Literal

import filelock

from facefolk_server.errors import ModelUnavailableError
from facefolk_server.vision.downloads.checksums import sha256_of

_log = logging.getLogger(__name__)

_CORRUPT = ".corrupt"
_CHECKSUM = ".sha256"


@dataclass(frozen=True, slots=True)
class CachedFile:
    """A file of the cache after it has been read whole."""

    path: Path
    sha256: str
    size_bytes: int
    state: Literal["whole", "corrupt"]


class ModelCache:
    """Model files as `models/<sha256><suffix>`, each put there in one rename.

    What is made of a model lies beside it as `models/<sha256>-<conversion><suffix>`, with its
    own checksum in a file of its own. The directory may be read-only if all is there.
    """

    def __init__(self, root: Path, *, lock_timeout_seconds: float = 3600.0) -> None:
        self._root = root
        self._lock_timeout_seconds = lock_timeout_seconds

    @property
    def root(self) -> Path:
        """The cache directory."""
        return self._root

    def path(self, sha256: str, name: str) -> Path:
        """Return where the file with this checksum lies; `name` gives the suffix."""
        return self._root / "models" / f"{sha256}{PurePath(name).suffix}"

    def derived_path(self, sha256: str, conversion: str) -> Path:
        """Return where the converted model lies."""
        return self._root / "models" / f"{sha256}-{conversion}.onnx"

    def partial(self, sha256: str) -> Path:
        """Return the path where this file is gathered; the caller holds its lock."""
        folder = self._root / "partial"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{sha256}.part"

    @contextmanager
    def lock(self, name: str, *, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Keep other threads and processes from working on the same thing.

        `waiting` is called now and then while another one has it; it may raise.

        Raises:
            ModelUnavailableError: another process has had the lock for too long.
        """
        folder = self._root / "locks"
        folder.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(folder / f"{name}.lock", thread_local=False)
        waited_seconds = 0.0
        while True:
            slice_seconds = min(1.0, self._lock_timeout_seconds - waited_seconds)
            try:
                lock.acquire(timeout=max(0.0, slice_seconds))
                break
            except filelock.Timeout as exc:
                waited_seconds += slice_seconds
                if waited_seconds >= self._lock_timeout_seconds:
                    raise ModelUnavailableError(
                        "another process has been fetching the same model file for "
                        f"{waited_seconds:.0f} s; end it, or delete {lock.lock_file} if there "
                        "is none",
                        retry_delay_seconds=60.0,
                    ) from exc
                waiting()
        try:
            yield
        finally:
            lock.release()

    def find(self, sha256: str, name: str) -> Path | None:
        """Return the file if it is here and whole; a corrupt one is put aside."""
        return self._checked(self.path(sha256, name), sha256)

    def find_derived(self, sha256: str, conversion: str) -> Path | None:
        """Return the converted model if it is here and whole."""
        path = self.derived_path(sha256, conversion)
        expected = _read_checksum(path)
        return self._checked(path, expected) if expected else None

    def install(self, source: Path, target: Path) -> Path:
        """Move a verified file to its place, durable and in one step."""
        target.parent.mkdir(parents=True, exist_ok=True)
        _sync(source)
        with self.lock(target.name):
            source.replace(target)
        _sync(target.parent)
        return target

    def install_derived(self, source: Path, target: Path) -> Path:
        """Move a converted model to its place and remember its checksum."""
        target.parent.mkdir(parents=True, exist_ok=True)
        note = source.with_name(source.name + _CHECKSUM)
        note.write_text(sha256_of(source) + "\n", encoding="ascii")
        _sync(note)
        note.replace(target.with_name(target.name + _CHECKSUM))
        return self.install(source, target)

    def examine(self) -> Iterator[CachedFile]:
        """Read every file of the cache; corrupt ones are put aside and fetched anew later."""
        folder = self._root / "models"
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if path.suffix in {_CORRUPT, _CHECKSUM} or not path.is_file():
                continue
            named = path.stem.partition("-")[0]
            expected = _read_checksum(path) if "-" in path.stem else named
            size_bytes = path.stat().st_size
            whole = self._checked(path, expected) is not None
            yield CachedFile(path, named, size_bytes, "whole" if whole else "corrupt")

    def _checked(self, path: Path, sha256: str) -> Path | None:
        if not path.is_file():
            return None
        if sha256_of(path) == sha256:
            return path
        with self.lock(path.name):
            # Another process may have put it right in the meantime.
            if path.is_file() and sha256_of(path) == sha256:
                return path
            if path.is_file():
                aside = path.with_name(path.name + _CORRUPT)
                path.replace(aside)
                _log.warning("a model file was corrupt and has been put aside: %s", aside)
        return None


def _read_checksum(path: Path) -> str:
    try:
        return path.with_name(path.name + _CHECKSUM).read_text(encoding="ascii").strip()
    except (FileNotFoundError, UnicodeDecodeError):
        return ""


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
