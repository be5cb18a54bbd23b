"""Read packs of the user's own from TOML files.

    name = "mine"
    license = "Apache-2.0"
    recommended_distance = 0.5

    [detector]
    decoder = "yunet"
    source = "detector.onnx"        # beside this file, or https:// at an allowed host
    sha256 = "..."
    layout = { channel_order = "bgr" }

    [embedder]
    dimension = 128
    source = "https://github.com/someone/something/releases/download/v1/models.zip"
    archive_sha256 = "..."          # where the source is an archive
    member = "recognizer.onnx"
    sha256 = "..."
    layout = { mean = [127.5, 127.5, 127.5], std = [127.5, 127.5, 127.5] }

The other keys of `[detector]` and `[embedder]` are the fields of `DetectorSpec` and
`EmbedderSpec`.
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Annotated, ClassVar, TypeVar
from urllib.parse import urlsplit

import pydantic
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

from facefolk_server.errors import InvalidRequestError
from facefolk_server.vision.conversions import CONVERSIONS
from facefolk_server.vision.downloads.sources import (
    DEFAULT_ALLOWED_HOSTS,
    ArchiveMember,
    LocalFile,
    ModelFile,
    Source,
    WebFile,
)
from facefolk_server.vision.packs.entry import PackEntry
from facefolk_server.vision.specs import DetectorSpec, EmbedderSpec, InputLayout

_Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{64}$", to_lower=True)]
# Tables of the store are named after packs.
_Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
_MAX_DIMENSION = 4096

_Spec = TypeVar("_Spec", DetectorSpec, EmbedderSpec, InputLayout)


def load_packs(
    paths: Iterable[Path], *, allowed_hosts: Collection[str] = DEFAULT_ALLOWED_HOSTS
) -> list[PackEntry]:
    """Read the packs of these files, and of the `*.toml` files in these folders.

    Raises:
        InvalidRequestError: a file cannot be read, or something in it is not as it must be;
            the message names the file and the key.
    """
    return [_load(path, allowed_hosts) for path in _files(paths)]


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(path.glob("*.toml"))
        else:
            yield path


def _load(path: Path, allowed_hosts: Collection[str]) -> PackEntry:
    try:
        table = _PackTable.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        return _entry(table, path.parent, allowed_hosts)
    except pydantic.ValidationError as exc:
        raise InvalidRequestError(f"pack file {path}: {_problems(exc)}", path=path) from exc
    except (OSError, ValueError) as exc:
        raise InvalidRequestError(f"pack file {path}: {exc}", path=path) from exc


class _Strict(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)


class _PackTable(_Strict):
    """The file as a whole; the two inner tables are split between file and spec later."""

    name: _Name
    license: Annotated[str, StringConstraints(min_length=1)]
    recommended_distance: Annotated[float, Field(gt=0, le=2)]
    recommended_min_score: Annotated[float, Field(ge=0, le=1)] = 0.7
    guard_distance: Annotated[float, Field(gt=0, le=2)] | None = None
    noncommercial: bool = False
    summary: str = ""
    detector: dict[str, object]
    embedder: dict[str, object]


class _FileTable(_Strict):
    """Where a model file comes from."""

    source: Annotated[str, StringConstraints(min_length=1)]
    sha256: _Sha256
    size_bytes: Annotated[int, Field(gt=0)] | None = None
    archive_sha256: _Sha256 | None = None
    member: str = ""
    conversion: str = ""

    def file(self, folder: Path, allowed_hosts: Collection[str]) -> ModelFile:
        if self.conversion and self.conversion not in CONVERSIONS:
            raise ValueError(f"conversion must be one of: {', '.join(CONVERSIONS)}")
        source = self._source(folder, allowed_hosts)
        name = self.member or PurePosixPath(urlsplit(self.source).path).name
        return ModelFile(name, self.sha256, (source,), self.size_bytes, self.conversion)

    def _source(self, folder: Path, allowed_hosts: Collection[str]) -> Source:
        if bool(self.member) != bool(self.archive_sha256):
            raise ValueError("member and archive_sha256 belong together")
        if "://" not in self.source:
            if self.member:
                raise ValueError("unpack a local archive and name the file itself as source")
            return LocalFile((folder / Path(self.source).expanduser()).absolute())
        parts = urlsplit(self.source)
        if parts.scheme != "https" or parts.netloc.lower() not in allowed_hosts:
            raise ValueError(
                f"the source {self.source} is neither a local file nor https:// at an allowed "
                f"host ({', '.join(sorted(allowed_hosts))})"
            )
        if ".." in PurePosixPath(parts.path).parts:
            raise ValueError(f"the source {self.source} must not contain '..'")
        if self.archive_sha256:
            return ArchiveMember(self.source, self.archive_sha256, self.member)
        return WebFile(self.source)


def _entry(table: _PackTable, folder: Path, allowed_hosts: Collection[str]) -> PackEntry:
    detector = _spec(DetectorSpec, table.detector, "detector")
    embedder = _spec(EmbedderSpec, table.embedder, "embedder")
    _check(detector, embedder)
    return PackEntry(
        name=table.name,
        detector=detector,
        detector_file=_file(table.detector, "detector").file(folder, allowed_hosts),
        embedder=embedder,
        embedder_file=_file(table.embedder, "embedder").file(folder, allowed_hosts),
        license=table.license,
        recommended_distance=table.recommended_distance,
        recommended_min_score=table.recommended_min_score,
        guard_distance=table.guard_distance,
        noncommercial=table.noncommercial,
        summary=table.summary,
    )


def _file(table: Mapping[str, object], where: str) -> _FileTable:
    try:
        return _FileTable.model_validate(
            {key: value for key, value in table.items() if key in _FileTable.model_fields}
        )
    except pydantic.ValidationError as exc:
        raise ValueError(_problems(exc, where)) from exc


def _spec(kind: type[_Spec], table: Mapping[str, object], where: str) -> _Spec:
    known = {field.name for field in dataclasses.fields(kind)}
    foreign = table.keys() - known - _FileTable.model_fields.keys()
    if foreign:
        raise ValueError(f"{where} has no key {', '.join(sorted(foreign))}")
    values = {key: value for key, value in table.items() if key in known}
    if isinstance(layout := values.get("layout"), dict):
        values["layout"] = _spec(InputLayout, layout, f"{where}.layout")
    try:
        return TypeAdapter(kind).validate_python(values)
    except pydantic.ValidationError as exc:
        raise ValueError(_problems(exc, where)) from exc


def _check(detector: DetectorSpec, embedder: EmbedderSpec) -> None:
    sides = [side for shape in (*detector.shapes, *detector.snug_shapes) for side in shape]
    positive = (*sides, *detector.strides, detector.multiple, embedder.crop_side)
    if not detector.shapes or not detector.strides or min(positive) < 1:
        raise ValueError("shapes, strides, multiple and crop_side must be positive")
    if any(side % detector.multiple for side in sides):
        raise ValueError(
            f"the sides of a detector's shapes must be multiples of {detector.multiple}"
        )
    if min(*detector.layout.std, *embedder.layout.std) <= 0:
        raise ValueError("every layout.std must be greater than 0")
    if not 1 <= embedder.dimension <= _MAX_DIMENSION:
        raise ValueError(f"embedder.dimension must be 1 to {_MAX_DIMENSION}")


def _problems(exc: pydantic.ValidationError, where: str = "") -> str:
    return "; ".join(
        f"{'.'.join(part for part in (where, *map(str, error['loc'])) if part)}: {error['msg']}"
        for error in exc.errors()
    )
