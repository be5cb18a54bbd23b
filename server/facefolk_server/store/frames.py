"""The tables of faces, thumbnails and frames: their schemas, rows, and order of writing.

A frame's row is written last, so that a frame that is there has all its faces; a write that
is cut off leaves the frame as not submitted, and sending it again brings the same faces.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from facefolk_server.errors import StorageError
from facefolk_server.store.database import Database, Table
from facefolk_server.store.face_table import FaceRows, FaceTable, face_rows
from facefolk_server.store.frame_table import FrameTable
from facefolk_server.store.records import FrameWrite
from facefolk_server.types import AssetState, Face, Frame

FRAMES = "frames"
THUMBNAILS = "thumbnails"
FACES = "faces_"

_FACE_KEY = ["face_id"]
_FRAME_KEY = ["frame_id"]
_TIME = pa.timestamp("us", tz="UTC")


def _needed(name: str, kind: pa.DataType) -> pa.Field:
    return pa.field(name, kind, nullable=False)


FRAME_SCHEMA = pa.schema(
    [
        _needed("frame_id", pa.string()),
        _needed("asset_id", pa.string()),
        _needed("frame_offset_us", pa.int64()),
        _needed("state", pa.int8()),
        _needed("width", pa.int32()),
        _needed("height", pa.int32()),
        _needed("pack", pa.string()),
        _needed("pack_digest", pa.string()),
        _needed("min_detection_score", pa.float64()),
        _needed("face_count", pa.int32()),
        _needed("content_digest", pa.string()),
        pa.field("capture_time", _TIME),
        pa.field("update_time", _TIME),
        _needed("error", pa.string()),
    ]
)
THUMBNAIL_SCHEMA = pa.schema([_needed("face_id", pa.string()), _needed("jpeg", pa.binary())])


def face_schema(dimension: int) -> pa.Schema:
    """Return the schema of the faces of a pack with embeddings of this length."""
    return pa.schema(
        [
            _needed("face_id", pa.string()),
            _needed("asset_id", pa.string()),
            _needed("frame_offset_us", pa.int64()),
            _needed("pack_digest", pa.string()),
            _needed("box", pa.list_(pa.float32(), 4)),
            _needed("landmarks", pa.list_(pa.float32(), 10)),
            _needed("score", pa.float32()),
            _needed("quality", pa.float32()),
            _needed("image_size", pa.list_(pa.int32(), 2)),
            _needed("create_time", _TIME),
            _needed("embedding", pa.list_(pa.float32(), dimension)),
        ]
    )


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Frames that are committed together, no two of them the same frame.

    `faces` are rows by pack, `left` the faces that a pack loses to removal or another pack.
    """

    frames: tuple[Frame, ...]
    faces: Mapping[str, FaceRows]
    thumbnails: Mapping[str, bytes]
    left: Mapping[str, tuple[str, ...]]
    removed: tuple[str, ...]


class FrameStore:
    """The tables on disk; blocking, written by one thread at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tables = {
            name: database.open(name)
            for name in database.names()
            if name in (FRAMES, THUMBNAILS) or name.startswith(FACES)
        }

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables that exist."""
        return tuple(self._tables.values())

    def load_frames(self) -> FrameTable:
        """Read all frames."""
        table = FrameTable()
        if FRAMES in self._tables:
            for batch in self._tables[FRAMES].batches():
                table.put(_frame(row) for row in batch.to_pylist())
        return table

    def load_faces(self) -> dict[str, FaceTable]:
        """Read all faces, by pack."""
        return {
            name.removeprefix(FACES): _load_faces(name.removeprefix(FACES), table)
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
        if batch.thumbnails:
            pictures = {
                "face_id": list(batch.thumbnails),
                "jpeg": list(batch.thumbnails.values()),
            }
            rows = pa.table(pictures, schema=THUMBNAIL_SCHEMA)
            self._open(THUMBNAILS, THUMBNAIL_SCHEMA, _FACE_KEY).upsert(rows, _FACE_KEY)
        for pack, faces in batch.faces.items():
            schema = face_schema(faces.embeddings.shape[1])
            table = self._open(FACES + pack, schema, _FACE_KEY)
            if table.schema.field("embedding").type != schema.field("embedding").type:
                raise StorageError(
                    f"Pack {pack!r} made embeddings of another length before: give the "
                    "changed pack a new name.",
                    pack=pack,
                )
            table.upsert(_face_table_rows(faces, schema), _FACE_KEY)
        for pack, face_ids in batch.left.items():
            self._tables[FACES + pack].delete("face_id", face_ids)
        if batch.removed and THUMBNAILS in self._tables:
            self._tables[THUMBNAILS].delete("face_id", batch.removed)
        self._put_frames(batch.frames)

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

    def _put_frames(self, frames: Sequence[Frame]) -> None:
        rows = pa.Table.from_pylist([_frame_row(one) for one in frames], schema=FRAME_SCHEMA)
        self._open(FRAMES, FRAME_SCHEMA, _FRAME_KEY).upsert(rows, _FRAME_KEY)

    def _open(self, name: str, schema: pa.Schema, key: Sequence[str]) -> Table:
        if name not in self._tables:
            made = self._database.create(name, schema, key)
            self._tables = {**self._tables, name: made}  # others may be looking at it
        return self._tables[name]


def batch_of(writes: Sequence[FrameWrite], tables: Mapping[str, FaceTable]) -> Batch:
    """Return what writes come to, given the faces that there are."""
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
    )


