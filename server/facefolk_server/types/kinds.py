"""What things can be, in numbers that the API and the store share."""

from __future__ import annotations

import enum


class Assignment(enum.IntEnum):
    """How a face came to its person; the numbers are those of the API and the store."""

    UNASSIGNED = 1
    AUTOMATIC = 2
    MANUAL = 3


class RoundMode(enum.IntEnum):
    """Which faces a round decides about."""

    MISSING = 1
    ALL = 2


class RoundState(enum.IntEnum):
    """Where a round stands."""

    WAITING = 1
    RUNNING = 2
    PREVIEWED = 3
    SUCCEEDED = 4
    FAILED = 5
    CANCELLED = 6


class MarkKind(enum.IntEnum):
    """What a user said about a face."""

    NOT_THIS_PERSON = 1
    NOT_A_FACE = 2
    STRANGER = 3


class Reason(enum.IntEnum):
    """Why a round left a face without a person."""

    NONE = 0
    OUTLIER = 1
    MARKED = 2
    SAME_ASSET = 3
    UNBORN = 4
    TOLD_APART = 5


class AssetState(enum.IntEnum):
    """What became of the last submission of a frame."""

    DONE = 1
    FAILED = 2
