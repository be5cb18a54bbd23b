"""The tables of faces, thumbnails and frames, and the order in which they are written.

A frame's row is written last, so that a frame that is there has all its faces; a write that
is cut off leaves the frame as not submitted, and sending it again brings the same faces.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pyarrow as pa

from facefolk_server.store.database import Database
from facefolk_server.store.face_table import FaceTable
from facefolk_server.store.frame_rows import (
    FACES,
    FRAME_COLUMNS_SINCE,
    FRAME_SCHEMA,
    FRAMES,
    THUMBNAIL_SCHEMA,
    THUMBNAILS,
    frames_table,
    load_faces,
    read_frame,
)
from facefolk_server.store.frame_table import FrameTable
from facefolk_server.store.row_groups import RowGroup
from facefolk_server.store.table import Table
from facefolk_server.types import Frame

_FACE_KEY = ["face_id"]
_FRAME_KEY = ["frame_id"]


class FrameStore:
    """The tables on disk; blocking.

    While `lock` is held they stay as they are.
    """

    def __init__(self, database: Database) -> None:
        self.lock = threading.RLock()
        self._database = database
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

    def write(self, group: RowGroup) -> None:
        """Write rows; durable on return.

        Raises:
            StorageError: They are not written, or not all; written again they are.
        """
        with self.lock:
            fresh = group.fresh_faces
            if len(group.thumbnails):
                table = self._open(THUMBNAILS, THUMBNAIL_SCHEMA, _FACE_KEY)
                self._put(table, group.thumbnails, _FACE_KEY, fresh=fresh)
            for pack, rows in group.faces.items():
                table = self._open(FACES + pack, rows.schema, _FACE_KEY)
                self._put(table, rows, _FACE_KEY, fresh=fresh)
            for pack, face_ids in group.left.items():
                self._tables[FACES + pack].delete("face_id", face_ids)
            if group.removed and THUMBNAILS in self._tables:
                self._tables[THUMBNAILS].delete("face_id", group.removed)
            self._put_frames(group.frames, fresh=group.fresh_frames)

    def erase(
        self, asset_ids: Sequence[str], face_ids: Sequence[str], frames: Sequence[Frame]
    ) -> None:
        """Remove the frames of assets, and faces with their pictures; durable on return.

        `frames` are those that stay with fewer faces. The files still hold what is removed.

        Raises:
            StorageError: Not all of it is removed; the same again removes the rest.
        """
        with self.lock:
            if frames:
                self._put_frames(frames_table(frames))
            for name, table in self._tables.items():
                if name == FRAMES:
                    table.remove("asset_id", asset_ids)
                else:
                    table.remove("face_id", face_ids)

    def _put_frames(self, rows: pa.Table, *, fresh: bool = False) -> None:
        table = self._open(FRAMES, FRAME_SCHEMA, _FRAME_KEY)
        self._put(table, rows, _FRAME_KEY, fresh=fresh)

    def _put(self, table: Table, rows: pa.Table, key: Sequence[str], *, fresh: bool) -> None:
        # An upsert looks through the keys of every fragment: three to six times the work.
        if fresh and self._database.path is not None:
            table.add(rows)
        else:
            table.upsert(rows, key)

    def _open(self, name: str, schema: pa.Schema, key: Sequence[str]) -> Table:
        if name not in self._tables:
            made = self._database.create(name, schema, key)
            self._tables = {**self._tables, name: made}  # others may be looking at it
        return self._tables[name]
