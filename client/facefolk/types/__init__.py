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
    ErasureState,
    ImportFormat,
    MarkKind,
    PersonOrder,
    RoundMode,
    RoundState,
    SuggestionAnswer,
    SuggestionKind,
    UnassignedReason,
)
from facefolk.types.faces import BoundingBox, Face, Mark, Match, Point, Thumbnail
from facefolk.types.history import Event, FaceChange, PersonChange
from facefolk.types.moving import AssetsDeleted, Erasure, Imported
from facefolk.types.people import Assigned, Deleted, Marked, Merged, Person
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
from facefolk.types.rounds import PersonDifference, Round, RoundDifference, RoundSettings
from facefolk.types.suggestions import Explanation, Neighbor, Suggestion

__all__ = [
    "Asset",
    "AssetFilter",
    "AssetState",
    "AssetsDeleted",
    "Assigned",
    "Assignment",
    "BoundingBox",
    "ComparedPair",
    "Comparison",
    "Deleted",
    "Detection",
    "Embeddings",
    "Erasure",
    "ErasureState",
    "Event",
    "Explanation",
    "Face",
    "FaceChange",
    "Frame",
    "ImportFormat",
    "Imported",
    "Mark",
    "MarkKind",
    "Marked",
    "Match",
    "Merged",
    "ModelStatus",
    "Neighbor",
    "Outcome",
    "Pack",
    "Person",
    "PersonChange",
    "PersonDifference",
    "PersonOrder",
    "Point",
    "PullProgress",
    "Recognition",
    "RecognizedFace",
    "Round",
    "RoundDifference",
    "RoundMode",
    "RoundSettings",
    "RoundState",
    "SearchHit",
    "SearchResult",
    "Settings",
    "SettingsUpdate",
    "Status",
    "Submission",
    "Suggestion",
    "SuggestionAnswer",
    "SuggestionKind",
    "TableStatus",
    "Thumbnail",
    "UnassignedReason",
]
