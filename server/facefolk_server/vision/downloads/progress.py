"""How the downloads tell how far they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Stage = Literal["waiting", "fetching", "unpacking", "converting", "ready"]


@dataclass(frozen=True, slots=True)
class Progress:
    """Where one file stands; `total_bytes` is None where nobody knows it.

    `source` names what is read at the moment, for people.
    """

    file: str
    stage: Stage
    done_bytes: int = 0
    total_bytes: int | None = None
    source: str = ""


# It may raise to stop the work; what has been fetched so far is kept and resumed from.
ProgressCallback = Callable[[Progress], None]


def ignore_progress(_progress: Progress) -> None:
    """Take note of nothing."""
