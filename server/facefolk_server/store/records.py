"""What goes into the store and what it tells of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from facefolk_server.types import Changes, EventKind, Face, Frame

Embeddings = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to conduct a round, until `expires`; `holder` names a process."""

    round_id: str
    holder: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class Draft:
    """An event that is not in the ledger yet.

    `lease` is taken or renewed with it. Where the kind is PEOPLE_MERGED, `detail` names the
    "target_person_id" that the people who go are merged into.
    """

    kind: EventKind
    changes: Changes
    detail: Mapping[str, str] = field(default_factory=dict)
    lease: Lease | None = None


@dataclass(frozen=True, slots=True, eq=False)
class FrameWrite:
    """The last submission of a frame with all that is to be stored of it.

    `embeddings` are `(n, d) float32` and `thumbnails` n JPEGs, in the order of `faces`; a
    face whose id is known already is replaced, whichever pack found it before. Faces in
    `removed_face_ids` go.
    """

    frame: Frame
    faces: tuple[Face, ...] = ()
    embeddings: Embeddings | None = None
    thumbnails: tuple[bytes, ...] = ()
    removed_face_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableInfo:
    """One table: its name with its library, rows, LanceDB version, bytes of live data."""

    name: str
    rows: int
    version: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """What an operator wants to know of the store."""

    tables: tuple[TableInfo, ...]
    writes_queued: int
    failures: tuple[str, ...] = ()
