"""Rows of the tables of faces, thumbnails and frames: their schemas, there and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from facefolk_server.store.face_rows import FaceRows
from facefolk_server.store.face_table import FaceTable
from facefolk_server.store.table import Table
from facefolk_server.types import AssetState, Frame

FRAMES = "frames"
THUMBNAILS = "thumbnails"
FACES = "faces_"
"""Before the name of a pack."""

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
        _needed("looks", pa.string()),
    ]
)
FRAME_COLUMNS_SINCE: Mapping[str, str] = MappingProxyType({"looks": "''"})
"""Columns that stores of schema version 1 do not have, with what they are there, as SQL."""
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


def frames_table(frames: Sequence[Frame]) -> pa.Table:
    """Return frames as Arrow has them."""
    return pa.Table.from_pylist([_frame_row(frame) for frame in frames], schema=FRAME_SCHEMA)


def thumbnails_table(thumbnails: Mapping[str, bytes]) -> pa.Table:
    """Return thumbnails, by face id, as Arrow has them."""
    columns = {"face_id": list(thumbnails), "jpeg": list(thumbnails.values())}
    return pa.table(columns, schema=THUMBNAIL_SCHEMA)


def _frame_row(frame: Frame) -> dict[str, object]:
    # Keys of two columns are not to be had: the last "@" tells asset and offset apart.
    frame_id = f"{frame.asset_id}@{frame.frame_offset_us}"
    fields = FRAME_SCHEMA.names[1:]
    return {"frame_id": frame_id} | {name: getattr(frame, name) for name in fields}


def read_frame(row: dict[str, Any]) -> Frame:
    """Return the frame of a row."""
    del row["frame_id"]
    return Frame(**{**row, "state": AssetState(row["state"])})


def face_table(faces: FaceRows, schema: pa.Schema) -> pa.Table:
    """Return faces as Arrow has them, embeddings `(n, d)` as fixed lists."""

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


def load_faces(pack: str, table: Table) -> FaceTable:
    """Read the faces of a pack into memory."""
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
