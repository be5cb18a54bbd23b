"""Graph surgery makes batches of files that fix a batch of one, and mixes no images."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from facefolk_server.vision.network import Network
from facefolk_server.vision.packs import BUILTIN_PACKS
from facefolk_server.vision.session import SessionFactory
from facefolk_server.vision.specs import InputLayout
from models.conftest import Files
from models.test_decoders import FILES

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def pictures(photos: Path) -> list[np.ndarray]:
    paths = sorted((photos / "preview").glob("*.jpg"))[:3]
    return [cv2.imread(str(path), cv2.IMREAD_COLOR_RGB) for path in paths]


def check(
    model: Path, layout: InputLayout, pixels: np.ndarray, sessions: SessionFactory
) -> None:
    """Each image of a batch gets what it gets alone, whatever its neighbors are."""
    for build in (sessions.build, sessions.build_reference):
        network = Network(model, layout=layout, build=build)
        alone = [network.run(image[None]) for image in pixels]
        together = network.run(pixels)
        strangers = network.run(np.concatenate((pixels[:1], pixels[1:] // 2 + 60)))
        for name, values in together.items():
            assert values.shape[0] == len(pixels)
            for index, single in enumerate(alone):
                np.testing.assert_allclose(values[index], single[name][0], rtol=1e-3, atol=1e-3)
            np.testing.assert_allclose(strangers[name][0], values[0], rtol=1e-4, atol=1e-4)
            assert np.abs(strangers[name][1] - values[1]).max() > 1e-4


@pytest.mark.parametrize("name", [*FILES, "open", "dlib"])
def test_detectors_keep_the_images_of_a_batch_apart(
    name: str,
    hub: Path,
    pack_files: Files,
    pictures: list[np.ndarray],
    sessions: SessionFactory,
) -> None:
    if name in FILES:
        path, spec = hub / FILES[name][0], FILES[name][1]
    else:
        path, spec = pack_files(name).detector, BUILTIN_PACKS[name].detector
    pixels = np.stack([cv2.resize(picture, (256, 192)) for picture in pictures])
    check(path, spec.layout, pixels, sessions)


@pytest.mark.parametrize("name", ["open", "dlib"])
def test_recognizers_keep_the_crops_of_a_batch_apart(
    name: str, pack_files: Files, pictures: list[np.ndarray], sessions: SessionFactory
) -> None:
    spec = BUILTIN_PACKS[name].embedder
    side = spec.crop_side
    pixels = np.stack([cv2.resize(picture, (side, side)) for picture in pictures])
    check(pack_files(name).embedder, spec.layout, pixels, sessions)
