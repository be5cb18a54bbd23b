"""What a model file is and where it can be had, as data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

# Hosts that a pack of the user's own may name beside local files.
DEFAULT_ALLOWED_HOSTS = frozenset({"github.com", "huggingface.co", "raw.githubusercontent.com"})


@dataclass(frozen=True, slots=True)
class WebFile:
    """The file as it lies at an `https://` address; a mirror may stand for it."""

    url: str


@dataclass(frozen=True, slots=True)
class ArchiveMember:
    """A file in a zip or tar archive at an `https://` address.

    `member` is the file's name; it is found wherever in the archive it lies.
    """

    url: str
    sha256: str
    member: str
    size_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class PackageMember:
    """A file in a distribution of the Python package index, which is read and never run.

    `sha256` and `size_bytes` are of the distribution (a wheel or an sdist).
    """

    package: str
    version: str
    sha256: str
    member: str
    size_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file on this machine."""

    path: Path


Source = WebFile | ArchiveMember | PackageMember | LocalFile


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file known by its checksum, with its sources in order of preference.

    `conversion` names what has to be done with the file before a session can load it, ""
    where it is ONNX already.
    """

    name: str
    sha256: str
    sources: tuple[Source, ...]
    size_bytes: int | None = None
    conversion: str = ""

    @property
    def download_bytes(self) -> int | None:
        """How much has to be fetched at first use from the preferred source, in bytes."""
        match self.sources:
            case (ArchiveMember(size_bytes=size) | PackageMember(size_bytes=size), *_):
                return size
            case (LocalFile(), *_):
                return 0
        return self.size_bytes

    @property
    def download_key(self) -> str:
        """The checksum of what is fetched: the same for two files of one archive."""
        match self.sources:
            case (ArchiveMember(sha256=sha256) | PackageMember(sha256=sha256), *_):
                return sha256
        return self.sha256


def describe(source: Source) -> str:
    """Return the source in words for people."""
    match source:
        case WebFile(url=url):
            return url
        case ArchiveMember(url=url, member=member):
            return f"{member} in {url}"
        case PackageMember(package=package, version=version, member=member):
            return f"{member} in {package}=={version} of the package index"
        case LocalFile(path=path):
            return str(path)
