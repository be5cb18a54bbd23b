"""The domain in frozen dataclasses: what the layers hand to each other.

Embeddings are kept in arrays beside these records, not in them: `(n, d) float32`, unit
length, each value a multiple of 2**-24 (see `clustering`). Times are aware UTC datetimes,
frame offsets whole microseconds from the start of the film (a photo has the one frame 0).
"""

from facefolk_server.types.faces import (
    UNPLACED,
    BoundingBox,
    Face,
    Mark,
    Person,
    Placement,
    Point,
)
from facefolk_server.types.history import (
    Changes,
    Event,
    EventKind,
    MarkChange,
    PersonChange,
    PlacementChange,
    SettingsChange,
)
from facefolk_server.types.kinds import (
    AssetState,
    Assignment,
    MarkKind,
    Reason,
    RoundMode,
    RoundState,
)
from facefolk_server.types.rounds import (
    PLAIN,
    Frame,
    Looks,
    RecognitionSettings,
    RoundRecord,
)

__all__ = [
    "PLAIN",
    "UNPLACED",
    "AssetState",
    "Assignment",
    "BoundingBox",
    "Changes",
    "Event",
    "EventKind",
    "Face",
    "Frame",
    "Looks",
    "Mark",
    "MarkChange",
    "MarkKind",
    "Person",
    "PersonChange",
    "Placement",
    "PlacementChange",
    "Point",
    "Reason",
    "RecognitionSettings",
    "RoundMode",
    "RoundRecord",
    "RoundState",
    "SettingsChange",
]
