"""The rows of frames that are written together, on their way to the tables."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa

from facefolk_server.store.frame_rows import FACES, FRAMES, THUMBNAILS

_HEADER = b"facefolk"


@dataclass(frozen=True, slots=True, eq=False)
class RowGroup:
    """Rows that go to the tables together, no two of them under the same key.

    `faces` are by pack, `left` the ids of the faces that a pack loses, `removed` those whose
    thumbnails go. `fresh_faces` and `fresh_frames` say that no table has any of them.
    """

    frames: pa.Table
    thumbnails: pa.Table
    faces: Mapping[str, pa.Table] = field(default_factory=dict)
    left: Mapping[str, Sequence[str]] = field(default_factory=dict)
    removed: Sequence[str] = ()
    fresh_faces: bool = False
    fresh_frames: bool = False

    def keys(self) -> set[str]:
        """Return the ids of the frames and faces that are written or removed."""
        found = {*self.frames["frame_id"].to_pylist(), *self.removed}
        for table in (self.thumbnails, *self.faces.values()):
            found.update(table["face_id"].to_pylist())
        return found.union(*self.left.values())

    def again(self) -> RowGroup:
        """Return the rows as those that tables may have by now."""
        return replace(self, fresh_faces=False, fresh_frames=False)

    def encode(self) -> pa.Buffer:
        """Return the rows as bytes: a stream of Arrow IPC for each table, one after another."""
        left = {pack: list(face_ids) for pack, face_ids in self.left.items()}
        sink = pa.BufferOutputStream()
        _write(sink, self.frames, table=FRAMES, left=left, removed=list(self.removed))
        _write(sink, self.thumbnails, table=THUMBNAILS)
        for pack, rows in self.faces.items():
            _write(sink, rows, table=FACES + pack)
        return sink.getvalue()


def decode(data: bytes) -> RowGroup:
    """Return the rows that `encode` made bytes of; tables may have them by now."""
    source = pa.BufferReader(data)
    tables: dict[str, pa.Table] = {}
    headers: dict[str, Any] = {}
    while source.tell() < len(data):
        with pa.ipc.open_stream(source) as reader:
            rows = reader.read_all()
        told = json.loads(rows.schema.metadata[_HEADER])
        headers |= told
        tables[told["table"]] = rows.replace_schema_metadata(None)
    return RowGroup(
        frames=tables.pop(FRAMES),
        thumbnails=tables.pop(THUMBNAILS),
        faces={name.removeprefix(FACES): rows for name, rows in tables.items()},
        left=headers["left"],
        removed=headers["removed"],
    )


def merged(groups: Iterable[RowGroup]) -> Iterator[RowGroup]:
    """Yield the rows in as few groups as keep the order of those under the same key."""
    together: list[RowGroup] = []
    touched: set[str] = set()
    for group in groups:
        keys = group.keys()
        if together and not touched.isdisjoint(keys):
            yield _joined(together)
            together, touched = [], set()
        together.append(group)
        touched |= keys
    if together:
        yield _joined(together)


def _joined(groups: Sequence[RowGroup]) -> RowGroup:
    faces: dict[str, list[pa.Table]] = {}
    left: dict[str, list[str]] = {}
    for group in groups:
        for pack, rows in group.faces.items():
            faces.setdefault(pack, []).append(rows)
        for pack, face_ids in group.left.items():
            left.setdefault(pack, []).extend(face_ids)
    return RowGroup(
        frames=_in_one(group.frames for group in groups),
        thumbnails=_in_one(group.thumbnails for group in groups),
        faces={pack: _in_one(parts) for pack, parts in faces.items()},
        left=left,
        removed=[face_id for group in groups for face_id in group.removed],
        fresh_faces=all(group.fresh_faces for group in groups),
        fresh_frames=all(group.fresh_frames for group in groups),
    )


def _in_one(tables: Iterable[pa.Table]) -> pa.Table:
    # LanceDB takes each chunk by itself, which costs twice as much.
    return pa.concat_tables(tables).combine_chunks()


def _write(sink: pa.BufferOutputStream, rows: pa.Table, **header: object) -> None:
    schema = rows.schema.with_metadata({_HEADER: json.dumps(header)})
    with pa.ipc.new_stream(sink, schema) as writer:
        writer.write_table(rows)
