"""Finding photos and videos, and naming them."""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

# fmt: off
PHOTO_SUFFIXES: Final = frozenset(
    {
        ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".tif",
        ".tiff", ".heic", ".heif", ".hif", ".avif", ".bmp",
    }
)
VIDEO_SUFFIXES: Final = frozenset(
    {
        ".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg",
        ".mpeg", ".3gp", ".mts", ".m2ts", ".wmv",
    }
)
# fmt: on
# Folders that storage boxes and systems keep thumbnails and deleted files in.
_NOT_ALBUMS: Final = frozenset(
    {"@eaDir", "#recycle", "#snapshot", "$RECYCLE.BIN", "System Volume Information"}
)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to be ingested under an asset id."""

    path: Path
    asset_id: str

    @property
    def is_video(self) -> bool:
        """Whether the file is a video, by its name."""
        return self.path.suffix.lower() in VIDEO_SUFFIXES


@dataclass(slots=True)
class Listing:
    """The files that were found, and what could not be taken: paths and reasons.

    `passed_over` counts, by suffix, the files of folders that are no photos and no videos.
    """

    files: list[SourceFile] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)


def find_files(paths: Sequence[str | Path], *, root: Path | None = None) -> Listing:
    """Return the photos and videos of files and folders, in order of their names.

    Files that are named themselves are taken whatever their suffix. Hidden files and folders
    and those of systems are passed over, links to folders are not followed. Asset ids are POSIX
    paths below `root`, else below the folder given; that of a file given is its name.
    """
    listing = Listing()
    taken: dict[str, Path] = {}
    for given in map(Path, paths):
        if not given.exists():
            listing.refused.append((str(given), "There is no such file or folder."))
            continue
        base = root or (given if given.is_dir() else given.parent)
        found = _walk(given, listing) if given.is_dir() else iter((given,))
        for path in found:
            _take(path, base, taken, listing)
    return listing


def _take(path: Path, base: Path, taken: dict[str, Path], listing: Listing) -> None:
    reason = _refusal(path, base)
    if not reason:
        asset_id = path.absolute().relative_to(base.absolute()).as_posix()
        other = taken.setdefault(asset_id, path)
        if other is path:
            listing.files.append(SourceFile(path, asset_id))
        elif other.absolute() != path.absolute():
            reason = (
                f"Its asset id {asset_id} is that of {other} too; name a folder above both as "
                "the root."
            )
    if reason:
        listing.refused.append((_shown(path), reason))


def _refusal(path: Path, base: Path) -> str:
    """Return why a path cannot be an asset, empty where it can."""
    # Opening a pipe would wait for somebody to write into it.
    if not path.is_file():
        lost = path.is_symlink() and not path.exists()
        return "It is a link to nothing." if lost else "It is not a regular file."
    try:
        name = path.absolute().relative_to(base.absolute()).as_posix()
        name.encode()
    except UnicodeEncodeError:
        return "The name is not valid UTF-8; rename the file."
    except ValueError:
        return f"It does not lie below {base}."
    if any(unicodedata.category(letter) == "Cc" for letter in name):
        return "The name, or that of a folder, has a line break or the like; rename it."
    return ""


def _walk(folder: Path, listing: Listing) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        listing.refused.append((_shown(Path(error.filename)), f"{error.strerror}."))

    for parent, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not _is_hidden(name))
        for name in sorted(name for name in names if not _is_hidden(name)):
            suffix = Path(name).suffix.lower()
            if suffix in PHOTO_SUFFIXES | VIDEO_SUFFIXES:
                yield Path(parent, name)
            else:
                listing.passed_over[suffix] += 1


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name in _NOT_ALBUMS


def _shown(path: Path) -> str:
    return str(path).encode(errors="backslashreplace").decode()
