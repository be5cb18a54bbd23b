"""What the client hands out and takes: frozen dataclasses that mirror the API.

Field names are those of the messages in `protos/facefolk/v1`. Times are aware UTC datetimes,
absent ones None; frame offsets count from the start of the film.
"""

from facefolk.types.admin import (
    ModelStatus,
    Pack,
    PullProgress,
    Settings,
    SettingsUpdate,
    Status,
    TableStatus,
)
from facefolk.types.assets import Asset, Frame
from facefolk.types.enums import (
    AssetFilter,
    AssetState,
    Assignment,
    PersonOrder,
    RoundMode,
    RoundState,
    UnassignedReason,
)
from facefolk.types.faces import BoundingBox, Face, Match, Point, Thumbnail
from facefolk.types.people import Assigned, Person
from facefolk.types.recognition import (
    ComparedPair,
    Comparison,
    Detection,
    Embeddings,
    Outcome,
    Recognition,
    RecognizedFace,
    SearchHit,
    SearchResult,
    Submission,
)
from facefolk.types.rounds import PersonDifference, Round, RoundDifference

__all__ = [
    "Asset",
    "AssetFilter",
    "AssetState",
    "Assigned",
    "Assignment",
    "BoundingBox",
    "ComparedPair",
    "Comparison",
    "Detection",
    "Embeddings",
    "Face",
    "Frame",
    "Match",
    "ModelStatus",
    "Outcome",
    "Pack",
    "Person",
    "PersonDifference",
    "PersonOrder",
    "Point",
    "PullProgress",
    "Recognition",
    "RecognizedFace",
    "Round",
    "RoundDifference",
    "RoundMode",
    "RoundState",
    "SearchHit",
    "SearchResult",
    "Settings",
    "SettingsUpdate",
    "Status",
    "Submission",
    "TableStatus",
    "Thumbnail",
    "UnassignedReason",
]
