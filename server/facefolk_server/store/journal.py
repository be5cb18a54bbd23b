"""Files of records that are on the disk before anybody is told of them.

A record is its length, its checksum and its bytes. Records are appended one at a time, each
brought to the disk before the next, so that a power cut tears none but the last of a file, of
which nobody was told. A server holds a lock on each of its files (flock), which ends with the
process however that ends: files without one were left by servers that are gone.
"""

from __future__ import annotations

import fcntl
import logging
import os
import secrets
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from facefolk_server.errors import StorageError
from facefolk_server.store.disk import sync_path

_MAGIC = b"FFJ1"
_HEADER = struct.Struct("<4sII")
_SUFFIX = ".journal"

_logger = logging.getLogger(__name__)


class JournalFile:
    """One file of records, locked by this process; used by one thread at a time."""

    def __init__(self, path: Path, descriptor: int, *, synced: bool) -> None:
        self._path = path
        self._descriptor = descriptor
        self._synced = synced
        self._named = False
        self._size = os.fstat(descriptor).st_size
        self._torn = False

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return self._size

    @property
    def is_torn(self) -> bool:
        """Whether an append failed: what would come after it might not be found."""
        return self._torn

    def append(self, record: bytes | memoryview) -> None:
        """Add a record; durable on return.

        Raises:
            OSError: It is not there, and the file takes no more.
        """
        header = _HEADER.pack(_MAGIC, len(record), zlib.crc32(record))
        try:
            _write(self._descriptor, header + record)
            if self._synced:
                os.fdatasync(self._descriptor)
                if not self._named:
                    sync_path(self._path.parent)
        except OSError:
            self._torn = True
            with suppress(OSError):
                os.ftruncate(self._descriptor, self._size)
            raise
        self._named = True
        self._size += len(header) + len(record)

    def records(self) -> list[bytes]:
        """Return the records up to one that was cut off, if there is one.

        Raises:
            StorageError: It is damaged in a way that is no power cut's.
        """
        content = self._path.read_bytes()
        found: list[bytes] = []
        position = 0
        while (record := _record_at(content, position)) is not None:
            found.append(record)
            position += _HEADER.size + len(record)
        if position == len(content):
            return found
        if self._synced and _has_record(content, position + 1):
            raise StorageError(
                f"The journal {self._path} is damaged: a record after byte {position} is not "
                "whole, and others come after it. Restore the directory from a backup, or "
                "check the disk; nothing was changed in it."
            )
        _logger.warning(
            "the journal %s ends in a record that was cut off, which nobody was told of; the "
            "%d before it are whole",
            self._path.name,
            len(found),
        )
        return found

    def drop(self) -> None:
        """Remove the file for good: it does not come back after a power cut."""
        with suppress(FileNotFoundError):
            self._path.unlink()
        if self._synced:
            sync_path(self._path.parent)
        self.release()

    def release(self) -> None:
        """Leave the file to whoever looks for those that were left."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


class Journal:
    """The files of one library in a local directory, which is made with the first of them."""

    def __init__(self, folder: Path, *, synced: bool) -> None:
        self._folder = folder
        self._synced = synced
        self._name = secrets.token_hex(6)
        self._number = 0

    def make(self) -> JournalFile:
        """Return a new file.

        Raises:
            OSError: It cannot be made.
        """
        self._make_folder()
        while True:
            self._number += 1
            path = self._folder / f"{self._name}-{self._number:08d}{_SUFFIX}"
            made = self._locked(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL)
            # None: a server that starts right now took it for one that was left.
            if made is not None:
                return made

    def left(self) -> Iterator[JournalFile]:
        """Yield the files of servers that are gone, each server's in their order."""
        if not self._folder.is_dir():
            return
        for path in sorted(self._folder.glob(f"*{_SUFFIX}")):
            found = self._locked(path, os.O_RDWR)
            if found is not None:
                yield found

    def _locked(self, path: Path, flags: int) -> JournalFile | None:
        """Open a file that no other process has and that still has its name."""
        try:
            descriptor = os.open(path, flags, 0o600)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(descriptor).st_nlink:
                return JournalFile(path, descriptor, synced=self._synced)
        except BlockingIOError:
            pass
        except OSError:
            os.close(descriptor)
            raise
        os.close(descriptor)
        return None

    def _make_folder(self) -> None:
        if self._folder.is_dir():
            return
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._synced:
            for folder in (self._folder, *self._folder.parents[:3]):
                sync_path(folder)


def _write(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _record_at(content: bytes, position: int) -> bytes | None:
    """Return the record that begins at a byte, None where there is no whole one.

    None is empty: the magic bytes and zeros may be what a power cut left.
    """
    if position + _HEADER.size > len(content):
        return None
    magic, length, checksum = _HEADER.unpack_from(content, position)
    begin = position + _HEADER.size
    record = content[begin : begin + length]
    whole = magic == _MAGIC and len(record) == length and zlib.crc32(record) == checksum
    return record if record and whole else None


def _has_record(content: bytes, position: int) -> bool:
    """Tell whether a whole record begins at a byte or after it."""
    while (position := content.find(_MAGIC, position)) >= 0:
        if _record_at(content, position) is not None:
            return True
        position += 1
    return False
