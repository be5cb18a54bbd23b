"""The rows of a bundle: one schema for all, of which `kind` tells the columns used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from facefolk_server.store.answers import Pair, pair_of
from facefolk_server.types import (
    Assignment,
    BoundingBox,
    Face,
    Mark,
    MarkKind,
    Person,
    Placement,
    Point,
)

EMBEDDING = "embedding"
_TIME = pa.timestamp("us", tz="UTC")
SCHEMA = pa.schema(
    [
        pa.field("kind", pa.string(), nullable=False),
        pa.field("person_id", pa.string()),
        pa.field("name", pa.string()),
        pa.field("birth_date", pa.date32()),
        pa.field("hidden", pa.bool_()),
        pa.field("favorite", pa.bool_()),
        pa.field("feature_face_id", pa.string()),
        pa.field("update_time", _TIME),
        pa.field("create_time", _TIME),
        pa.field("face_id", pa.string()),
        pa.field("asset_id", pa.string()),
        pa.field("frame_offset_us", pa.int64()),
        pa.field("assignment", pa.string()),
        pa.field("box", pa.list_(pa.float32(), 4)),
        pa.field("landmarks", pa.list_(pa.float32(), 10)),
        pa.field("image_size", pa.list_(pa.int32(), 2)),
        pa.field("score", pa.float32()),
        pa.field("quality", pa.float32()),
        pa.field("pack", pa.string()),
        pa.field("pack_digest", pa.string()),
        pa.field(EMBEDDING, pa.list_(pa.float32())),
        pa.field("mark", pa.string()),
        pa.field("other_person_id", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True, eq=False)
class BundledFace:
    """A face with its person; `embedding` is `(d,) float32` where it is in the bundle."""

    face: Face
    placement: Placement
    embedding: NDArray[np.float32] | None = None


def rows_of(batch: pa.RecordBatch) -> Iterator[dict[str, Any]]:
    """Yield rows; embeddings are `(d,) float32` arrays in place of long lists of numbers."""
    vectors = batch.column(EMBEDDING)
    rows = batch.drop_columns([EMBEDDING]).to_pylist()
    for row, vector in zip(rows, vectors, strict=True):
        row[EMBEDDING] = vector.values.to_numpy().copy() if vector.is_valid else None
        yield row


def person_row(person: Person) -> dict[str, Any]:
    """Return the row of a person."""
    return {
        "kind": "person",
        "person_id": person.person_id,
        "name": person.name,
        "birth_date": person.birth_date,
        "hidden": person.hidden,
        "favorite": person.favorite,
        "feature_face_id": person.feature_face_id,
        "create_time": person.create_time,
        "update_time": person.update_time,
    }


def _person(row: Mapping[str, Any]) -> Person:
    return Person(
        person_id=_given(row, "person_id"),
        name=row["name"] or "",
        birth_date=row["birth_date"],
        hidden=bool(row["hidden"]),
        favorite=bool(row["favorite"]),
        feature_face_id=row["feature_face_id"] or "",
        create_time=row["create_time"],
        update_time=row["update_time"],
    )


def face_row(bundled: BundledFace) -> dict[str, Any]:
    """Return the row of a face."""
    face, placement = bundled.face, bundled.placement
    box = face.box
    return {
        "kind": "face",
        "person_id": placement.person_id,
        "create_time": face.create_time,
        "face_id": face.face_id,
        "asset_id": face.asset_id,
        "frame_offset_us": face.frame_offset_us,
        "assignment": placement.assignment.name,
        "box": [box.x_min, box.y_min, box.x_max, box.y_max],
        "landmarks": [value for point in face.landmarks for value in (point.x, point.y)],
        "image_size": [face.image_width, face.image_height],
        "score": face.score,
        "quality": face.quality,
        "pack": face.pack,
        "pack_digest": face.pack_digest,
        EMBEDDING: None if bundled.embedding is None else bundled.embedding.tolist(),
    }


def _face(row: Mapping[str, Any]) -> BundledFace:
    points = iter(row["landmarks"])
    landmarks = tuple(Point(x, y) for x, y in zip(points, points, strict=True))
    width, height = row["image_size"]
    face = Face(
        face_id=_given(row, "face_id"),
        asset_id=_given(row, "asset_id"),
        frame_offset_us=row["frame_offset_us"],
        box=BoundingBox(*row["box"]),
        landmarks=landmarks,  # type: ignore[arg-type]  # ten values, by the schema
        score=row["score"],
        quality=row["quality"],
        image_width=width,
        image_height=height,
        pack=row["pack"],
        pack_digest=row["pack_digest"],
        create_time=row["create_time"],
    )
    placement = Placement(row["person_id"], Assignment[row["assignment"]])
    return BundledFace(face, placement, row[EMBEDDING])


def mark_row(mark: Mark) -> dict[str, Any]:
    """Return the row of a mark."""
    return {
        "kind": "mark",
        "face_id": mark.face_id,
        "mark": mark.kind.name,
        "person_id": mark.person_id or None,
    }


def _mark(row: Mapping[str, Any]) -> Mark:
    return Mark(_given(row, "face_id"), MarkKind[row["mark"]], row["person_id"] or "")


def apart_row(pair: Pair) -> dict[str, Any]:
    """Return the row of two people who were told apart."""
    return {"kind": "apart", "person_id": pair[0], "other_person_id": pair[1]}


def _apart(row: Mapping[str, Any]) -> Pair:
    return pair_of(_given(row, "person_id"), _given(row, "other_person_id"))


def _given(row: Mapping[str, Any], name: str) -> str:
    value = row[name]
    if not isinstance(value, str) or not value:
        raise ValueError(name)
    return value


READERS: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "person": _person,
    "face": _face,
    "mark": _mark,
    "apart": _apart,
}
"""What makes the value of a row, by its kind.

It raises KeyError, TypeError or ValueError where the row lacks what its kind needs.
"""
