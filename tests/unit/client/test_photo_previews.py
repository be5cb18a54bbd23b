from __future__ import annotations

import io
import struct
from datetime import UTC, datetime
from pathlib import Path
from zlib import crc32

import numpy as np
import pillow_heif
import pytest
from facefolk.errors import UnreadableFileError
from facefolk.previews.photos import make_photo_preview
from PIL import Image
from unit.client.pictures import (
    STORED,
    exif,
    format_of,
    is_upright,
    save,
    size_of,
    turned,
    upright,
)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
def test_a_small_upright_photo_is_sent_as_it_is(tmp_path: Path, suffix: str) -> None:
    path = save(tmp_path / f"a{suffix}")
    assert make_photo_preview(path).image == path.read_bytes()


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif", ".bmp", ".heic", ".avif"])
@pytest.mark.parametrize("size", [(2000, 1000), (700, 1800)])
def test_a_large_photo_becomes_a_small_jpeg(
    tmp_path: Path, suffix: str, size: tuple[int, int]
) -> None:
    path = tmp_path / f"a{suffix}"
    if suffix == ".heic":
        pillow_heif.from_pillow(upright(*size)).save(path)
    else:
        save(path, upright(*size))
    data = make_photo_preview(path, max_side=500).image
    assert format_of(data) == "JPEG"
    assert max(size_of(data)) == 500
    assert abs(size_of(data)[0] / size_of(data)[1] - size[0] / size[1]) < 0.01
    assert is_upright(data)


@pytest.mark.parametrize("size", [(120, 80), (900, 600)])
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif"])
@pytest.mark.parametrize("orientation", list(STORED))
def test_every_orientation_comes_out_upright(
    tmp_path: Path, orientation: int, suffix: str, size: tuple[int, int]
) -> None:
    path = save(tmp_path / f"a{suffix}", turned(orientation, *size), exif=exif(orientation))
    data = make_photo_preview(path, max_side=300).image
    assert is_upright(data)
    assert size_of(data)[0] > size_of(data)[1]


def test_a_turned_heic_comes_out_upright(tmp_path: Path) -> None:
    path = tmp_path / "a.heic"
    pillow_heif.from_pillow(turned(6)).save(path, exif=exif(6).tobytes())
    assert is_upright(make_photo_preview(path).image)


def test_a_heic_is_known_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    pillow_heif.from_pillow(upright()).save(path.with_suffix(".heic"))
    path.with_suffix(".heic").rename(path)
    assert is_upright(make_photo_preview(path).image)


def test_transparent_parts_become_white(tmp_path: Path) -> None:
    image = upright().convert("RGBA")
    image.paste((0, 0, 0, 0), (60, 40, 120, 80))
    path = save(tmp_path / "a.tif", image)
    assert is_upright(make_photo_preview(path).image)


def test_print_colors_are_converted(tmp_path: Path) -> None:
    path = save(tmp_path / "a.tif", upright().convert("CMYK"))
    assert is_upright(make_photo_preview(path).image)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_sixteen_bits_are_scaled_to_eight(
    tmp_path: Path, suffix: str, orientation: int
) -> None:
    ramp = np.linspace(0, 65535, 600, dtype=np.uint16)[None, :].repeat(300, axis=0)
    path = save(tmp_path / f"a{suffix}", Image.fromarray(ramp), exif=exif(orientation))
    preview = make_photo_preview(path, max_side=200)
    image = Image.open(io.BytesIO(preview.image)).convert("L")
    assert image.size == ((200, 100) if orientation == 1 else (100, 200))
    middle = image.getpixel((image.width // 2, image.height // 2))
    assert isinstance(middle, int)
    assert abs(middle - 128) < 8


def test_floats_are_scaled_to_their_range(tmp_path: Path) -> None:
    ramp = np.linspace(-1, 1, 300, dtype=np.float32)[None, :].repeat(100, axis=0)
    path = save(tmp_path / "a.tif", Image.fromarray(ramp))
    image = Image.open(io.BytesIO(make_photo_preview(path).image)).convert("L")
    assert image.getextrema() == pytest.approx((0, 255), abs=4)


def test_an_animation_gives_its_first_frame(tmp_path: Path) -> None:
    other = Image.new("RGB", (900, 600), "black")
    path = tmp_path / "a.webp"
    upright(900, 600).save(path, save_all=True, append_images=[other, other], quality=90)
    assert is_upright(make_photo_preview(path, max_side=300).image)


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".tif"])
@pytest.mark.parametrize(
    ("taken", "offset", "expected"),
    [
        ("2020:01:02 03:04:05", "", datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2020:01:02 03:04:05", "+02:00", datetime(2020, 1, 2, 1, 4, 5, tzinfo=UTC)),
        ("2020:01:02 03:04:05", "  :  ", datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("0000:00:00 00:00:00", "", None),
        ("", "", None),
    ],
)
def test_the_capture_time_is_read(
    tmp_path: Path, suffix: str, taken: str, offset: str, expected: datetime | None
) -> None:
    # Of an Exif object Pillow writes only the first directory into a TIFF.
    path = save(tmp_path / f"a{suffix}", exif=exif(1, taken, offset).tobytes())
    assert make_photo_preview(path).capture_time == expected


def test_an_empty_file_and_one_too_large_say_so(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.touch()
    with pytest.raises(UnreadableFileError, match="file is empty"):
        make_photo_preview(path)
    size = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunks = [
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", crc32(name + data))
        for name, data in ((b"IHDR", size), (b"IDAT", b""))
    ]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))
    with pytest.raises(UnreadableFileError, match="178 megapixels; ingest a smaller copy"):
        make_photo_preview(path)


def test_broken_files_say_why(tmp_path: Path) -> None:
    whole = save(tmp_path / "whole.jpg", upright(2000, 1500), quality=95).read_bytes()
    broken = {
        "empty.jpg": b"",
        "text.png": b"not a picture",
        "cut.jpg": whole[: len(whole) // 2],
        "cut.heic": b"\0\0\0\x18ftypheic" + bytes(40),
    }
    for name, content in broken.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(UnreadableFileError) as caught:
            make_photo_preview(tmp_path / name)
        assert caught.value.message.endswith(".")
    with pytest.raises(UnreadableFileError, match="No such file"):
        make_photo_preview(tmp_path / "absent.jpg")


@pytest.mark.parametrize("suffix", [".heic", ".avif", ".jpg", ".png", ".tif"])
def test_whatever_is_damaged_is_told_as_unreadable(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    if suffix == ".heic":
        pillow_heif.from_pillow(upright(120, 80)).save(path)
    else:
        save(path, upright(120, 80), exif=exif(6))
    whole = path.read_bytes()
    random = np.random.default_rng(7)
    told = 0
    for _ in range(150):
        damaged = bytearray(whole)
        for place in random.integers(0, min(len(whole), 400), 4):
            damaged[place] = int(random.integers(256))
        path.write_bytes(damaged)
        try:
            make_photo_preview(path, max_side=100)
        except UnreadableFileError:
            told += 1
    assert told
