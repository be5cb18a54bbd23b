"""Encoded images of every kind: what is taken, what is refused, and by which words."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from facefolk_server.errors import InvalidImageError
from facefolk_server.vision.headers import parse_header
from facefolk_server.vision.images import DecodedImage, ImageLimits, decode, read_header
from integration.pictures import STORED_AS, Photograph, huge_png, one_pixel
from PIL import Image

LIMITS = ImageLimits()


@pytest.fixture(scope="module")
def photograph(tmp_path_factory: pytest.TempPathFactory) -> Photograph:
    """A picture without symmetries, smooth enough for lossy codecs."""
    rows, columns = np.mgrid[0:640, 0:960].astype(np.float32)
    pixels = np.stack((columns / 4, rows / 3, 255 * np.exp(-(((columns - 700) / 300) ** 2))), 2)
    path = tmp_path_factory.mktemp("picture") / "picture.png"
    Image.fromarray(pixels.astype(np.uint8)).save(path)
    return Photograph(path)


@pytest.fixture(scope="module")
def upright(photograph: Photograph) -> np.ndarray:
    return np.asarray(photograph.image)


def decoded(data: bytes) -> DecodedImage:
    image = decode(data, LIMITS)
    header = read_header(data, LIMITS)
    assert (header.width, header.height) == (image.width, image.height)
    assert image.pixels.shape == (image.height, image.width, 3)
    assert image.pixels.dtype == np.uint8
    return image


def near(image: DecodedImage, expected: np.ndarray, *, mean: float = 2.0) -> None:
    assert image.pixels.shape == expected.shape
    assert np.abs(image.pixels.astype(int) - expected.astype(int)).mean() < mean


def saved(pixels: np.ndarray, form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, form, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("orientation", STORED_AS)
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_every_orientation_is_undone(
    photograph: Photograph, upright: np.ndarray, orientation: int, form: str
) -> None:
    turn = STORED_AS[orientation]
    stored = photograph.image.transpose(turn) if turn is not None else photograph.image
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(np.asarray(stored), form, exif=exif, quality=95)
    assert parse_header(data).orientation == orientation
    assert read_header(data, LIMITS).format == form.lower()
    near(decoded(data), upright)


def test_reduced_decoding_is_upright_too(photograph: Photograph, upright: np.ndarray) -> None:
    image = decode(photograph.jpeg(orientation=6), LIMITS, least_side=200)
    assert (image.width, image.height) == (960, 640)
    small = cv2.resize(upright, (240, 160), interpolation=cv2.INTER_AREA)
    near(DecodedImage(image.pixels, 240, 160), small)


@pytest.mark.parametrize("orientation", STORED_AS)
def test_a_reduced_pixel_stays_over_the_pixels_it_stands_for(
    photograph: Photograph, upright: np.ndarray, orientation: int
) -> None:
    """Of 637 x 955 pixels the last block is a part, whichever side it is turned to."""
    odd = Image.fromarray(upright[:637, :955])
    turn = STORED_AS[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = odd.transpose(turn) if turn is not None else odd
    data = saved(np.asarray(stored), "JPEG", exif=exif, quality=98)
    image = decode(data, LIMITS, least_side=100)
    assert image.reduction == (8 if orientation == 1 else 1)
    rows, columns = (side // image.reduction for side in (637, 955))
    factor = image.reduction
    means = upright[: rows * factor, : columns * factor].astype(np.float64)
    means = means.reshape(rows, factor, columns, factor, 3).mean(axis=(1, 3))
    assert np.abs(image.pixels[:rows, :columns] - means).mean() < 1.5


@pytest.mark.parametrize(
    ("least_side", "width"),
    [
        *((side, 960) for side in (None, 961, 960, 481)),
        *((side, 480) for side in (480, 241)),
        *((side, 240) for side in (240, 121)),
        *((side, 120) for side in (120, 100, 1)),
    ],
)
def test_jpegs_are_decoded_as_small_as_wanted(
    photograph: Photograph, least_side: int | None, width: int
) -> None:
    image = decode(photograph.jpeg(), LIMITS, least_side=least_side)
    assert image.pixels.shape == (width * 2 // 3, width, 3)
    assert (image.width, image.height) == (960, 640)


def test_only_jpegs_are_decoded_at_a_reduced_scale(photograph: Photograph) -> None:
    # PNG and WebP gain nothing from it.
    assert decode(photograph.png(), LIMITS, least_side=100).pixels.shape == (640, 960, 3)


@pytest.mark.parametrize("side", [1, 7, 9, 17, 1001])
def test_odd_sides_keep_their_size_when_reduced(side: int) -> None:
    pixels = np.full((side, 2 * side + 1, 3), 90, np.uint8)
    image = decode(saved(pixels, "JPEG"), LIMITS, least_side=1)
    assert (image.height, image.width) == (side, 2 * side + 1)
    assert min(image.pixels.shape[:2]) >= 1


def test_deep_color_becomes_eight_bits(photograph: Photograph, upright: np.ndarray) -> None:
    near(decoded(photograph.deep_png()), upright, mean=0.5)


def test_cmyk_grey_and_palettes_become_rgb(photograph: Photograph, upright: np.ndarray) -> None:
    near(decoded(photograph.jpeg("CMYK")), upright, mean=4)
    grey = np.asarray(photograph.image.convert("L"))
    for data in (photograph.jpeg("L"), photograph.png("L")):
        near(decoded(data), np.repeat(grey[..., None], 3, axis=2))
    palette = photograph.image.convert("P")
    buffer = io.BytesIO()
    palette.save(buffer, "PNG")
    near(decoded(buffer.getvalue()), np.asarray(palette.convert("RGB")), mean=0.01)


def test_alpha_is_dropped(photograph: Photograph, upright: np.ndarray) -> None:
    holes = np.dstack((upright, np.zeros(upright.shape[:2], np.uint8)))
    near(decoded(saved(holes, "PNG")), upright, mean=0.01)
    near(decoded(photograph.png("LA")), decoded(photograph.png("L")).pixels, mean=0.01)


def test_of_an_animation_the_first_frame_is_taken(
    photograph: Photograph, upright: np.ndarray
) -> None:
    near(decoded(photograph.animated_webp()), upright)


def test_progressive_jpegs_are_taken(photograph: Photograph, upright: np.ndarray) -> None:
    near(decoded(saved(upright, "JPEG", progressive=True, quality=95)), upright)


def test_one_pixel_is_an_image() -> None:
    image = decoded(one_pixel())
    assert image.pixels.tolist() == [[[0, 0, 0]]]


@pytest.mark.parametrize("share", [0.001, 0.01, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_truncated_files_are_refused(upright: np.ndarray, form: str, share: float) -> None:
    data = saved(upright, form)
    for part in (data[: max(12, int(len(data) * share))], data[:-2]):
        with pytest.raises(InvalidImageError, match=r"truncated|damaged"):
            decode(part, LIMITS)


def test_every_cut_of_a_small_file_is_refused() -> None:
    pixels = np.full((16, 16, 3), 120, np.uint8)
    for form in ("JPEG", "PNG", "WEBP"):
        data = saved(pixels, form)
        decode(data, LIMITS)
        # A JPEG may lose its end marker's last byte and a PNG its last checksum at most.
        for length in range(len(data) - 5):
            with pytest.raises(InvalidImageError):
                decode(data[:length], LIMITS)


def test_a_broken_middle_is_refused(photograph: Photograph) -> None:
    with pytest.raises(InvalidImageError, match="damaged"):
        decode(photograph.broken_jpeg(), LIMITS)
    data = bytearray(photograph.png())
    data[len(data) // 2] ^= 0xFF
    with pytest.raises(InvalidImageError, match="damaged"):
        decode(bytes(data), LIMITS)


@pytest.mark.parametrize("marker", [0xC0, 0xC4, 0xDA, 0xDB, 0xDD, 0x01, 0xD8])
def test_markers_within_the_coded_data_are_damage(upright: np.ndarray, marker: int) -> None:
    # OpenCV would answer with a picture whose lower half is grey.
    data = bytearray(saved(upright, "JPEG"))
    middle = len(data) // 2
    data[middle : middle + 8] = bytes([0xFF, marker, 0, 6, 1, 1, 1, 1])
    with pytest.raises(InvalidImageError, match="damaged in the middle"):
        decode(bytes(data), LIMITS)


def test_scans_of_one_channel_each_are_taken(upright: np.ndarray) -> None:
    """A sequential JPEG may have a scan for each of its channels, with tables between."""
    data = saved(upright, "JPEG", subsampling=0)
    scan = data.index(b"\xff\xda")
    channels = [data[scan + 5 + 2 * n : scan + 7 + 2 * n] for n in range(3)]
    scans = b"".join(
        b"\xff\xda\x00\x08\x01" + channel + b"\x00\x3f\x00\x12\x34" for channel in channels
    )
    apart = data[:scan] + scans + b"\xff\xfe\x00\x05end\xff\xd9"
    assert parse_header(apart).width == 960
    with pytest.raises(InvalidImageError, match="damaged"):
        parse_header(apart[:-2] + scans + b"\xff\xd9")


def test_random_damage_never_escapes_as_another_error(upright: np.ndarray) -> None:
    random = np.random.default_rng(7)
    small = cv2.resize(upright, (64, 48))
    for form in ("JPEG", "PNG", "WEBP"):
        whole = np.frombuffer(saved(small, form), np.uint8)
        for _ in range(150):
            data = whole.copy()
            places = random.integers(0, len(data), random.integers(1, 6))
            data[places] = random.integers(0, 256, len(places))
            try:
                image = decode(data.tobytes(), LIMITS, least_side=32)
            except InvalidImageError:
                continue
            assert image.pixels.ndim == 3


@pytest.mark.parametrize("data", [b"", b"text" * 100, b"\xff", b"GIF89a" + bytes(50), b"RIFF"])
def test_what_is_no_image_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidImageError, match="empty" if not data else "not a JPEG"):
        decode(data, LIMITS)


def test_a_header_of_too_many_pixels_is_refused_before_decoding() -> None:
    with pytest.raises(InvalidImageError, match="60000 x 60000") as caught:
        read_header(huge_png(), LIMITS)
    assert caught.value.metadata == {
        "width": "60000",
        "height": "60000",
        "max_pixels": "100000000",
    }


def test_limits_are_inclusive(upright: np.ndarray) -> None:
    data = saved(upright, "JPEG")
    decode(data, ImageLimits(max_bytes=len(data), max_pixels=960 * 640))
    with pytest.raises(InvalidImageError, match=r"at most .* are accepted, send a preview"):
        decode(data, ImageLimits(max_bytes=len(data) - 1))
    with pytest.raises(InvalidImageError, match="960 x 640"):
        decode(data, ImageLimits(max_pixels=960 * 640 - 1))


def test_a_webp_that_hides_its_size_is_refused(upright: np.ndarray) -> None:
    """The extended header says one thing, the picture inside another."""
    data = bytearray(saved(np.dstack((upright, upright[..., :1])), "WEBP"))
    assert data[12:16] == b"VP8X"
    data[24:27] = (9).to_bytes(3, "little")
    with pytest.raises(InvalidImageError, match="damaged"):
        decode(bytes(data), LIMITS)


def test_a_jpeg_with_a_second_size_is_refused_or_keeps_the_first(upright: np.ndarray) -> None:
    """A decoder that believes a later frame header would get past the limit."""
    data = saved(upright, "JPEG")
    start = data.index(b"\xff\xc0")
    (length,) = struct.unpack_from(">H", data, start + 2)
    frame = bytearray(data[start : start + 2 + length])
    frame[5:9] = struct.pack(">HH", 5, 5)
    for doubled in (data[:start] + frame + data[start:], data[:-2] + frame + data[-2:]):
        try:
            image = decode(doubled, LIMITS)
        except InvalidImageError:
            continue
        assert image.pixels.shape[:2] == (image.height, image.width)


def test_a_picture_without_pixels_is_refused() -> None:
    data = bytearray(one_pixel())
    data[16:20] = bytes(4)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    with pytest.raises(InvalidImageError, match="no pixels"):
        decode(bytes(data), LIMITS)


def test_files_of_endless_parts_are_refused_quickly() -> None:
    chunk = struct.pack(">I4s", 0, b"tEXt") + struct.pack(">I", zlib.crc32(b"tEXt"))
    data = one_pixel()
    flooded = data[:33] + chunk * 200_000 + data[33:]
    with pytest.raises(InvalidImageError, match="parts"):
        decode(flooded, LIMITS)


@pytest.mark.parametrize("where", ["start", "end"])
def test_bytes_after_the_picture_do_not_matter(upright: np.ndarray, where: str) -> None:
    """Cameras append previews and films; the first picture is the one."""
    data = saved(upright, "JPEG", quality=95)
    tail = saved(upright[:8, :8], "JPEG")
    near(decoded(data + tail if where == "end" else data + bytes(1000)), upright)


def test_orientations_that_cannot_be_are_none(upright: np.ndarray) -> None:
    exif = Image.Exif()
    exif[0x0112] = 9
    assert parse_header(saved(upright, "JPEG", exif=exif)).orientation == 1
    block = (
        b"Exif\0\0II*\0" + struct.pack("<IH", 8, 1) + struct.pack("<HHIHH", 0x0112, 3, 1, 6, 0)
    )
    for cut in range(6, len(block)):
        segment = b"\xff\xe1" + struct.pack(">H", cut + 2) + block[:cut]
        data = saved(upright[:8, :8], "JPEG")
        orientation = parse_header(data[:2] + segment + data[2:]).orientation
        assert orientation in (1, 6)
    assert (
        parse_header(
            data[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + data[2:]
        ).orientation
        == 6
    )


def test_big_endian_exif_is_read(upright: np.ndarray) -> None:
    block = (
        b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 1) + struct.pack(">HHIHH", 0x0112, 3, 1, 8, 0)
    )
    data = saved(upright, "JPEG")
    segment = b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block
    turned = data[:2] + segment + data[2:]
    assert read_header(turned, LIMITS).width == 640
    assert decode(turned, LIMITS).pixels.shape == (960, 640, 3)


def test_the_photographs_of_the_suite_are_what_pillow_says(photograph: Photograph) -> None:
    for data in (photograph.jpeg(), photograph.png(), photograph.animated_webp()):
        with Image.open(io.BytesIO(data)) as opened:
            header = read_header(data, LIMITS)
            assert opened.size == (header.width, header.height)


def test_files_of_other_programs_are_read(tmp_path: Path, upright: np.ndarray) -> None:
    for suffix in (".jpg", ".png", ".webp"):
        path = tmp_path / f"picture{suffix}"
        cv2.imwrite(str(path), upright[:, :, ::-1])
        near(decoded(path.read_bytes()), upright, mean=3)
