"""People as one stream of Arrow IPC that any Arrow library reads (docs/moving.md).

All rows have one schema; `kind` tells which columns a row uses: people come first, then
faces, marks, and people told apart. What the bundle is about is in the metadata of the schema.
The last record batch is empty, and its own metadata hold the SHA-256 of every byte before it
and the numbers of rows, so that a bundle that is cut off or damaged is told from a whole one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, BinaryIO, TypeVar

import pyarrow as pa

from facefolk_server.errors import InvalidRequestError
from facefolk_server.store.answers import Pair
from facefolk_server.store.bundle_rows import (
    READERS,
    SCHEMA,
    BundledFace,
    apart_row,
    face_row,
    mark_row,
    person_row,
    rows_of,
)
from facefolk_server.types import Mark, Person

FORMAT = "facefolk-people"
VERSION = "1"

_HEADER = b"facefolk"
_ROWS_A_BATCH = 2000
_BLOCK = 1 << 20
_BATCH = "record batch"
_MESSAGE_HEADER = 2
_BATCH_COMPRESSION = 3

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class BundleHeader:
    """What a bundle is about; `pack_digest` is of the pack that was in use."""

    library_id: str
    pack: str
    pack_digest: str
    create_time: datetime


@dataclass(frozen=True, slots=True)
class Bundle:
    """All that a bundle holds; ids are not checked."""

    header: BundleHeader
    people: tuple[Person, ...]
    faces: tuple[BundledFace, ...]
    marks: tuple[Mark, ...]
    apart: tuple[Pair, ...] = ()


def write_bundle(
    header: BundleHeader,
    people: Iterable[Person],
    faces: Iterable[BundledFace],
    marks: Iterable[Mark],
    apart: Iterable[Pair] = (),
) -> Iterator[bytes]:
    """Yield a bundle in pieces; the rows are asked for as it goes on.

    `apart` are pairs of people of whom a user said that they are two.
    """
    told = {
        "format": FORMAT,
        "version": VERSION,
        "library_id": header.library_id,
        "pack": header.pack,
        "pack_digest": header.pack_digest,
        "create_time": header.create_time.isoformat(),
    }
    sink = _Sink()
    schema = SCHEMA.with_metadata({_HEADER: json.dumps(told, ensure_ascii=False)})
    empty = pa.RecordBatch.from_pylist([], schema=schema)
    counts = {}
    with pa.ipc.new_stream(sink, schema) as writer:
        # The schema is written with the first batch; the checksum is to be of it, too.
        writer.write_batch(empty)
        parts: Mapping[str, Iterator[dict[str, Any]]] = {
            "person": map(person_row, people),
            "face": map(face_row, faces),
            "mark": map(mark_row, marks),
            "apart": map(apart_row, apart),
        }
        for kind, rows in parts.items():
            counts[kind] = 0
            for some in _in_batches(rows):
                counts[kind] += len(some)
                writer.write_batch(pa.RecordBatch.from_pylist(some, schema=schema))
                yield sink.taken()
        writer.write_batch(empty, _seal(sink.digest(), counts))
    yield sink.taken()


def read_bundle(file: BinaryIO) -> Bundle:
    """Return what a bundle holds; the file has to be seekable.

    Raises:
        InvalidRequestError: It is no bundle, of a newer version, cut off or damaged.
    """
    found: dict[str, list[Any]] = {kind: [] for kind in READERS}
    seal: Mapping[str, str] = {}
    try:
        digest = _digest_before_last(file)
        file.seek(0)
        with pa.ipc.open_stream(file) as reader:
            header = _header(reader.schema)
            while (one := _next_batch(reader)) is not None:
                batch, seal = one
                for row in rows_of(batch):
                    found[row["kind"]].append(READERS[row["kind"]](row))
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError, EOFError) as error:
        raise _no_bundle("it was cut off, or damaged, or made by something else") from error
    if seal != _seal(digest, {kind: len(rows) for kind, rows in found.items()}):
        raise _no_bundle("its checksum is missing or wrong; it was cut off or damaged")
    return Bundle(header, *(tuple(found[kind]) for kind in READERS))


def _seal(digest: str, counts: Mapping[str, int]) -> dict[str, str]:
    return {"sha256": digest, **{kind: str(count) for kind, count in counts.items()}}


class _Sink:
    """A file that keeps what is written until it is taken, and hashes it."""

    closed = False

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._hash = hashlib.sha256()

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        self._hash.update(part)
        return len(part)

    def flush(self) -> None:
        """Do nothing: what is written is here."""

    def close(self) -> None:
        """Do nothing: what is written is still to be taken."""

    def digest(self) -> str:
        return self._hash.hexdigest()

    def taken(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


def _digest_before_last(file: BinaryIO) -> str:
    """Return the SHA-256 of all bytes before the last message of a stream."""
    file.seek(0)
    source = pa.PythonFile(file, "r")
    starts = []
    while True:
        start = source.tell()
        try:
            message = pa.ipc.read_message(source)
        except EOFError:
            break
        if message is None:
            break
        if message.type == _BATCH and _is_compressed(message.metadata.to_pybytes()):
            raise _no_bundle("its batches are compressed; write it without compression")
        starts.append(start)
    digest = hashlib.sha256()
    left = starts[-1] if starts else 0
    file.seek(0)
    while left:
        block = file.read(min(left, _BLOCK))
        digest.update(block)
        left -= len(block)
    return digest.hexdigest()


def _is_compressed(metadata: bytes) -> bool:
    """Tell whether the body of a record batch is compressed, before it is unfolded.

    40 kB of it may hold a gigabyte. The places are those of Message.fbs of Arrow's format in
    FlatBuffers, whose tables lead to their fields by a table of offsets.
    """
    header = _field(metadata, int.from_bytes(metadata[:4], "little"), _MESSAGE_HEADER)
    if header is None:
        return False
    batch = header + int.from_bytes(metadata[header : header + 4], "little")
    return _field(metadata, batch, _BATCH_COMPRESSION) is not None


def _field(buffer: bytes, table: int, index: int) -> int | None:
    """Return where a field of a FlatBuffers table lies, None where it is absent."""
    offsets = table - int.from_bytes(buffer[table : table + 4], "little", signed=True)
    place = 4 + 2 * index
    if place >= int.from_bytes(buffer[offsets : offsets + 2], "little"):
        return None
    start = offsets + place
    offset = int.from_bytes(buffer[start : start + 2], "little")
    return table + offset if offset else None


def _next_batch(reader: Any) -> tuple[pa.RecordBatch, Mapping[str, str]] | None:
    try:
        batch, metadata = reader.read_next_batch_with_custom_metadata()
    except StopIteration:
        return None
    batch.validate(full=True)
    return batch, {k.decode(): v.decode() for k, v in (metadata or {}).items()}


def _header(schema: pa.Schema) -> BundleHeader:
    told = json.loads((schema.metadata or {}).get(_HEADER, b"{}"))
    if told.get("format") != FORMAT or not schema.equals(SCHEMA):
        raise _no_bundle("it was not made by ExportPeople")
    if told["version"] != VERSION:
        raise _no_bundle(f"it is of version {told['version']}, known here is {VERSION}")
    return BundleHeader(
        told["library_id"],
        told["pack"],
        told["pack_digest"],
        datetime.fromisoformat(told["create_time"]),
    )


def _no_bundle(why: str) -> InvalidRequestError:
    return InvalidRequestError(f"This is no bundle of people: {why}.", field="chunk")


def _in_batches(rows: Iterator[T]) -> Iterator[Sequence[T]]:
    while some := list(islice(rows, _ROWS_A_BATCH)):
        yield some
