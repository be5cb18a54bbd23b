"""Albums whose pictures say who is in them."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

LABELS_FILE = "labels.csv"
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: who is in it, and how many faces can be seen where somebody counted."""

    name: str
    people: tuple[str, ...]
    faces: int | None
    read: Callable[[], bytes]

    @property
    def person(self) -> str | None:
        """The person of the face nearest the center, None in a picture of several people."""
        return self.people[0] if len(self.people) == 1 else None


@dataclass(frozen=True, slots=True)
class Album:
    """Pictures under a name."""

    name: str
    pictures: tuple[Picture, ...]

    @property
    def digest(self) -> str:
        """A name for exactly these pictures with these labels."""
        total = hashlib.sha256()
        for picture in self.pictures:
            content = hashlib.sha256(picture.read()).hexdigest()
            total.update(f"{picture.name}|{' '.join(picture.people)}|{content}\n".encode())
        return total.hexdigest()

    def changed(self, suffix: str, change: Callable[[int, bytes], bytes | None]) -> Album:
        """Return the album with each picture's file made into another; None drops it."""
        pictures = []
        for index, picture in enumerate(self.pictures):
            data = change(index, picture.read())
            if data is not None:
                pictures.append(replace(picture, read=_Constant(data)))
        return Album(f"{self.name}-{suffix}", tuple(pictures))


@dataclass(frozen=True, slots=True)
class _Constant:
    data: bytes

    def __call__(self) -> bytes:
        return self.data


def load_albums(root: Path, names: Sequence[str] = ()) -> list[Album]:
    """Return the albums of a folder, all of them or those named.

    With a `labels.csv` (`path,faces,people`) each first folder is an album; any other folder
    is one album with a folder for each person.
    """
    if (root / LABELS_FILE).is_file():
        albums = _labelled(root)
    else:
        albums = [Album(root.name, _tree(root))]
    if not names:
        return albums
    by_name = {album.name: album for album in albums}
    missing = [name for name in names if name not in by_name]
    if missing:
        raise SystemExit(f"{root} has no album {', '.join(missing)}; it has {list(by_name)}")
    return [by_name[name] for name in names]


def _labelled(root: Path) -> list[Album]:
    pictures: dict[str, list[Picture]] = {}
    with (root / LABELS_FILE).open(newline="") as file:
        for row in csv.DictReader(file):
            path = root / row["path"]
            if path.suffix.lower() not in SUFFIXES:
                continue
            pictures.setdefault(row["path"].split("/")[0], []).append(
                Picture(
                    row["path"],
                    tuple(row["people"].split()),
                    int(row["faces"]) if row["faces"] else None,
                    path.read_bytes,
                )
            )
    return [Album(name, tuple(those)) for name, those in pictures.items()]


def _tree(root: Path) -> tuple[Picture, ...]:
    return tuple(
        Picture(str(path.relative_to(root)), (path.parent.name,), None, path.read_bytes)
        for path in sorted(root.rglob("*"))
        if path.suffix.lower() in SUFFIXES and path.parent != root
    )