def _note_owners(
    tables: Mapping[str, FaceTable], face_id: str, left: dict[str, list[str]], *, but: str = ""
) -> None:
    for pack, table in tables.items():
        if pack != but and table.row_of(face_id) is not None:
            left.setdefault(pack, []).append(face_id)


def _frame_row(frame: Frame) -> dict[str, object]:
    # Keys of two columns are not to be had: the last "@" tells asset and offset apart.
    frame_id = f"{frame.asset_id}@{frame.frame_offset_us}"
    fields = FRAME_SCHEMA.names[1:]
    return {"frame_id": frame_id} | {name: getattr(frame, name) for name in fields}


def _frame(row: dict[str, Any]) -> Frame:
    del row["frame_id"]
    return Frame(**{**row, "state": AssetState(row["state"])})


def _face_table_rows(faces: FaceRows, schema: pa.Schema) -> pa.Table:
    def lists(values: NDArray[np.generic]) -> pa.Array:
        flat = np.ascontiguousarray(values).reshape(-1)
        return pa.FixedSizeListArray.from_arrays(pa.array(flat), values.shape[1])

    columns = {
        "face_id": pa.array(faces.face_ids, pa.string()),
        "asset_id": pa.array(faces.asset_ids, pa.string()),
        "frame_offset_us": pa.array(faces.frame_offsets_us),
        "pack_digest": pa.array(faces.pack_digests, pa.string()),
        "box": lists(faces.boxes),
        "landmarks": lists(faces.landmarks),
        "score": pa.array(faces.scores),
        "quality": pa.array(faces.qualities),
        "image_size": lists(faces.sizes),
        "create_time": pa.array(faces.create_times_us).cast(_TIME),
        "embedding": lists(faces.embeddings),
    }
    return pa.table([columns[name] for name in schema.names], schema=schema)


def _load_faces(pack: str, table: Table) -> FaceTable:
    loaded = FaceTable(pack, table.schema.field("embedding").type.list_size)
    for batch in table.batches():
        loaded.put(_rows_of(batch))
    return loaded


def _rows_of(batch: pa.RecordBatch) -> FaceRows:
    def array(name: str, width: int = 0) -> Any:
        column = batch.column(name)
        if not width:
            return column.to_numpy(zero_copy_only=False)
        return column.flatten().to_numpy(zero_copy_only=False).reshape(-1, width)

    width = batch.schema.field("embedding").type.list_size
    return FaceRows(
        face_ids=batch.column("face_id").to_pylist(),
        asset_ids=batch.column("asset_id").to_pylist(),
        pack_digests=batch.column("pack_digest").to_pylist(),
        embeddings=array("embedding", width),
        frame_offsets_us=array("frame_offset_us"),
        boxes=array("box", 4),
        landmarks=array("landmarks", 10),
        scores=array("score"),
        qualities=array("quality"),
        sizes=array("image_size", 2),
        create_times_us=batch.column("create_time").cast(pa.int64()).to_numpy(),
    )
