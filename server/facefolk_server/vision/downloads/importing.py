"""Bring model files from somewhere on this machine into the cache, known by their checksums."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from facefolk_server.errors import InvalidRequestError
from facefolk_server.vision.downloads.archive import Member, is_archive, members, save
from facefolk_server.vision.downloads.cache import ModelCache
from facefolk_server.vision.downloads.checksums import sha256_of
from facefolk_server.vision.downloads.faults import FetchError
from facefolk_server.vision.downloads.immich import expected_file, with_published_batch_axis
from facefolk_server.vision.downloads.sources import ModelFile
from facefolk_server.vision.packs.entry import PackEntry

_MODEL_SUFFIXES = frozenset({".onnx", ".dat"})
_ARCHIVE_SUFFIXES = (".zip", ".whl", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")


@dataclass(frozen=True, slots=True)
class Imported:
    """A file that was recognized; `packs` names those that use it."""

    origin: str
    file: ModelFile
    packs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unrecognized:
    """A file that looked like a model, and why it was left."""

    origin: str
    reason: str


@dataclass(slots=True)
class ImportReport:
    """What an import found."""

    imported: list[Imported] = field(default_factory=list)
    unrecognized: list[Unrecognized] = field(default_factory=list)


def import_models(cache: ModelCache, path: Path, entries: Iterable[PackEntry]) -> ImportReport:
    """Import a file, an archive, a folder with either, or an Immich model cache.

    Nothing is moved or changed where it lies, and a file is taken only if its SHA-256 is that
    of a model file of `entries`.

    Raises:
        InvalidRequestError: there is nothing at `path`, or it cannot be read.
    """
    work = _Import(cache, list(entries))
    try:
        if path.is_dir():
            for found in _candidates(path):
                work.take(found)
        elif path.is_file():
            work.take(path)
        else:
            raise InvalidRequestError(f"there is no file or folder {path}", path=path)
    except OSError as exc:
        raise InvalidRequestError(
            f"{exc.filename or path} cannot be read or written: {exc.strerror or exc}",
            path=path,
        ) from exc
    return work.report


class _Import:
    def __init__(self, cache: ModelCache, entries: list[PackEntry]) -> None:
        self._cache = cache
        self._entries = entries
        self._known = {file.sha256: file for entry in entries for file in entry.files}
        self.report = ImportReport()

    def take(self, path: Path) -> None:
        if is_archive(path):
            self._take_archive(path)
            return
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        if digest in self._known:
            with self._cache.lock(digest):
                copy = self._cache.partial(digest)
                copy.write_bytes(path.read_bytes())
                self._keep(copy, digest, str(path))
        elif not self._take_rewritten(path):
            self._leave(str(path), f"no pack has a file with SHA-256 {digest}")

    def _take_archive(self, path: Path) -> None:
        before = len(self.report.imported)
        try:
            with members(path) as found:
                for member in found:
                    if self._may_be_known(member):
                        self._take_member(path, member)
        except FetchError as exc:
            self._leave(str(path), str(exc))
            return
        if len(self.report.imported) == before:
            self._leave(str(path), "no file in it belongs to a pack")

    def _take_member(self, path: Path, member: Member) -> None:
        copy = self._cache.partial(f"import-{hashlib.sha256(str(path).encode()).hexdigest()}")
        with self._cache.lock(copy.stem):
            try:
                digest = save(member, copy)
                if digest in self._known:
                    self._keep(copy, digest, f"{path}: {member.path}")
            finally:
                copy.unlink(missing_ok=True)

    def _take_rewritten(self, path: Path) -> bool:
        """Take a recognizer whose batch axis Immich has renamed."""
        wanted = expected_file(path, self._entries)
        if wanted is None:
            return False
        data = with_published_batch_axis(path.read_bytes(), wanted.sha256)
        if data is None:
            return False
        with self._cache.lock(wanted.sha256):
            copy = self._cache.partial(wanted.sha256)
            copy.write_bytes(data)
            self._keep(copy, wanted.sha256, str(path))
        return True

    def _keep(self, copy: Path, digest: str, origin: str) -> None:
        file = self._known[digest]
        if sha256_of(copy) != digest:
            copy.unlink()
            self._leave(origin, "it changed while it was read")
            return
        self._cache.install(copy, self._cache.path(digest, file.name))
        users = tuple(
            entry.name
            for entry in self._entries
            if digest in {file.sha256 for file in entry.files}
        )
        self.report.imported.append(Imported(origin, file, users))

    def _leave(self, origin: str, reason: str) -> None:
        self.report.unrecognized.append(Unrecognized(origin, reason))

    def _may_be_known(self, member: Member) -> bool:
        return any(
            file.size_bytes in (None, member.size_bytes) for file in self._known.values()
        )


def _candidates(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        name = path.name.lower()
        if (path.suffix.lower() in _MODEL_SUFFIXES or name.endswith(_ARCHIVE_SUFFIXES)) and (
            path.is_file()
        ):
            yield path
