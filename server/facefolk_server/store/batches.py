"""Frames with their faces as they are committed together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facefolk_server.errors import StorageError
from facefolk_server.store.face_rows import FaceRows, face_rows
from facefolk_server.store.face_table import FaceTable
from facefolk_server.store.frame_rows import (
    face_schema,
    face_table,
    frames_table,
    thumbnails_table,
)
from facefolk_server.store.frame_table import FrameTable
from facefolk_server.store.records import FrameWrite
from facefolk_server.store.row_groups import RowGroup
from facefolk_server.store.summaries import Summaries
from facefolk_server.types import Face, Frame


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

    def rows(self) -> RowGroup:
        """Return what the tables get of it."""
        return RowGroup(
            frames=frames_table(self.frames),
            thumbnails=thumbnails_table(self.thumbnails),
            faces={
                pack: face_table(faces, face_schema(faces.embeddings.shape[1]))
                for pack, faces in self.faces.items()
            },
            left=self.left,
            removed=self.removed,
            fresh_faces=self.fresh_faces,
            fresh_frames=self.fresh_frames,
        )


def batch_of(
    writes: Sequence[FrameWrite], tables: Mapping[str, FaceTable], frames: FrameTable
) -> Batch:
    """Return what writes come to, given the faces and frames that there are.

    Raises:
        StorageError: Embeddings of a pack are of another length than before.
    """
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
    for pack, found in embeddings.items():
        _check_length(pack, found, tables.get(pack))
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


def take_in(
    batch: Batch, tables: dict[str, FaceTable], frames: FrameTable, summaries: Summaries
) -> None:
    """Bring what is in memory to where it is once a batch is written."""
    for pack, face_ids in batch.left.items():
        tables[pack].remove(face_ids)
        summaries.forget_owners(face_ids)
    for pack, rows in batch.faces.items():
        summaries.forget_owners(rows.face_ids)
        if pack not in tables:
            tables[pack] = FaceTable(pack, int(rows.embeddings.shape[1]))
        tables[pack].put(rows)
    for pack, table in list(tables.items()):
        tables[pack] = table.without_dead_rows()
    frames.put(batch.frames)


def _note_owners(
    tables: Mapping[str, FaceTable], face_id: str, left: dict[str, list[str]], *, but: str = ""
) -> None:
    for pack, table in tables.items():
        if pack != but and table.row_of(face_id) is not None:
            left.setdefault(pack, []).append(face_id)


def _check_length(
    pack: str, embeddings: Sequence[NDArray[np.float32]], table: FaceTable | None
) -> None:
    # What is acknowledged has to fit into the table that it goes to later.
    if table is not None and any(len(vector) != table.dimension for vector in embeddings):
        raise StorageError(
            f"Pack {pack!r} made embeddings of another length before: give the changed pack "
            "a new name.",
            pack=pack,
        )
