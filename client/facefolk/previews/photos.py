"""Previews of photos, with Pillow."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from facefolk.errors import UnreadableFileError

# Tags of EXIF 2.32 (CIPA DC-008-2019), section 4.6.
_ORIENTATION: Final = 0x0112
_EXIF_IFD: Final = 0x8769
_DATE_TIME_ORIGINAL: Final = 0x9003
_OFFSET_TIME_ORIGINAL: Final = 0x9011
_SENT_AS_THEY_ARE: Final = frozenset({"JPEG", "PNG", "WEBP"})
_MAX_BYTES_AS_IT_IS: Final = 4 << 20
# Brands of ISO/IEC 23008-12 annex B that hold HEVC images.
_HEIF_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"})
# How far a JPEG is decoded at a reduced scale before the exact resize; see Image.thumbnail.
_REDUCING_GAP: Final = 2.0


@dataclass(frozen=True, slots=True)
class PhotoPreview:
    """An encoded upright image, and when the photo was taken where it says so."""

    image: bytes
    capture_time: datetime | None


def make_photo_preview(path: Path, *, max_side: int = 1440, quality: int = 90) -> PhotoPreview:
    """Return a preview whose longer side is at most `max_side` pixels.

    A JPEG, PNG or WebP that is upright and small enough is taken as it is; all else becomes
    an RGB JPEG, transparent parts white, of the first frame where there are several.

    Raises:
        UnreadableFileError: the file cannot be decoded.
    """
    try:
        # Pillow maps a file that it opens by name into memory, and then forgets to turn grey
        # TIFFs upright; one that is open already it reads.
        with path.open("rb") as content, _opened(content) as image:
            exif = image.getexif()
            capture_time = _capture_time(exif)
            if _is_fine(path, image, max_side) and exif.get(_ORIENTATION, 1) in (0, 1):
                return PhotoPreview(path.read_bytes(), capture_time)
            return PhotoPreview(_encoded(image, max_side, quality), capture_time)
    except UnreadableFileError:
        raise
    except Exception as error:
        # Of damaged files Pillow and libheif raise what they stumble over: RuntimeError,
        # IndexError, TypeError and others. One of them must not end an ingestion.
        raise UnreadableFileError(_reason(error)) from error


def _opened(content: BinaryIO) -> Image.Image:
    head = content.read(12)
    content.seek(0)
    if not head:
        raise UnreadableFileError("The file is empty.")
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        return _opened_heif(content)
    return Image.open(content)


def _opened_heif(content: BinaryIO) -> Image.Image:
    try:
        import pillow_heif
    except ModuleNotFoundError as error:
        raise UnreadableFileError(
            "HEIC needs pillow-heif: pip install 'facefolk[preview]'."
        ) from error
    image: Image.Image = pillow_heif.open_heif(content).to_pillow()
    return image


def _is_fine(path: Path, image: Image.Image, max_side: int) -> bool:
    return (
        image.format in _SENT_AS_THEY_ARE
        and max(image.size) <= max_side
        and path.stat().st_size <= _MAX_BYTES_AS_IT_IS
    )


def _encoded(image: Image.Image, max_side: int, quality: int) -> bytes:
    image = _eight_bits(image)
    if max(image.size) > max_side:
        image.thumbnail((max_side, max_side), reducing_gap=_REDUCING_GAP)
    upright = _on_white(ImageOps.exif_transpose(image))
    buffer = io.BytesIO()
    upright.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def _eight_bits(image: Image.Image) -> Image.Image:
    """Return an image of more than 8 bits a channel as one of 8; others as they are."""
    if image.mode[0] not in "IF":
        return image
    values = np.asarray(image, dtype=np.float32)
    if image.mode == "F":
        lowest, highest = float(values.min()), float(values.max())
        values = (values - lowest) * (255 / ((highest - lowest) or 1))
    else:
        values *= 255 / 65535
    plain = Image.fromarray(np.clip(values.round(), 0, 255).astype(np.uint8))
    plain.getexif()[_ORIENTATION] = image.getexif().get(_ORIENTATION, 1)
    return plain


def _on_white(image: Image.Image) -> Image.Image:
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        ground = Image.new("RGBA", rgba.size, "white")
        return Image.alpha_composite(ground, rgba).convert("RGB")
    return image.convert("RGB")


def _capture_time(exif: Image.Exif) -> datetime | None:
    """Return DateTimeOriginal; one without an offset is taken as UTC."""
    tags = exif.get_ifd(_EXIF_IFD)
    text = str(tags.get(_DATE_TIME_ORIGINAL, "")).strip("\0 ")
    offset = str(tags.get(_OFFSET_TIME_ORIGINAL, "")).strip("\0 ")
    try:
        moment = datetime.strptime(text + offset, "%Y:%m:%d %H:%M:%S%z")
    except ValueError:
        try:
            moment = datetime.strptime(text, "%Y:%m:%d %H:%M:%S").replace(tzinfo=UTC)
        except ValueError:
            return None
    return moment.astimezone(UTC)


def _reason(error: BaseException) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "It is not an image of a known format."
    if isinstance(error, Image.DecompressionBombError):
        most = 2 * (Image.MAX_IMAGE_PIXELS or 0) // 1_000_000
        return f"It has more than {most} megapixels; ingest a smaller copy of it."
    if isinstance(error, OSError) and error.strerror:
        return f"It cannot be read: {error.strerror}."
    return f"It cannot be decoded: {error}."
