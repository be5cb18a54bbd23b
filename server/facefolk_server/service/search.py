"""Comparing faces and finding those nearest to one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from facefolk_server.errors import InvalidRequestError, PackMismatchError
from facefolk_server.service.births import taken_on
from facefolk_server.service.call import Call
from facefolk_server.service.images import ImageDesk, nameless, stateless_faces, unseen_face
from facefolk_server.service.libraries import Libraries
from facefolk_server.service.matching import Asked, Finder, MatchRule, Near
from facefolk_server.service.nearest import distances_between
from facefolk_server.service.pipelines import FloatArray
from facefolk_server.service.reading import Reading
from facefolk_server.service.resolver import Ready, Resolver
from facefolk_server.service.views import (
    ComparedPair,
    Comparison,
    FaceView,
    Hit,
    Match,
    SearchResult,
)

DEFAULT_HITS = 10
MAX_HITS = 1000
# How far an embedding may be from unit length: past the first it is refused, within the
# second it is one of ours and kept bit by bit.
_LENGTH_TOLERANCE = 1e-2
_OWN_LENGTH_TOLERANCE = 1e-5
_GRID = 2.0**24


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """What is compared or looked for: exactly one of the three is given."""

    image: bytes | None = None
    face_id: str = ""
    embedding: FloatArray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """The faces of a probe with their embeddings `(n, d)`; `asked` go by face."""

    faces: tuple[FaceView, ...]
    embeddings: FloatArray
    asked: tuple[Asked, ...]

    def queries(self, *, include_embedding: bool) -> list[FaceView]:
        """Return the faces looked for, as found in the image; never as they are stored."""
        return [
            replace(nameless(face), embedding=embedding if include_embedding else None)
            for face, embedding in zip(self.faces, self.embeddings, strict=True)
        ]


class Search:
    """The calls that measure distances."""

    def __init__(self, *, libraries: Libraries, resolver: Resolver, desk: ImageDesk) -> None:
        self._libraries = libraries
        self._resolver = resolver
        self._desk = desk

    async def compare(self, call: Call, left: Probe, right: Probe) -> Comparison:
        """Measure every pair of two sides, nearest first.

        Raises:
            InvalidRequestError: A probe is empty, double or malformed.
            InvalidImageError: An image is none, damaged, or over a limit.
            FaceNotFoundError: A face is not there.
            PackMismatchError: A face or an embedding is of another pack than the current one.
            OverloadedError: Too much is in flight.
        """
        ready = await self._resolver.ready(call)
        one = await self._side(call, ready, left, "left")
        other = await self._side(call, ready, right, "right")
        pairs, _ = await self._desk.run(call, lambda: _pairs(one.embeddings, other.embeddings))
        return Comparison(
            one.faces, other.faces, pairs, ready.settings.max_recognition_distance
        )

    async def search(
        self,
        call: Call,
        probe: Probe,
        *,
        k: int = 0,
        max_distance: float | None = None,
        include_embedding: bool = False,
        include_hidden: bool = False,
    ) -> tuple[SearchResult, ...]:
        """Find the `k` stored faces nearest to each face of the probe; 0 stands for 10.

        Raises:
            InvalidRequestError: The probe or a number is malformed.
            InvalidImageError: The image is none, damaged, or over a limit.
            FaceNotFoundError: The face is not there.
            PackMismatchError: A face or an embedding is of another pack than the current one.
            OverloadedError: Too much is in flight.
        """
        hits = _hit_count(k)
        ready = await self._resolver.ready(call)
        within = ready.settings.max_recognition_distance
        reach = within if max_distance is None else _distance(max_distance)
        rule = MatchRule.of(ready.settings, include_hidden=include_hidden)
        side = await self._side(call, ready, probe, "query")
        library = await self._libraries.library(call)

        def look() -> tuple[list[list[Near]], list[Match | None]]:
            finder = Finder(library, ready.settings.pack)
            near = finder.neighbors(side.embeddings, max_distance=reach)
            return near, finder.matches(side.embeddings, rule, asked=side.asked)

        (near, matches), _ = await self._desk.run(call, look)

        def describe(reading: Reading) -> list[tuple[Hit, ...]]:
            return [
                _hits(
                    reading,
                    [one for one in found if one.face_id != asked.face_id],
                    limit=hits,
                    include_embedding=include_embedding,
                    include_hidden=include_hidden,
                )
                for found, asked in zip(near, side.asked, strict=True)
            ]

        described = await self._libraries.read(call, describe)
        queries = side.queries(include_embedding=include_embedding)
        return tuple(
            SearchResult(query, found, match)
            for query, found, match in zip(queries, described, matches, strict=True)
        )

    async def _side(self, call: Call, ready: Ready, probe: Probe, name: str) -> _Side:
        given = (probe.image is not None, bool(probe.face_id), probe.embedding is not None)
        if sum(given) != 1:
            raise InvalidRequestError(
                f"{name} has to be one of an image, a face_id and an embedding.", field=name
            )
        if probe.image is not None:
            return await self._from_image(call, ready, probe.image)
        if probe.embedding is not None:
            vector = _own_grid(probe.embedding, ready.pipeline.pack.dimension, name)
            unseen = FaceView(unseen_face(ready.settings))
            return _Side((unseen,), vector, (Asked(),))
        return await self._from_store(call, ready, probe.face_id)

    async def _from_image(self, call: Call, ready: Ready, data: bytes) -> _Side:
        async with self._desk.admit(call, [data]):
            analysis, _ = await self._desk.run(
                call,
                partial(
                    ready.pipeline.analyze,
                    data,
                    min_score=ready.settings.min_detection_score,
                    thumbnails=False,
                    looks=ready.settings.looks,
                ),
            )
        faces = tuple(stateless_faces(analysis, ready.settings))
        return _Side(faces, analysis.embeddings, (Asked(),) * len(faces))

    async def _from_store(self, call: Call, ready: Ready, face_id: str) -> _Side:
        def look(reading: Reading) -> tuple[FaceView, Asked]:
            face = reading.face(face_id)
            days = taken_on(reading, face.asset_id)
            asked = Asked(face_id, days.get(face.frame_offset_us))
            return reading.face_view(face, include_embedding=True), asked

        view, asked = await self._libraries.read(call, look)
        if view.face.pack_digest != ready.settings.pack_digest or view.embedding is None:
            raise PackMismatchError(
                f"Face {face_id} was embedded by another pack ({view.face.pack}) than the "
                f"current one ({ready.settings.pack}): send its picture again first.",
                face_id=face_id,
                pack=view.face.pack,
                current_pack=ready.settings.pack,
            )
        return _Side((replace(view, embedding=None),), view.embedding[None, :], (asked,))


def _hit_count(k: int) -> int:
    if not 0 <= k <= MAX_HITS:
        raise InvalidRequestError(
            f"k is {k}: it has to be within 1 and {MAX_HITS}, or 0 for {DEFAULT_HITS}.",
            field="k",
        )
    return k or DEFAULT_HITS


def _distance(max_distance: float) -> float:
    if not 0.0 <= max_distance <= 2.0:
        raise InvalidRequestError(
            f"max_distance is {max_distance:g}: it has to be within 0 and 2.",
            field="max_distance",
        )
    return max_distance


def _own_grid(embedding: FloatArray, dimension: int, name: str) -> FloatArray:
    """Return a caller's embedding `(d,)` as `(1, d)`, of unit length on the grid of 2**-24."""
    vector = np.asarray(embedding, np.float64).reshape(-1)
    if len(vector) != dimension:
        raise PackMismatchError(
            f"{name} has {len(vector)} values: those of the current pack have {dimension}.",
            length=len(vector),
            expected=dimension,
        )
    length = float(np.sqrt(vector @ vector))
    if not abs(length - 1.0) <= _LENGTH_TOLERANCE:  # false for what is not a number, too
        raise InvalidRequestError(
            f"{name} is not of unit length: give an embedding as Embed answers it.",
            field=name,
        )
    if abs(length - 1.0) > _OWN_LENGTH_TOLERANCE:
        vector /= length
    rounded = np.round(vector * _GRID) / _GRID
    return rounded.astype(np.float32)[None, :]


def _pairs(left: FloatArray, right: FloatArray) -> tuple[ComparedPair, ...]:
    distances = distances_between(left, right)
    pairs = [
        ComparedPair(row, column, distance)
        for row, line in enumerate(distances.tolist())
        for column, distance in enumerate(line)
    ]
    return tuple(sorted(pairs, key=lambda pair: (pair.distance, pair.left, pair.right)))


def _hits(
    reading: Reading,
    found: Sequence[Near],
    *,
    limit: int,
    include_embedding: bool,
    include_hidden: bool,
) -> tuple[Hit, ...]:
    hits: list[Hit] = []
    for near in found:
        if len(hits) == limit:
            break
        face = reading.find_face(near.face_id)  # it may have gone since it was found
        owner = reading.placement(near.face_id).person_id
        shown = reading.is_person_shown(owner, include_hidden=include_hidden)
        if face is not None and shown:
            view = reading.face_view(face, include_embedding=include_embedding)
            hits.append(Hit(view, near.distance))
    return tuple(hits)
