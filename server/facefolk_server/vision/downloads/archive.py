"""Read single files out of zip, wheel and tar archives; nothing is unpacked by its own path."""

from __future__ import annotations

import hashlib
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from facefolk_server.vision.downloads.faults import ChecksumError, FetchError

_CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Member:
    """A regular file in an archive; `read` may be called until the next one is taken."""

    path: str
    size_bytes: int
    open: Callable[[], IO[bytes]]

    @property
    def name(self) -> str:
        """The file's name without its folders."""
        return PurePosixPath(self.path).name


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to be found by its name and accepted by its SHA-256."""

    name: str
    sha256: str
    target: Path


def is_archive(path: Path) -> bool:
    """Return whether the file is an archive that `members` can read."""
    return path.is_file() and (zipfile.is_zipfile(path) or tarfile.is_tarfile(path))


@contextmanager
def members(archive: Path) -> Iterator[Iterator[Member]]:
    """Give the regular files of the archive, in the order in which they lie.

    Raises:
        FetchError: it is no zip or tar archive, or a broken one.
    """
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as opened:
                yield _zip_members(opened)
        else:
            with tarfile.open(archive) as tar:
                yield _tar_members(tar)
    except (
        zipfile.BadZipFile,
        tarfile.TarError,
        zlib.error,
        lzma.LZMAError,
        EOFError,
        NotImplementedError,  # a compression that this Python lacks
        RuntimeError,  # an encrypted member
    ) as exc:
        raise FetchError(f"{archive.name} is not an archive that can be read: {exc}") from exc


def extract(archive: Path, wanted: list[Wanted]) -> list[Wanted]:
    """Write the wanted members to their targets; return those that were not found.

    Raises:
        FetchError: the archive cannot be read.
        ChecksumError: a member has the name but not the content.
    """
    missing = {(item.name, item.sha256): item for item in wanted}
    mismatches: list[str] = []
    with members(archive) as found:
        for member in found:
            for item in [each for each in missing.values() if each.name == member.name]:
                digest = save(member, item.target)
                if digest == item.sha256:
                    del missing[item.name, item.sha256]
                else:
                    item.target.unlink()
                    mismatches.append(f"{member.path} has SHA-256 {digest}")
            if not missing:
                break
    if missing and mismatches:
        raise ChecksumError("; ".join(mismatches))
    return list(missing.values())


def save(member: Member, target: Path) -> str:
    """Write the member to `target` and return its SHA-256 in hexadecimal."""
    digest = hashlib.sha256()
    with member.open() as stream, target.open("wb") as sink:
        while block := stream.read(_CHUNK_BYTES):
            digest.update(block)
            sink.write(block)
    return digest.hexdigest()


def _zip_members(opened: zipfile.ZipFile) -> Iterator[Member]:
    for info in opened.infolist():
        if not info.is_dir():
            yield Member(info.filename, info.file_size, partial(opened.open, info))


def _tar_members(tar: tarfile.TarFile) -> Iterator[Member]:
    for info in tar:
        if info.isreg():
            yield Member(info.name, info.size, partial(_tar_stream, tar, info))


def _tar_stream(tar: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    stream = tar.extractfile(info)
    if stream is None:
        raise tarfile.ReadError(f"{info.name} has no content")
    return stream
