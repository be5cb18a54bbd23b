"""The tables of faces, thumbnails and frames: their schemas, rows, and order of writing.

A frame's row is written last, so that a frame that is there has all its faces; a write that
is cut off leaves the frame as not submitted, and sending it again brings the same faces.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from facefolk_server.errors import StorageError
from facefolk_server.store.database import Database
from facefolk_server.store.face_rows import FaceRows, face_rows
from facefolk_server.store.face_table import FaceTable
from facefolk_server.store.frame_rows import (
    FRAME_COLUMNS_SINCE,
    FRAME_SCHEMA,
    THUMBNAIL_SCHEMA,
    face_schema,
    face_table,
    frame_row,
    load_faces,
    read_frame,
)
from facefolk_server.store.frame_table import FrameTable
from facefolk_server.store.records import FrameWrite
from facefolk_server.store.table import Table
from facefolk_server.types import Face, Frame

FRAMES = "frames"
THUMBNAILS = "thumbnails"
FACES = "faces_"

_FACE_KEY = ["face_id"]
_FRAME_KEY = ["frame_id"]


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Frames that are committed together, no two of them the same frame.

    `faces` are rows by pack, `left` the faces that a pack loses to removal or another pack.
    `fresh_faces` and `fresh_frames` say that none of them has been stored before.
    """

    frames: tuple[Frame, ...]
    faces: Mapping[str, FaceRows]
    thumbnails: Mapping[str, bytes]
    left: Mapping[str, tuple[str, ...]]
    removed: tuple[str, ...]
    fresh_faces: bool
    fresh_frames: bool


class FrameStore:
    """The tables on disk; blocking, written by one thread at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # After a failure a table may hold rows that are not in memory.
        self._certain = True
        self._tables = {
            name: database.open(name)
            for name in database.names()
            if name in (FRAMES, THUMBNAILS) or name.startswith(FACES)
        }
        if FRAMES in self._tables:
            for column, expression in FRAME_COLUMNS_SINCE.items():
                self._tables[FRAMES].add_column(column, expression)

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables that exist."""
        return tuple(self._tables.values())

    def load_frames(self) -> FrameTable:
        """Read all frames."""
        table = FrameTable()
        if FRAMES in self._tables:
            for batch in self._tables[FRAMES].batches():
                table.put(read_frame(row) for row in batch.to_pylist())
        return table

    def load_faces(self) -> dict[str, FaceTable]:
        """Read all faces, by pack."""
        return {
            name.removeprefix(FACES): load_faces(name.removeprefix(FACES), table)
            for name, table in self._tables.items()
            if name.startswith(FACES)
        }

    def thumbnail(self, face_id: str) -> bytes | None:
        """Return the picture of a face, None where there is none."""
        table = self._tables.get(THUMBNAILS)
        if table is None:
            return None
        rows = table.rows(["jpeg"], where=f"face_id = '{face_id}'")
        return bytes(rows[0]["jpeg"]) if rows else None

    def commit(self, batch: Batch) -> None:
        """Write frames with their faces; durable on return.

        Raises:
            StorageError: They are not written, or not all; sent again they are.
        """
        certain, self._certain = self._certain, False
        batch = batch if certain else replace(batch, fresh_faces=False, fresh_frames=False)
        if batch.thumbnails:
            pictures = {
                "face_id": list(batch.thumbnails),
                "jpeg": list(batch.thumbnails.values()),
            }
            rows = pa.table(pictures, schema=THUMBNAIL_SCHEMA)
            table = self._open(THUMBNAILS, THUMBNAIL_SCHEMA, _FACE_KEY)
            self._put(table, rows, _FACE_KEY, fresh=batch.fresh_faces)
        for pack, faces in batch.faces.items():
            schema = face_schema(faces.embeddings.shape[1])
            table = self._open(FACES + pack, schema, _FACE_KEY)
            if table.schema.field("embedding").type != schema.field("embedding").type:
                raise StorageError(
                    f"Pack {pack!r} made embeddings of another length before: give the "
                    "changed pack a new name.",
                    pack=pack,
                )
            rows = face_table(faces, schema)
            self._put(table, rows, _FACE_KEY, fresh=batch.fresh_faces)
        for pack, face_ids in batch.left.items():
            self._tables[FACES + pack].delete("face_id", face_ids)
        if batch.removed and THUMBNAILS in self._tables:
            self._tables[THUMBNAILS].delete("face_id", batch.removed)
        self._put_frames(batch.frames, fresh=batch.fresh_frames)
        self._certain = True

    def erase(
        self, asset_ids: Sequence[str], face_ids: Sequence[str], frames: Sequence[Frame]
    ) -> None:
        """Remove the frames of assets, and faces with their pictures; durable on return.

        `frames` are those that stay with fewer faces. The files still hold what is removed.

        Raises:
            StorageError: Not all of it is removed; the same again removes the rest.
        """
        if frames:
            self._put_frames(frames)
        for name, table in self._tables.items():
            if name == FRAMES:
                table.remove("asset_id", asset_ids)
            else:
                table.remove("face_id", face_ids)

    def _put_frames(self, frames: Sequence[Frame], *, fresh: bool = False) -> None:
        rows = pa.Table.from_pylist([frame_row(one) for one in frames], schema=FRAME_SCHEMA)
        table = self._open(FRAMES, FRAME_SCHEMA, _FRAME_KEY)
        self._put(table, rows, _FRAME_KEY, fresh=fresh)

    def _put(self, table: Table, rows: pa.Table, key: Sequence[str], *, fresh: bool) -> None:
        # An upsert looks through the keys of every fragment: three to six times the work.
        if fresh and self._database.is_local:
            table.add(rows)
        else:
            table.upsert(rows, key)

    def _open(self, name: str, schema: pa.Schema, key: Sequence[str]) -> Table:
        if name not in self._tables:
            made = self._database.create(name, schema, key)
            self._tables = {**self._tables, name: made}  # others may be looking at it
        return self._tables[name]


