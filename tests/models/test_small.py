"""The 8-bit recognizer of `open-small`, made of the real files and the sample album."""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path

import numpy as np
import pytest
from facefolk_server.errors import ModelUnavailableError
from facefolk_server.vision.downloads.model_store import ModelStore, PackFiles
from facefolk_server.vision.embedders.embedder import NetworkEmbedder
from facefolk_server.vision.network import Network
from facefolk_server.vision.packs import BUILTIN_PACKS
from facefolk_server.vision.quantization import MIN_COSINE
from facefolk_server.vision.session import SessionFactory
from facefolk_server.vision.small import SmallRecognizers, face_crops

pytestmark = pytest.mark.models
SMALL = BUILTIN_PACKS["open-small"]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, hub: Path) -> ModelStore:
    return ModelStore(tmp_path_factory.mktemp("cache"), mirror=str(hub))


@pytest.fixture(scope="module")
def files(store: ModelStore) -> PackFiles:
    return store.ensure(SMALL)


def test_it_is_made_once_and_near_the_float_one(
    store: ModelStore, files: PackFiles, photos: Path
) -> None:
    made = SmallRecognizers(store).of(SMALL, files)
    assert made.note == "the recognizer is the 8-bit one"
    assert made.path != files.embedder
    assert SmallRecognizers(store, pictures=_nothing).of(SMALL, files) == made
    sessions = SessionFactory(device="CPU", provider="onnxruntime", streams=1)
    pictures = sorted((photos / "lfw").rglob("*.jpg"))[::53]
    crops = face_crops(SMALL, files, pictures, sessions)
    ours, theirs = (
        NetworkEmbedder(
            SMALL.embedder,
            network=Network(path, layout=SMALL.embedder.layout, build=sessions.build),
        ).embed(crops)
        for path in (made.path, files.embedder)
    )
    cosines = (ours * theirs).sum(axis=1)
    assert len(cosines) >= 30
    assert np.median(cosines) > 0.99
    assert (cosines >= MIN_COSINE).mean() >= 0.95


def test_without_pictures_the_float_one_stands_in(
    tmp_path: Path, files: PackFiles, hub: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = ModelStore(tmp_path, mirror=str(hub))
    with caplog.at_level(logging.WARNING):
        found = SmallRecognizers(store, pictures=_nothing).of(SMALL, files)
    assert found.path == files.embedder
    assert found.note == "the recognizer is the float one: no album is to be had"
    assert "no album is to be had" in caplog.text


def test_what_failed_is_tried_again_a_day_later(
    tmp_path: Path, files: PackFiles, hub: Path
) -> None:
    store = ModelStore(tmp_path, mirror=str(hub))
    asked: list[Path] = []

    def nothing(folder: Path) -> list[Path]:
        asked.append(folder)
        raise ModelUnavailableError(f"asked {len(asked)} times")

    small = SmallRecognizers(store, pictures=nothing)
    assert [small.of(SMALL, files).note[-13:] for _ in range(3)] == ["asked 1 times"] * 3
    (failure,) = (tmp_path / "partial").glob("*.failed")
    yesterday = time.time() - 25 * 3600
    os.utime(failure, (yesterday, yesterday))
    assert small.of(SMALL, files).note.endswith("asked 2 times")


def test_other_packs_run_as_they_are(store: ModelStore, files: PackFiles) -> None:
    found = SmallRecognizers(store, pictures=_nothing).of(BUILTIN_PACKS["open"], files)
    assert (found.path, found.note) == (files.embedder, "")


def _nothing(folder: Path) -> list[Path]:
    raise ModelUnavailableError("no album is to be had")
