"""Faces of a bundle whose pictures have not been submitted here yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from facefolk_server.service.identifiers import face_id
from facefolk_server.service.reading import Reading
from facefolk_server.service.resolved import Resolved
from facefolk_server.store import BundledFace, FrameWrite
from facefolk_server.types import AssetState, Frame

FrameKey = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Newcomers:
    """The frames to add with their faces; no two of them the same frame."""

    writes: tuple[FrameWrite, ...] = ()

    @property
    def faces(self) -> int:
        """How many faces they have."""
        return sum(len(write.faces) for write in self.writes)

    @property
    def frames(self) -> set[FrameKey]:
        """The frames as (asset, offset in microseconds)."""
        return {(w.frame.asset_id, w.frame.frame_offset_us) for w in self.writes}


def newcomers_of(
    reading: Reading, faces: Iterable[BundledFace], settings: Resolved, *, now: datetime
) -> Newcomers:
    """Return the faces to add: of the pack in use, with embeddings, of frames not here.

    Their frames count as stale, so that whoever compares notices that they are to be sent;
    then their faces are taken over with their people.
    """
    by_frame: defaultdict[FrameKey, list[BundledFace]] = defaultdict(list)
    for bundled in faces:
        face = bundled.face
        if bundled.embedding is not None and face.pack_digest == settings.pack_digest:
            by_frame[face.asset_id, face.frame_offset_us].append(bundled)
    dimension = _dimension(reading, settings)
    taken: set[str] = set()
    writes = []
    for (asset_id, offset), some in sorted(by_frame.items()):
        if reading.library.frame(asset_id, offset) is not None:
            continue
        fitting = [b for b in some if dimension in (0, _length(b))]
        dimension = dimension or (_length(fitting[0]) if fitting else 0)
        fitting = [b for b in fitting if _length(b) == dimension]
        if fitting:
            writes.append(_write(reading, fitting, settings, taken, now))
    return Newcomers(tuple(writes))


def _write(
    reading: Reading,
    bundled: Sequence[BundledFace],
    settings: Resolved,
    taken: set[str],
    now: datetime,
) -> FrameWrite:
    faces = []
    for one in bundled:
        face = replace(one.face, pack=settings.pack)
        if face.face_id in taken or reading.has_face(face.face_id):
            ours = face_id(
                reading.library.library_id,
                face.asset_id,
                face.frame_offset_us,
                pack=face.pack,
                box=face.box,
                taken=taken,
            )
            face = replace(face, face_id=ours)
        taken.add(face.face_id)
        faces.append(face)
    first = faces[0]
    frame = Frame(
        asset_id=first.asset_id,
        frame_offset_us=first.frame_offset_us,
        state=AssetState.DONE,
        width=first.image_width,
        height=first.image_height,
        pack=settings.pack,
        pack_digest="",
        min_detection_score=0.0,
        face_count=len(faces),
        update_time=now,
    )
    vectors = np.stack([one.embedding for one in bundled if one.embedding is not None])
    return FrameWrite(frame=frame, faces=tuple(faces), embeddings=vectors)


def _dimension(reading: Reading, settings: Resolved) -> int:
    table = reading.library.faces(settings.pack)
    return table.dimension if table.count else 0


def _length(bundled: BundledFace) -> int:
    return 0 if bundled.embedding is None else len(bundled.embedding)
