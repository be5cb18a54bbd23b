"""The 8-bit recognizers of packs that have one: made at first use, on this machine.

They are calibrated on the faces of the sample album. Where that is not to be had, or what
comes out is not good enough, the pack runs with its float recognizer, whose embeddings are
near enough to be compared with, and the log says so; it is tried again a day later. Embeddings
of both have the digest of the pack: those of one face are 0.004 apart in the middle and 0.02 at
most for 99 of 100, where people are told apart at 0.5.
"""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facefolk_server.errors import FacefolkError, ModelUnavailableError
from facefolk_server.vision.detectors.detector import NetworkDetector
from facefolk_server.vision.downloads.model_store import ModelStore, PackFiles
from facefolk_server.vision.images import ImageLimits, decode
from facefolk_server.vision.network import Network
from facefolk_server.vision.ops import align, template
from facefolk_server.vision.packs.entry import PackEntry
from facefolk_server.vision.session import SessionFactory

UInt8Array = NDArray[np.uint8]
Pictures = Callable[[Path], Sequence[Path]]
"""Fills a folder with pictures of faces and returns them; may raise FacefolkError."""

_REVISION = 2
"""Goes up when what `quantization` makes changes, so that older results are left aside."""
_TAG = f"int8-{_REVISION}"
_TRIED_AGAIN_SECONDS = 24 * 3600.0
"""Asking for an album in vain takes a minute, which not every start of a server should."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Recognizer:
    """The file to run, and what is to be said of it; "" where nothing is."""

    path: Path
    note: str = ""


class SmallRecognizers:
    """Finds or makes them in the model cache; blocking, one process at a time for each."""

    def __init__(self, store: ModelStore, *, pictures: Pictures | None = None) -> None:
        self._store = store
        self._pictures = pictures or self._album

    def of(self, entry: PackEntry, files: PackFiles) -> Recognizer:
        """Return the recognizer that a pack is to run with."""
        if not entry.embedder.quantized:
            return Recognizer(files.embedder)
        try:
            return Recognizer(self._ready(entry, files), "the recognizer is the 8-bit one")
        except (FacefolkError, OSError) as exc:
            reason = exc.message if isinstance(exc, FacefolkError) else exc.strerror
            note = f"the recognizer is the float one: {reason}"
            _logger.warning("pack %s: %s", entry.name, note)
            return Recognizer(files.embedder, note)

    def _ready(self, entry: PackEntry, files: PackFiles) -> Path:
        cache, name = self._store.cache, f"{entry.digest}-{_TAG}"
        with cache.lock(name):
            if ready := cache.find_derived(entry.digest, _TAG):
                return ready
            unfinished = cache.partial(name)
            failure = unfinished.with_suffix(".failed")
            if said := _said_lately(failure):
                raise ModelUnavailableError(said)
            try:
                unfinished.write_bytes(self._made(entry, files))
            except ModelUnavailableError as exc:
                failure.write_text(exc.message, encoding="utf-8")
                raise
            failure.unlink(missing_ok=True)
            return cache.install_derived(unfinished, cache.derived_path(entry.digest, _TAG))

    def _made(self, entry: PackEntry, files: PackFiles) -> bytes:
        from facefolk_server.vision.quantization import quantize  # slow to import

        sessions = SessionFactory(device="CPU", provider="onnxruntime", streams=1)
        with tempfile.TemporaryDirectory() as folder:
            pictures = self._pictures(Path(folder))
            crops = face_crops(entry, files, pictures, sessions)
        model = files.embedder.read_bytes()
        small = quantize(model, crops, spec=entry.embedder, build=sessions.build)
        _logger.info("pack %s has an 8-bit recognizer: %s", entry.name, small)
        if not small.is_good:
            raise ModelUnavailableError(f"the 8-bit one is too far off: {small}")
        return small.model

    def _album(self, folder: Path) -> Sequence[Path]:
        from facefolk_server.vision.downloads.album import fetch_album  # slow to import

        return fetch_album(self._store.reach, self._store.cache, folder).pictures


def _said_lately(failure: Path) -> str:
    """Return why the last attempt failed, "" where it is not worth knowing any more."""
    try:
        if time.time() - failure.stat().st_mtime < _TRIED_AGAIN_SECONDS:
            return failure.read_text(encoding="utf-8")
    except FileNotFoundError:
        pass
    return ""


def face_crops(
    entry: PackEntry, files: PackFiles, pictures: Sequence[Path], sessions: SessionFactory
) -> UInt8Array:
    """Return the aligned faces of pictures, `(n, side, side, 3) uint8 RGB`."""
    spec, side = entry.embedder, entry.embedder.crop_side
    network = Network(files.detector, layout=entry.detector.layout, build=sessions.build)
    detector = NetworkDetector(entry.detector, network=network)
    places = template(spec.alignment, side=side)
    found = [np.empty((0, side, side, 3), np.uint8)]
    for picture in pictures:
        pixels = decode(picture.read_bytes(), ImageLimits()).pixels
        faces = detector.detect(pixels, min_score=entry.recommended_min_score)
        found.append(align(pixels, faces.landmarks, places=places, side=side))
    return np.concatenate(found)
