"""The photos of the demo: those that were named, or a sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from facefolk.cli.demo.server import run_tool

_PACKAGE_ALBUM: Final = "face_recognition"


@dataclass(frozen=True, slots=True)
class Album:
    """Photos and what there is to say of them."""

    paths: tuple[Path, ...]
    name: str
    description: str


def get_album(photos: Sequence[Path], folder: Path) -> Album:
    """Return the photos that were named, else fetch the sample album into the folder.

    Raises:
        CommandError: no sample is to be had.
    """
    if photos:
        return Album(tuple(photos), "", ", ".join(map(str, photos)))
    fetched = run_tool("models", "album", str(folder))
    description = str(fetched["summary"])
    if fetched["album"] == _PACKAGE_ALBUM:
        description += ": one person of six faces, and one who waits for more photos"
    return Album((folder,), str(fetched["album"]), description)
