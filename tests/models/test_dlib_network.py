"""The converted dlib network is dlib's own."""

from __future__ import annotations

from pathlib import Path

import cv2
import dlib
import numpy as np
import pytest
from facefolk_server.errors import ModelUnavailableError
from facefolk_server.vision.dlib_network import convert
from facefolk_server.vision.downloads.cache import ModelCache
from facefolk_server.vision.network import Network
from facefolk_server.vision.packs import BUILTIN_PACKS
from facefolk_server.vision.pipeline import Pipeline
from facefolk_server.vision.session import SessionFactory
from models.conftest import Files

pytestmark = pytest.mark.models

ENTRY = BUILTIN_PACKS["dlib"]
SIDE = 150


@pytest.fixture(scope="module")
def original(pack_files: Files) -> Path:
    """The file as dlib wrote it, which lies beside the converted one."""
    converted = pack_files("dlib").embedder
    cache = ModelCache(converted.parents[1])
    return cache.path(ENTRY.embedder_file.sha256, ENTRY.embedder_file.name)


@pytest.fixture(scope="module")
def chips(photos: Path) -> np.ndarray:
    """Centers of portraits and noise, `(n, 150, 150, 3) uint8 RGB`."""
    paths = [photos / "orl" / f"s{person:02}" / "01.png" for person in range(1, 9)]
    paths += sorted((photos / "bbt" / "amy").glob("*.png"))
    pictures = [cv2.imread(str(path), cv2.IMREAD_COLOR_RGB) for path in paths]
    noise = np.random.default_rng(0).integers(0, 256, (2, SIDE, SIDE, 3), np.uint8)
    return np.stack([*(cv2.resize(picture, (SIDE, SIDE)) for picture in pictures), *noise])


def test_its_embeddings_are_those_of_dlib(
    pack_files: Files, original: Path, chips: np.ndarray, sessions: SessionFactory
) -> None:
    oracle = dlib.face_recognition_model_v1(str(original))
    expected = np.array([oracle.compute_face_descriptor(chip) for chip in chips])
    for build in (sessions.build, sessions.build_reference):
        network = Network(
            pack_files("dlib").embedder, layout=ENTRY.embedder.layout, build=build
        )
        raw = np.concatenate([network.run(chip[None])["embedding"] for chip in chips])
        cosines = (raw * expected).sum(axis=1) / np.linalg.norm(raw, axis=1)
        assert (cosines / np.linalg.norm(expected, axis=1)).min() >= 0.9999
        np.testing.assert_allclose(raw, expected, atol=1e-4)


def test_the_same_file_gives_the_same_bytes(
    pack_files: Files, original: Path, tmp_path: Path
) -> None:
    convert(original, tmp_path / "again.onnx")
    assert (tmp_path / "again.onnx").read_bytes() == pack_files("dlib").embedder.read_bytes()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.999])
def test_a_part_of_the_file_is_refused(original: Path, tmp_path: Path, share: float) -> None:
    data = original.read_bytes()
    part = tmp_path / "part.dat"
    part.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(ModelUnavailableError, match="not dlib's face recognition network"):
        convert(part, tmp_path / "model.onnx")
    assert not (tmp_path / "model.onnx").exists()


def test_two_people_are_apart_and_one_is_near(dlib_pipeline: Pipeline, photos: Path) -> None:
    def embedding(name: str) -> np.ndarray:
        data = (photos / "bbt" / name).read_bytes()
        return dlib_pipeline.analyze(data, min_score=0.7, thumbnails=False).embeddings[0]

    amy, again, other = map(embedding, ("amy/amy1.png", "amy/amy3.png", "sheldon/sheldon1.png"))
    assert 1 - amy @ again < ENTRY.recommended_distance < 1 - amy @ other
