"""What the C library is told about memory; another one than glibc does as it likes."""

from __future__ import annotations

import ctypes
from contextlib import suppress

# mallopt(3); the number is glibc's own, as in malloc.h.
_M_ARENA_MAX = -8
_ARENAS = 2


def share_arenas() -> None:
    """Let all threads allocate from a few arenas; to be called before there are threads.

    By default each of LanceDB's forty threads may get one until there are eight a core, and
    none of them reuses what is free in another one: 25 MB a thousand images.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)


def give_back() -> None:
    """Return to the system what is free in all arenas; blocks for milliseconds."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