def batch_of(
    writes: Sequence[FrameWrite], tables: Mapping[str, FaceTable], frames: FrameTable
) -> Batch:
    """Return what writes come to, given the faces and frames that there are."""
    faces: dict[str, list[Face]] = {}
    embeddings: dict[str, list[NDArray[np.float32]]] = {}
    thumbnails: dict[str, bytes] = {}
    left: dict[str, list[str]] = {}
    removed: list[str] = []
    for write in writes:
        removed += write.removed_face_ids
        thumbnails.update(
            (face.face_id, jpeg)
            for face, jpeg in zip(write.faces, write.thumbnails, strict=False)
        )
        vectors = np.empty((0, 0), np.float32) if write.embeddings is None else write.embeddings
        for index, face in enumerate(write.faces):
            faces.setdefault(face.pack, []).append(face)
            embeddings.setdefault(face.pack, []).append(vectors[index])
            _note_owners(tables, face.face_id, left, but=face.pack)
    for face_id in removed:
        _note_owners(tables, face_id, left)
    return Batch(
        frames=tuple(write.frame for write in writes),
        faces={p: face_rows(found, np.stack(embeddings[p])) for p, found in faces.items()},
        thumbnails=thumbnails,
        left={pack: tuple(face_ids) for pack, face_ids in left.items()},
        removed=tuple(removed),
        fresh_faces=not any(
            table.row_of(face.face_id) is not None
            for table in tables.values()
            for write in writes
            for face in write.faces
        ),
        fresh_frames=all(
            frames.get(w.frame.asset_id, w.frame.frame_offset_us) is None for w in writes
        ),
    )


def _note_owners(
    tables: Mapping[str, FaceTable], face_id: str, left: dict[str, list[str]], *, but: str = ""
) -> None:
    for pack, table in tables.items():
        if pack != but and table.row_of(face_id) is not None:
            left.setdefault(pack, []).append(face_id)
