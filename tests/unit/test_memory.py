"""Tests of what the C library is told about memory, in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

# malloc_info(3) tells of each arena.
_SCRIPT = """
import ctypes, threading
from facefolk_server.memory import share_arenas

if {shared}:
    share_arenas()
together = threading.Barrier(8)
def allocate():
    blocks = [bytearray(10_000) for _ in range(100)]
    together.wait()
threads = [threading.Thread(target=allocate) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
libc = ctypes.CDLL(None)
libc.fdopen.restype = ctypes.c_void_p
out = ctypes.c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, out)
libc.fflush(out)
"""


@pytest.mark.parametrize(("shared", "least", "most"), [(True, 1, 2), (False, 3, 1000)])
def test_threads_allocate_from_few_arenas(shared: bool, least: int, most: int) -> None:
    script = _SCRIPT.format(shared=shared)
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert least <= ran.stdout.count("<heap nr=") <= most


_FREED = """
from pathlib import Path
from facefolk_server.memory import give_back

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

blocks = [bytearray(100_000) for _ in range(500)]
last = blocks[-1]  # without it the C library gives all of it back by itself
del blocks
before = resident()
give_back()
assert resident() < before - 40_000_000, (before, resident())
"""


def test_what_is_free_goes_back_to_the_system() -> None:
    ran = subprocess.run([sys.executable, "-c", _FREED], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
