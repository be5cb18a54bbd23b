"""The faces of an album, found and embedded once and kept in a folder."""

from __future__ import annotations

import time
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Protocol

import numpy as np
from facefolk_server.types import PLAIN, Looks
from facefolk_server.vision.pipeline import Analysis
from facefolk_server.vision.specs import Pack
from numpy.typing import NDArray

from bench.quality.albums import Album

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
FORMAT = "2"
UNKNOWN = -1


class Analyzer(Protocol):
    """Whatever finds and embeds faces, as `Pipeline` does."""

    pack: Pack

    def analyze(
        self, data: bytes, *, min_score: float, thumbnails: bool, looks: Looks
    ) -> Analysis:
        """Find the faces of an encoded image and embed them."""


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """All faces of an album, n of them in p pictures.

    `picture` `(n,)` says where each was found, `labels` `(n,)` who it is (a number, -1 where
    nobody said: all but the one nearest the center of a picture of one person). `counted`
    `(p,)` is how many faces can be seen, -1 where nobody counted; `found` `(p,)` how many
    were; `labelled` `(p,)` the person of the picture, `milliseconds` `(p,)` what it took.
    """

    embeddings: FloatArray
    boxes: FloatArray
    landmarks: FloatArray
    scores: FloatArray
    qualities: FloatArray
    picture: IntArray
    labels: IntArray
    counted: IntArray
    found: IntArray
    labelled: IntArray
    milliseconds: FloatArray

    def __len__(self) -> int:
        return len(self.picture)

    @property
    def known(self) -> BoolArray:
        """Which faces have a label, `(n,)`."""
        known: BoolArray = self.labels != UNKNOWN
        return known

    def distances(self) -> NDArray[np.float64]:
        """Return `(n, n)` cosine distances."""
        exact = self.embeddings.astype(np.float64)
        distances = np.clip(1 - exact @ exact.T, 0, 2)
        np.fill_diagonal(distances, 0)
        return distances

    def take(self, rows: BoolArray | IntArray) -> Faces:
        """Return these faces alone; the pictures stay."""
        changed = {name: getattr(self, name)[rows] for name in _BY_FACE}
        rest = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in changed}
        return Faces(**changed, **rest)


_BY_FACE = ("embeddings", "boxes", "landmarks", "scores", "qualities", "picture", "labels")


def embed(
    album: Album,
    analyzer: Analyzer,
    *,
    cache_dir: Path,
    min_score: float,
    looks: Looks = PLAIN,
) -> Faces:
    """Return the album's faces, from the folder if they were embedded before.

    They are kept by the pack's digest, the pictures' and the looks.
    """
    cache_dir.mkdir(parents=True, exist_ok=True)
    key = f"{album.digest[:16]}-{analyzer.pack.digest[:16]}-{min_score:g}-{FORMAT}"
    mark = "".join(f"+{look}" for look in str(looks).split())
    path = cache_dir / f"{album.name}-{analyzer.pack.name}{mark}-{key}.npz"
    if path.is_file():
        with np.load(path) as stored:
            return Faces(**{f.name: stored[f.name] for f in fields(Faces)})
    faces = _embed(album, analyzer, min_score=min_score, looks=looks)
    unfinished = path.with_suffix(".part.npz")
    np.savez(unfinished, **{f.name: getattr(faces, f.name) for f in fields(Faces)})
    unfinished.replace(path)
    return faces


def _embed(album: Album, analyzer: Analyzer, *, min_score: float, looks: Looks) -> Faces:
    people = {
        name: number
        for number, name in enumerate(sorted({p.person for p in album.pictures if p.person}))
    }
    results: list[Analysis] = []
    labels: list[IntArray] = []
    milliseconds = []
    labelled = np.array([people.get(p.person or "", UNKNOWN) for p in album.pictures])
    for picture, person in zip(album.pictures, labelled, strict=True):
        start = time.perf_counter()
        result = analyzer.analyze(
            picture.read(), min_score=min_score, thumbnails=False, looks=looks
        )
        milliseconds.append((time.perf_counter() - start) * 1000)
        results.append(result)
        labels.append(_label(result, person=int(person)))
    found = np.array([len(r.detections) for r in results])
    counted = [UNKNOWN if p.faces is None else p.faces for p in album.pictures]
    return Faces(
        embeddings=np.concatenate([r.embeddings for r in results]),
        boxes=np.concatenate([r.detections.boxes for r in results]),
        landmarks=np.concatenate([r.detections.landmarks for r in results]),
        scores=np.concatenate([r.detections.scores for r in results]),
        qualities=np.concatenate([r.detections.qualities for r in results]),
        picture=np.repeat(np.arange(len(results)), found),
        labels=np.concatenate(labels),
        counted=np.array(counted),
        found=found,
        labelled=labelled,
        milliseconds=np.array(milliseconds, np.float32),
    )


def _label(result: Analysis, *, person: int) -> IntArray:
    """Give the label to the face whose box is nearest the picture's center."""
    labels = np.full(len(result.detections), UNKNOWN, np.int64)
    if len(labels) and person != UNKNOWN:
        boxes = result.detections.boxes
        centers = (boxes[:, :2] + boxes[:, 2:]) / 2
        middle = np.array([result.width, result.height]) / 2
        labels[int(np.linalg.norm(centers - middle, axis=1).argmin())] = person
    return labels
