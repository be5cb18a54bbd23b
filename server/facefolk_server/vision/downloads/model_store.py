"""Make the files of a pack be here: from the cache, a mirror, their sources."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from facefolk_server.errors import LicenseError, ModelUnavailableError
from facefolk_server.vision.conversions import CONVERSIONS, Conversion
from facefolk_server.vision.downloads.cache import CachedFile, ModelCache
from facefolk_server.vision.downloads.faults import FetchError
from facefolk_server.vision.downloads.mirror import Mirror
from facefolk_server.vision.downloads.pip_configuration import PackageIndexes
from facefolk_server.vision.downloads.progress import (
    Progress,
    ProgressCallback,
    ignore_progress,
)
from facefolk_server.vision.downloads.sources import ModelFile, describe
from facefolk_server.vision.packs.entry import PackEntry

if TYPE_CHECKING:
    from facefolk_server.vision.downloads.fetch import Fetcher
    from facefolk_server.vision.downloads.reach import Reach

_log = logging.getLogger(__name__)

IMPORT_COMMAND = "facefolk-server models import PATH"


@dataclass(frozen=True, slots=True)
class PackFiles:
    """Where the ONNX files of a pack lie, verified."""

    detector: Path
    embedder: Path


@dataclass(frozen=True, slots=True)
class PackStatus:
    """What is here of a pack.

    `size_bytes` is that of its two files, `download_bytes` what the missing ones cost to
    fetch; both None where it is not known.
    """

    entry: PackEntry
    installed: bool
    size_bytes: int | None
    download_bytes: int | None
    license_acknowledged: bool


class ModelStore:
    """The model files of this machine; thread-safe, blocking, shared between processes.

    `mirror` is a directory, a `file://` or an `http(s)://` URL that stands for `https://`;
    what it lacks is fetched from its source. `indexes` are the package indexes to ask.
    """

    def __init__(
        self,
        cache_dir: Path,
        *,
        mirror: str = "",
        accept_noncommercial: bool = False,
        indexes: PackageIndexes = PackageIndexes(),
        fetcher: Fetcher | None = None,
        conversions: Mapping[str, Conversion] = CONVERSIONS,
        lock_timeout_seconds: float = 3600.0,
    ) -> None:
        self._cache = ModelCache(cache_dir, lock_timeout_seconds=lock_timeout_seconds)
        self._mirror = Mirror(mirror)
        self._indexes = indexes
        self._fetcher = fetcher
        self._accept_noncommercial = accept_noncommercial
        self._conversions = conversions

    @property
    def cache(self) -> ModelCache:
        """The directory where the files lie."""
        return self._cache

    @cached_property
    def reach(self) -> Reach:
        """The ways to the outside, for files that are no models too."""
        # A start that finds all models here does without what fetches them: 0.2 s of imports.
        from facefolk_server.vision.downloads.fetch import Fetcher
        from facefolk_server.vision.downloads.reach import Reach

        return Reach(self._cache, self._mirror, self._indexes, self._fetcher or Fetcher())

    def ensure(
        self, entry: PackEntry, *, progress: ProgressCallback = ignore_progress
    ) -> PackFiles:
        """Return the pack's files, fetching and converting what is missing.

        Raises:
            LicenseError: the pack is non-commercial and nobody acknowledged it.
            ModelUnavailableError: a file is not to be had, or the cache cannot be written.
        """
        self._check_license(entry)
        with self._disk_errors(entry):
            detector, embedder = (
                self._ready(file, entry, progress=progress) for file in entry.files
            )
        return PackFiles(detector, embedder)

    def find(self, entry: PackEntry) -> PackFiles | None:
        """Return the pack's files if they are all here and whole; nothing is fetched.

        Raises:
            LicenseError: the pack is non-commercial and nobody acknowledged it.
        """
        self._check_license(entry)
        found = [self._present(file) for file in entry.files]
        detector, embedder = found
        return PackFiles(detector, embedder) if detector and embedder else None

    def status(self, entry: PackEntry) -> PackStatus:
        """Tell what is here of the pack, by a look at the directory only."""
        missing = [
            file
            for file in entry.files
            if not self._cache.path(file.sha256, file.name).is_file()
        ]
        costs = [file.download_bytes for file in missing]
        return PackStatus(
            entry=entry,
            installed=not missing,
            size_bytes=entry.size_bytes,
            download_bytes=None if None in costs else _cost(missing),
            license_acknowledged=self._accept_noncommercial or not entry.noncommercial,
        )

    def verify(self) -> Iterator[CachedFile]:
        """Read every cached file again; what is corrupt is put aside and fetched anew later."""
        return self._cache.examine()

    def _check_license(self, entry: PackEntry) -> None:
        if entry.noncommercial and not self._accept_noncommercial:
            raise LicenseError(
                f"pack {entry.name} may be used for non-commercial research only "
                f"({entry.license}); acknowledge that with "
                "FACEFOLK_ACCEPT_NONCOMMERCIAL=true, or choose pack open",
                pack=entry.name,
                license=entry.license,
            )

    def _present(self, file: ModelFile) -> Path | None:
        path = self._cache.find(file.sha256, file.name)
        if path is None or not file.conversion:
            return path
        conversion = self._conversions[file.conversion]
        return self._cache.find_derived(file.sha256, conversion.tag)

    def _ready(self, file: ModelFile, entry: PackEntry, *, progress: ProgressCallback) -> Path:
        path = self._cache.find(file.sha256, file.name)
        if path is None:
            path = self._fetched(file, entry, progress)
        if file.conversion:
            path = self._converted(file, path, progress)
        size_bytes = path.stat().st_size
        progress(Progress(file.name, "ready", size_bytes, size_bytes))
        return path

    def _fetched(self, file: ModelFile, entry: PackEntry, progress: ProgressCallback) -> Path:
        tried: list[str] = []
        for source in file.sources:
            try:
                return self.reach.fetch(
                    file, source, together=entry.files, tried=tried, progress=progress
                )
            except FetchError:
                _log.info("%s cannot be had from %s", file.name, describe(source))
        raise ModelUnavailableError(
            f"model file {file.name} of pack {entry.name} is not to be had. Tried: "
            + "; ".join(tried or ["nothing: it has no source"])
            + f". Fetch it where there is a network, bring it here and run: {IMPORT_COMMAND}",
            retry_delay_seconds=30.0,
            pack=entry.name,
            file=file.name,
            sha256=file.sha256,
            tried="; ".join(tried),
        )

    def _converted(self, file: ModelFile, path: Path, progress: ProgressCallback) -> Path:
        conversion = self._conversions[file.conversion]
        target = self._cache.derived_path(file.sha256, conversion.tag)
        if ready := self._cache.find_derived(file.sha256, conversion.tag):
            return ready
        work = f"{file.sha256}-{conversion.tag}"
        waiting = partial(progress, Progress(file.name, "waiting"))
        with self._cache.lock(work, waiting=waiting):
            if ready := self._cache.find_derived(file.sha256, conversion.tag):
                return ready
            progress(Progress(file.name, "converting"))
            unfinished = self._cache.partial(work)
            conversion.run(path, unfinished)
            return self._cache.install_derived(unfinished, target)

    @contextmanager
    def _disk_errors(self, entry: PackEntry) -> Iterator[None]:
        try:
            yield
        except OSError as exc:
            raise ModelUnavailableError(
                f"the model cache {self._cache.root} cannot be used for pack {entry.name}: "
                f"{exc.strerror or exc}",
                retry_delay_seconds=30.0,
                pack=entry.name,
            ) from exc


def _cost(missing: list[ModelFile]) -> int:
    downloads = {file.download_key: file.download_bytes for file in missing}
    return sum(size or 0 for size in downloads.values())
