"""Packs of a few bytes, and the archives and indexes that they lie in."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from collections.abc import Mapping

from facefolk_server.vision.downloads.sources import (
    ArchiveMember,
    ModelFile,
    PackageMember,
    Source,
    WebFile,
)
from facefolk_server.vision.packs import PackEntry
from facefolk_server.vision.specs import DetectorSpec, EmbedderSpec, InputLayout

HUB = "https://hub.test/"
DETECTOR = b"detector " * 1000
EMBEDDER = b"recognizer " * 2000


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def file(name: str, data: bytes, *sources: Source, conversion: str = "") -> ModelFile:
    """A model file, by default of the hub that is no more."""
    return ModelFile(
        name, sha256(data), sources or (WebFile(HUB + name),), len(data), conversion
    )


def entry(
    name: str = "mini",
    *,
    detector: ModelFile | None = None,
    embedder: ModelFile | None = None,
    noncommercial: bool = False,
) -> PackEntry:
    return PackEntry(
        name=name,
        detector=DetectorSpec("yunet", InputLayout()),
        detector_file=detector or file("detector.onnx", DETECTOR),
        embedder=EmbedderSpec(InputLayout(), dimension=12),
        embedder_file=embedder or file("recognizer.onnx", EMBEDDER),
        license="research only" if noncommercial else "Apache-2.0",
        recommended_distance=0.5,
        noncommercial=noncommercial,
    )


def zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return buffer.getvalue()


def tarred(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def archived(
    name: str, data: bytes, archive: bytes, *, url: str = HUB + "pack.zip"
) -> ModelFile:
    return file(name, data, ArchiveMember(url, sha256(archive), name, len(archive)))


def packaged(
    name: str, data: bytes, distribution: bytes, *, package: str = "some_models"
) -> ModelFile:
    source = PackageMember(package, "1.2.3", sha256(distribution), name, len(distribution))
    return file(name, data, source)
