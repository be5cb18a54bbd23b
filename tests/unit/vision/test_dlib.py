"""Reading dlib's serialized network, with a small one written here."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import onnx
import pytest
from facefolk_server.errors import ModelUnavailableError
from facefolk_server.vision.dlib_format import DlibFormatError, parse
from facefolk_server.vision.dlib_network import build, convert
from facefolk_server.vision.network import Network
from facefolk_server.vision.session import SessionFactory
from facefolk_server.vision.specs import InputLayout

SIDE = 31
MEAN = (122.782, 117.001, 104.298)
RANDOM = np.random.default_rng(0)


def integer(value: int) -> bytes:
    size = max(1, (abs(value).bit_length() + 7) // 8)
    return bytes([size | (0x80 if value < 0 else 0)]) + abs(value).to_bytes(size, "little")


def text(value: str) -> bytes:
    return integer(len(value)) + value.encode()


def real(value: float) -> bytes:
    mantissa, exponent = math.frexp(value)
    return integer(int(mantissa * 2**53)) + integer(exponent - 53)


def tensor(values: np.ndarray, dims: tuple[int, ...]) -> bytes:
    head = integer(2) + b"".join(integer(dim) for dim in dims)
    return head + values.astype("<f4").tobytes()


class Writer:
    """Writes layers from input to output, with things between that do not matter."""

    def __init__(self) -> None:
        self.data = text("solver") + bytes(20) + text("input_rgb_image_sized")
        self.data += b"".join(real(value) for value in MEAN) + integer(SIDE) * 2
        self.filters: list[np.ndarray] = []

    def convolution(
        self, count: int, channels: int, side: int, stride: int, padding: int
    ) -> None:
        filters = RANDOM.normal(0, 0.3, (count, channels, side, side)).astype(np.float32)
        biases = RANDOM.normal(size=count).astype(np.float32)
        values = np.concatenate((filters.reshape(-1), biases))
        self.filters.append(filters)
        self.data += text("con_4") + tensor(values, (values.size, 1, 1, 1))
        self.data += b"".join(
            integer(value) for value in (count, side, side, stride, stride, padding, padding)
        )
        affine = np.concatenate((np.full(count, 2.0), np.full(count, -0.5)))
        self.data += bytes(7) + text("affine_") + tensor(affine, (2 * count, 1, 1, 1))

    def dense(self, inputs: int, outputs: int) -> None:
        values = RANDOM.normal(size=inputs * outputs).astype(np.float32)
        self.data += text("fc_2") + integer(outputs) + integer(inputs)
        self.data += tensor(values, (inputs, outputs, 1, 1))


@pytest.fixture(scope="module")
def written() -> Writer:
    """A stem, a block, a block that halves and widens, a dense layer."""
    writer = Writer()
    writer.convolution(4, 3, 7, 2, 0)
    for channels, count, stride, padding in (
        (4, 4, 1, 1),
        (4, 4, 1, 1),
        (4, 8, 2, 0),
        (8, 8, 1, 1),
    ):
        writer.convolution(count, channels, 3, stride, padding)
    writer.dense(8, 16)
    return writer


def test_integers_and_reals_are_those_of_dlib(written: Writer) -> None:
    network = parse(written.data)
    np.testing.assert_allclose(network.mean, MEAN, rtol=1e-15)
    assert network.side == SIDE


def test_layers_come_in_order_with_their_weights(written: Writer) -> None:
    network = parse(written.data)
    assert [layer.stride for layer in network.convolutions] == [
        (2, 2),
        (1, 1),
        (1, 1),
        (2, 2),
        (1, 1),
    ]
    assert [layer.padding[0] for layer in network.convolutions] == [0, 1, 1, 0, 1]
    for layer, filters in zip(network.convolutions, written.filters, strict=True):
        np.testing.assert_array_equal(layer.filters, filters)
        assert (layer.gamma == 2).all()
        folded, biases = layer.folded()
        np.testing.assert_allclose(folded, filters * 2)
        np.testing.assert_allclose(biases, layer.biases * 2 - 0.5, rtol=1e-6)
    assert network.dense.shape == (8, 16)


def test_the_network_runs_at_any_batch(
    written: Writer, tmp_path: Path, sessions: SessionFactory
) -> None:
    source, target = tmp_path / "net.dat", tmp_path / "net.onnx"
    source.write_bytes(written.data)
    convert(source, target)
    layout = InputLayout(mean=MEAN, std=(256.0,) * 3)
    network = Network(target, layout=layout, build=sessions.build)
    crops = RANDOM.integers(0, 256, (3, SIDE, SIDE, 3), np.uint8)
    together = network.run(crops)["embedding"]
    assert together.shape == (3, 16)
    for crop, embedding in zip(crops, together, strict=True):
        alone = network.run(crop[None])["embedding"][0]
        np.testing.assert_allclose(embedding, alone, rtol=1e-4, atol=1e-5)


def test_zeros_follow_the_smaller_of_two_that_are_added(written: Writer) -> None:
    model = build(parse(written.data))
    pads = [node for node in model.graph.node if node.op_type == "Pad"]
    constants = {t.name: onnx.numpy_helper.to_array(t) for t in model.graph.initializer}
    # 31 -> 13 -> 6 by the stem; the block halves 6 to 2 by its convolution and 3 by its
    # pooling, which has 4 channels of 8.
    assert [constants[pad.input[1]].tolist() for pad in pads] == [
        [0, 0, 0, 0, 0, 0, 1, 1],
        [0, 0, 0, 0, 0, 4, 0, 0],
    ]


def test_no_cut_of_the_file_is_taken(written: Writer) -> None:
    for length in (
        *range(0, 400, 7),
        *range(400, len(written.data), 97),
        len(written.data) - 1,
    ):
        with pytest.raises(DlibFormatError):
            parse(written.data[:length])


@pytest.mark.parametrize(
    ("layers", "named"),
    [
        ([(4, 3, 7, 2, 0)], "dense layer does not fit"),
        ([(4, 3, 7, 2, 0), (8, 4, 3, 1, 1)], "one convolution only"),
        ([(8, 3, 40, 1, 0)], "larger than its input"),
    ],
)
def test_layers_that_make_no_network_are_refused(
    layers: list[tuple[int, ...]], named: str, tmp_path: Path
) -> None:
    writer = Writer()
    for layer in layers:
        writer.convolution(*layer)
    writer.dense(8, 16)
    source = tmp_path / "net.dat"
    source.write_bytes(writer.data)
    with pytest.raises(ModelUnavailableError, match=named):
        convert(source, tmp_path / "net.onnx")


def test_random_damage_never_escapes_as_another_error(written: Writer) -> None:
    whole = np.frombuffer(written.data, np.uint8)
    for _ in range(200):
        data = whole.copy()
        places = RANDOM.integers(0, len(data), 3)
        data[places] = RANDOM.integers(0, 256, 3)
        try:
            with np.errstate(over="ignore", invalid="ignore"):
                build(parse(data.tobytes()))
        except DlibFormatError:
            continue
