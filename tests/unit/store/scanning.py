"""Looks for what is erased in the bytes of a data directory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np


def vector_bytes(vector: np.ndarray) -> bytes:
    """An embedding as Lance keeps it: uncompressed float32 values, side by side."""
    return np.ascontiguousarray(vector, np.float32).tobytes()


def found(root: Path, needles: Mapping[str, bytes]) -> dict[str, list[str]]:
    """The files in which each needle is found; of long ones a part in the middle is enough."""
    hits: dict[str, list[str]] = {}
    parts = {name: _middle(needle) for name, needle in needles.items()}
    for path in sorted(root.rglob("*")):
        if not path.is_file():
            continue
        told = path.read_bytes() + b"\n" + str(path.relative_to(root)).encode()
        for name, part in parts.items():
            if part in told:
                hits.setdefault(name, []).append(str(path.relative_to(root)))
    return hits


def _middle(needle: bytes) -> bytes:
    assert needle
    return needle if len(needle) <= 32 else needle[len(needle) // 2 - 16 :][:32]
