"""The enumerations of the API; the numbers are the API's own."""

from __future__ import annotations

import enum
from typing import Self


class _ApiEnum(enum.IntEnum):
    """Number 0 is UNSPECIFIED, and so is every number that this version does not know."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        return cls(0) if isinstance(value, int) and value != 0 else None


class Assignment(_ApiEnum):
    """How a face came to its person."""

    UNSPECIFIED = 0
    UNASSIGNED = 1
    AUTOMATIC = 2
    MANUAL = 3


class UnassignedReason(_ApiEnum):
    """Why the last round that decided about a face left it without a person."""

    UNSPECIFIED = 0
    OUTLIER = 1
    MARKED = 2
    SAME_ASSET = 3
    UNBORN = 4
    TOLD_APART = 5


class RoundMode(_ApiEnum):
    """Which faces a round decides about: those without a person, or all of them."""

    UNSPECIFIED = 0
    MISSING = 1
    ALL = 2


class RoundState(_ApiEnum):
    """Where a round stands."""

    UNSPECIFIED = 0
    WAITING = 1
    RUNNING = 2
    PREVIEWED = 3
    SUCCEEDED = 4
    FAILED = 5
    CANCELLED = 6

    @property
    def ended(self) -> bool:
        """Whether the round goes no further by itself."""
        return self >= RoundState.PREVIEWED


class AssetState(_ApiEnum):
    """What became of the last submission of a frame."""

    UNSPECIFIED = 0
    DONE = 1
    FAILED = 2


class AssetFilter(_ApiEnum):
    """Which assets to list."""

    UNSPECIFIED = 0
    ALL = 1
    STALE = 2
    FAILED = 3


class PersonOrder(_ApiEnum):
    """The order of a list of people."""

    UNSPECIFIED = 0
    FACE_COUNT = 1
    NAME = 2


class MarkKind(_ApiEnum):
    """What a user said about a face that rounds obey; NONE takes it back."""

    UNSPECIFIED = 0
    NONE = 1
    NOT_THIS_PERSON = 2
    NOT_A_FACE = 3
    STRANGER = 4


class SuggestionKind(_ApiEnum):
    """What a suggestion asks; UNSPECIFIED stands for every kind in a list."""

    UNSPECIFIED = 0
    MERGE = 1
    DOUBTFUL_FACE = 2
    OUTLIER = 3
    SAME_ASSET = 4


class SuggestionAnswer(_ApiEnum):
    """An answer; after LATER it is asked again after the next round."""

    UNSPECIFIED = 0
    YES = 1
    NO = 2
    LATER = 3


class ErasureState(_ApiEnum):
    """Where an erasure stands: PENDING until no file holds it any more."""

    UNSPECIFIED = 0
    PENDING = 1
    DONE = 2


class ImportFormat(_ApiEnum):
    """The form of an import: a bundle of `export_people`, or JSON lines of names and boxes."""

    UNSPECIFIED = 0
    BUNDLE = 1
    JSON_LINES = 2
