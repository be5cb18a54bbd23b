"""Embeddings: unit length, finite, on the grid, in the order of the crops."""

from __future__ import annotations

import numpy as np
import pytest
from builders import quarters, recognizer
from facefolk_server.errors import ModelUnavailableError
from facefolk_server.vision.embedders.embedder import (
    NetworkEmbedder,
    disagreement,
    normalize,
)
from facefolk_server.vision.network import Network
from facefolk_server.vision.session import Outputs, SessionFactory
from facefolk_server.vision.specs import EmbedderSpec, InputLayout
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

SPEC = EmbedderSpec(InputLayout(), dimension=12)
GRID = 2.0**-24


def crops(count: int, side: int = 112) -> np.ndarray:
    return np.random.default_rng(count).integers(0, 256, (count, side, side, 3), np.uint8)


class Counting:
    """A network that notes the batches it is given."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.batches: list[int] = []

    def run(self, pixels: np.ndarray) -> Outputs:
        self.batches.append(len(pixels))
        return self.network.run(pixels)


@pytest.fixture
def network(sessions: SessionFactory) -> Counting:
    return Counting(Network(recognizer(), layout=SPEC.layout, build=sessions.build))


@pytest.mark.parametrize(
    ("sizes", "count", "batches"),
    [
        ((1,), 3, [1, 1, 1]),
        ((4,), 3, [1, 1, 1]),
        ((4, 2), 7, [4, 2, 1]),
        ((8, 4), 16, [8, 8]),
        ((1,), 0, []),
    ],
)
def test_crops_go_in_batches_of_the_sizes_there_are(
    network: Counting, sizes: tuple[int, ...], count: int, batches: list[int]
) -> None:
    given_crops = crops(count)
    found = NetworkEmbedder(SPEC, network=network, batch_sizes=sizes).embed(given_crops)
    assert network.batches == batches
    assert found.shape == (count, 12)
    assert found.dtype == np.float32
    for crop, embedding in zip(given_crops, found, strict=True):
        raw = quarters(crop)
        np.testing.assert_allclose(embedding, raw / np.linalg.norm(raw), atol=1e-5)


def test_batches_do_not_change_embeddings(network: Counting) -> None:
    given_crops = crops(6)
    alone = NetworkEmbedder(SPEC, network=network).embed(given_crops)
    together = NetworkEmbedder(SPEC, network=network, batch_sizes=(6,)).embed(given_crops)
    np.testing.assert_allclose(alone, together, atol=1e-6)


@given(
    arrays(
        np.float32,
        st.tuples(st.integers(1, 5), st.integers(1, 40)),
        elements=st.floats(-(2.0**60), 2.0**60, width=32),
    ).filter(lambda raw: (np.abs(raw).max(axis=1) > 0).all())
)
def test_every_embedding_has_unit_length_and_lies_on_the_grid(raw: np.ndarray) -> None:
    found = normalize(raw)
    assert found.dtype == np.float32
    assert np.isfinite(found).all()
    exact = found.astype(np.float64)
    np.testing.assert_allclose(np.linalg.norm(exact, axis=1), 1.0, atol=4e-7)
    np.testing.assert_array_equal(exact / GRID, np.rint(exact / GRID))


def test_partial_sums_of_products_are_exact() -> None:
    """What the grid is for: any order of a sum gives the same bits."""
    random = np.random.default_rng(0)
    one, other = normalize(random.normal(size=(2, 128)).astype(np.float32)).astype(np.float64)
    products = one * other
    sums = {products[random.permutation(128)].sum() for _ in range(50)}
    assert sums == {one @ other}


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0])
def test_vectors_without_a_direction_are_refused(value: float) -> None:
    raw = np.ones((3, 4), np.float32)
    raw[1] = value
    with pytest.raises(ModelUnavailableError, match="without direction"):
        normalize(raw)


def test_a_recognizer_that_gives_nothing_is_refused(sessions: SessionFactory) -> None:
    network = Network(recognizer(constant=[0.0] * 12), layout=SPEC.layout, build=sessions.build)
    with pytest.raises(ModelUnavailableError, match="verify its file and the device"):
        NetworkEmbedder(SPEC, network=network).embed(crops(1))


def test_another_length_than_the_pack_says_is_refused(network: Counting) -> None:
    spec = EmbedderSpec(InputLayout(), dimension=128)
    with pytest.raises(ModelUnavailableError, match="12 values where its pack says 128"):
        NetworkEmbedder(spec, network=network).embed(crops(1))


def test_devices_may_differ_by_a_little_only() -> None:
    shape = (2, 112, 112, 3)
    expected = {"e": np.array([[1, 0, 0], [0, 2, 0]], np.float32)}
    near = {"e": np.array([[5, 0.1, 0], [0, 2, 0.05]], np.float32)}
    far = {"e": np.array([[1, 0, 0], [0, 2, 0.2]], np.float32)}
    assert disagreement(expected, expected, shape) == ""
    assert disagreement(near, expected, shape) == ""
    assert "0.9950" in disagreement(far, expected, shape)
    nothing = {"e": np.zeros((2, 3), np.float32)}
    assert "0.0000" in disagreement(nothing, expected, shape)
