"""What LanceDB leaves to others on a local disk: syncing commits, finding torn ones.

LanceDB never calls fsync: a commit survives the death of the process and not a power cut.
The order here is that of a journal: data first, then what names it, then the directories.
Files of LanceDB 0.40 are laid out as `data/*.lance`, `_deletions/*`, `_indices/*/*`,
`_transactions/*.txn` and `_versions/<2**64 - 1 - version>.manifest`; data files and
manifests end in the four bytes LANC.
"""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

from facefolk_server.errors import StorageError

_MAGIC = b"LANC"
_MIN_FILE_BYTES = 16
_PARTS = ("data", "_deletions", "_indices", "_transactions", "_versions")
# As LanceDB names them, 24 binary and 26 hexadecimal digits, and not the byte before, which
# is a length. Files of other names are not judged: a wrong verdict would cost data.
_DATA_FILE = re.compile(rb"[01]{24}[0-9a-f]{26}\.lance")
_MANIFEST = re.compile(r"\d{20}\.manifest")
_HINT = "latest_version_hint.json"
_QUARANTINE = "_torn"

_logger = logging.getLogger(__name__)


class TableFiles:
    """The files of one table in a local directory."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._synced: set[str] = set()

    def sync(self) -> None:
        """Bring every file that is new since the last call to the disk, and its name."""
        if not self._synced:
            sync_path(self._path.parent)
        found: set[str] = set()
        for part in _PARTS:
            folders: set[str] = set()
            for name in _files(self._path / part):
                found.add(name)
                if name not in self._synced:
                    sync_path(name)
                    folders.add(os.path.dirname(name))  # noqa: PTH120
            for folder in folders:
                sync_path(folder)
        sync_path(self._path)
        self._synced = found

    @property
    def has_versions(self) -> bool:
        """Whether there is any version; there is none where the table was not made in full."""
        return any(True for _ in self._manifests())

    def drop_torn_versions(self, *, at_most: int | None) -> int:
        """Set aside the newest versions as long as their files are not whole; return how many.

        Where every version is synced before it is acknowledged, a power cut tears only the
        last ones, which nobody was told of; more than `at_most` is damage of another kind.

        Raises:
            StorageError: More versions are damaged.
        """
        torn: list[Path] = []
        for manifest in self._manifests():
            damage = self._damage(manifest)
            if not damage:
                break
            if len(torn) == at_most:
                raise StorageError(
                    f"Table {self._path.stem} at {self._path} is damaged: {damage}. Restore "
                    "the directory from a backup, or check the disk; nothing was changed in it."
                )
            torn.append(manifest)
            _logger.warning(
                "table %s: its newest version was cut off by a power failure (%s); going back "
                "to the one before, which holds everything that was acknowledged",
                self._path.stem,
                damage,
            )
        for manifest in torn:
            aside = self._path / _QUARANTINE
            aside.mkdir(exist_ok=True)
            manifest.rename(aside / manifest.name)
            (self._path / "_versions" / _HINT).unlink(missing_ok=True)
        return len(torn)

    def sweep(self, *, data_files: int, older_than: timedelta) -> None:
        """Remove files that no version names: what killed processes and torn versions left.

        `data_files` is how many the newest version has by LanceDB's own count. Files younger
        than `older_than` stay: another process may be about to commit them.
        """
        named = [manifest.read_bytes() for manifest in self._manifests()]
        if not named or len(_data_files_of(named[0])) != data_files:
            # Names are not what they were with LanceDB 0.40: nothing here is to be trusted.
            _logger.warning("the files of table %s are left as they are", self._path.stem)
            return
        referenced = {
            name.decode() for content in named for name in _DATA_FILE.findall(content)
        }
        youngest = time.time() - older_than.total_seconds()
        text = b"".join(named)
        for part in ("data", "_transactions", "_versions", _QUARANTINE):
            for name in _files(self._path / part):
                path = Path(name)
                kept = {
                    "data": path.name in referenced,
                    "_transactions": path.name.encode() in text,
                    "_versions": _MANIFEST.fullmatch(path.name) is not None,
                }
                if not kept.get(part) and path.stat().st_mtime <= youngest:
                    path.unlink()

    def _manifests(self) -> Iterable[Path]:
        """Return the manifests, the newest first."""
        folder = self._path / "_versions"
        if not folder.is_dir():
            return ()
        return sorted(p for p in folder.iterdir() if _MANIFEST.fullmatch(p.name))

    def _damage(self, manifest: Path) -> str:
        content = manifest.read_bytes()
        if len(content) < _MIN_FILE_BYTES or not content.endswith(_MAGIC):
            return "its manifest is not whole"
        for name in _data_files_of(content):
            if not _is_whole(self._path / "data" / name):
                return f"data file {name} is not whole"
        return ""


def _data_files_of(content: bytes) -> set[str]:
    """Return the names of the data files that a manifest's version is made of.

    Before the manifest proper its file may hold the transaction that made it, which names
    files that went with older versions. At its end are the position of the manifest proper,
    which begins with its length, two version numbers and LANC; none where that is not so.
    """
    position = int.from_bytes(content[-_MIN_FILE_BYTES:-8], "little")
    begin = position + 4
    end = begin + int.from_bytes(content[position:begin], "little")
    if end + _MIN_FILE_BYTES != len(content):
        return set()
    return {found.decode() for found in _DATA_FILE.findall(content[begin:end])}


def _is_whole(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            if file.seek(0, os.SEEK_END) < _MIN_FILE_BYTES:
                return False
            file.seek(-len(_MAGIC), os.SEEK_END)
            return file.read() == _MAGIC
    except FileNotFoundError:
        return False


def _files(folder: Path) -> Iterator[str]:
    # Text paths and scandir: this runs at every commit over every file of the table.
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _files(Path(entry.path))
        elif entry.name != _HINT:
            yield entry.path


def sync_path(path: str | Path) -> None:
    """Bring a file or a folder to the disk, unless it is gone by now."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return  # removed with an old version since it was listed
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
