"""Signals that end a process become exceptions, so that what was begun is cleaned up."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

_SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP)


class TerminatedError(BaseException):
    """Somebody told the process to end; `number` is that of the signal."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def raising_signals() -> Iterator[None]:
    """Raise TerminatedError for the signals that would end the process at once."""
    before = {number: signal.signal(number, _raise) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _raise(number: int, _frame: FrameType | None) -> None:
    for one in _SIGNALS:  # once is enough
        signal.signal(one, signal.SIG_IGN)
    raise TerminatedError(number)
