"""What the use cases answer: records of the domain with what belongs beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from facefolk_server.types import (
    UNPLACED,
    Event,
    Face,
    Frame,
    Mark,
    Person,
    Placement,
    RoundRecord,
)

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class FaceView:
    """A face with its person; `embedding` is `(d,) float32` where it was asked for.

    The face of a stateless call has empty ids and no `create_time` of meaning.
    """

    face: Face
    placement: Placement = UNPLACED
    embedding: Vector | None = None


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person with its counts; `feature_face_id` is the chosen face or the best one."""

    person: Person
    face_count: int
    asset_count: int
    feature_face_id: str
    etag: str


@dataclass(frozen=True, slots=True)
class Match:
    """The nearest person of a face; `distance` is a cosine distance, 0..2.

    `probability` (0..1) tells how likely it is right.
    """

    person_id: str
    name: str
    distance: float
    face_id: str
    probability: float


@dataclass(frozen=True, slots=True)
class RecognizedFace:
    """A face with its nearest person."""

    view: FaceView
    match: Match | None


@dataclass(frozen=True, slots=True)
class ImageFaces:
    """The faces of one image, highest score first.

    `timings` are milliseconds by stage; width and height are of the upright image in pixels.
    """

    faces: tuple[RecognizedFace, ...]
    width: int
    height: int
    pack: str
    timings: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Embeddings:
    """Embeddings in the order asked for, `(n, d) float32`, unit length."""

    vectors: Vector
    pack: str
    pack_digest: str
    timings: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ComparedPair:
    """The cosine distance of the faces at two indexes, 0..2."""

    left: int
    right: int
    distance: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Every pair of two sides, nearest first."""

    left_faces: tuple[FaceView, ...]
    right_faces: tuple[FaceView, ...]
    pairs: tuple[ComparedPair, ...]
    max_recognition_distance: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A stored face that was found, with its cosine distance, 0..2."""

    view: FaceView
    distance: float


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What was found for one face looked for, nearest first."""

    query: FaceView | None
    hits: tuple[Hit, ...]
    match: Match | None


@dataclass(frozen=True, slots=True)
class FrameView:
    """A frame and whether it was made with other settings than the current ones."""

    frame: Frame
    stale: bool


@dataclass(frozen=True, slots=True)
class AssetView:
    """An asset with its frames in order."""

    asset_id: str
    frames: tuple[FrameView, ...]
    capture_time: datetime | None
    face_count: int


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A square JPEG and the face it shows."""

    data: bytes
    face_id: str


@dataclass(frozen=True, slots=True)
class EventView:
    """An entry of the history, and whether it can be undone as things stand."""

    event: Event
    undoable: bool


@dataclass(frozen=True, slots=True)
class Neighbor:
    """A face near another one; `copy` tells that the embeddings are the very same."""

    face_id: str
    person_id: str
    distance: float
    core: bool
    lends: bool
    copy: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a face is where it is, as things stand.

    `neighbor_count` is the size of N(f), the face itself included; `neighbors` are the
    nearest of them without it. `round` is the record of the round that decided.
    """

    face: FaceView
    core: bool
    neighbor_count: int
    neighbors: tuple[Neighbor, ...]
    only_copies: bool
    round: RoundRecord | None
    vetoes: tuple[str, ...]
    marks: tuple[Mark, ...]
