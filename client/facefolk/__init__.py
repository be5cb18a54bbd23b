"""Facefolk: a thin client of the face-recognition service.

`Client` and `AsyncClient` have a method for each call of the API; they take and answer the
dataclasses of `facefolk.types` and raise the errors of `facefolk.errors`.

Names are imported when they are used: a server, which needs the messages of `facefolk.v1`
alone, starts 0.15 s earlier.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from facefolk._async_client import AsyncClient
    from facefolk._calls.base import UNCHANGED, Unchanged
    from facefolk._channel import Tls
    from facefolk._client import Client
    from facefolk._pages import AsyncPages, Page, Pages
    from facefolk.errors import (
        AlreadyExistsError,
        CancelledError,
        ConflictError,
        DeadlineError,
        FacefolkError,
        IngestInterruptedError,
        InvalidRequestError,
        MissingExtraError,
        NotBuiltError,
        NotFoundError,
        OverloadedError,
        PermissionDeniedError,
        PreconditionError,
        RemoteError,
        ServerError,
        UnauthenticatedError,
        UnavailableError,
        UnreadableFileError,
        UsageError,
    )
    from facefolk.ingest.report import IngestOptions, IngestProgress, IngestReport
    from facefolk.types import (
        Asset,
        AssetFilter,
        AssetsDeleted,
        AssetState,
        Assigned,
        Assignment,
        BoundingBox,
        ComparedPair,
        Comparison,
        Deleted,
        Detection,
        Embeddings,
        Erasure,
        ErasureState,
        Event,
        Explanation,
        Face,
        FaceChange,
        Frame,
        Imported,
        ImportFormat,
        Mark,
        Marked,
        MarkKind,
        Match,
        Merged,
        ModelStatus,
        Neighbor,
        Outcome,
        Pack,
        Person,
        PersonChange,
        PersonDifference,
        PersonOrder,
        Point,
        PullProgress,
        Recognition,
        RecognizedFace,
        Round,
        RoundDifference,
        RoundMode,
        RoundSettings,
        RoundState,
        SearchHit,
        SearchResult,
        Settings,
        SettingsUpdate,
        Status,
        Submission,
        Suggestion,
        SuggestionAnswer,
        SuggestionKind,
        TableStatus,
        Thumbnail,
        UnassignedReason,
    )

__all__ = [
    "UNCHANGED",
    "AlreadyExistsError",
    "Asset",
    "AssetFilter",
    "AssetState",
    "AssetsDeleted",
    "Assigned",
    "Assignment",
    "AsyncClient",
    "AsyncPages",
    "BoundingBox",
    "CancelledError",
    "Client",
    "ComparedPair",
    "Comparison",
    "ConflictError",
    "DeadlineError",
    "Deleted",
    "Detection",
    "Embeddings",
    "Erasure",
    "ErasureState",
    "Event",
    "Explanation",
    "Face",
    "FaceChange",
    "FacefolkError",
    "Frame",
    "ImportFormat",
    "Imported",
    "IngestInterruptedError",
    "IngestOptions",
    "IngestProgress",
    "IngestReport",
    "InvalidRequestError",
    "Mark",
    "MarkKind",
    "Marked",
    "Match",
    "Merged",
    "MissingExtraError",
    "ModelStatus",
    "Neighbor",
    "NotBuiltError",
    "NotFoundError",
    "Outcome",
    "OverloadedError",
    "Pack",
    "Page",
    "Pages",
    "PermissionDeniedError",
    "Person",
    "PersonChange",
    "PersonDifference",
    "PersonOrder",
    "Point",
    "PreconditionError",
    "PullProgress",
    "Recognition",
    "RecognizedFace",
    "RemoteError",
    "Round",
    "RoundDifference",
    "RoundMode",
    "RoundSettings",
    "RoundState",
    "SearchHit",
    "SearchResult",
    "ServerError",
    "Settings",
    "SettingsUpdate",
    "Status",
    "Submission",
    "Suggestion",
    "SuggestionAnswer",
    "SuggestionKind",
    "TableStatus",
    "Thumbnail",
    "Tls",
    "UnassignedReason",
    "UnauthenticatedError",
    "UnavailableError",
    "Unchanged",
    "UnreadableFileError",
    "UsageError",
]

_MODULES = ("errors", "types", "v1")
# Where a name comes from that is neither an error nor one of `types`.
_HOMES = {
    "UNCHANGED": "facefolk._calls.base",
    "AsyncClient": "facefolk._async_client",
    "AsyncPages": "facefolk._pages",
    "Client": "facefolk._client",
    "IngestOptions": "facefolk.ingest.report",
    "IngestProgress": "facefolk.ingest.report",
    "IngestReport": "facefolk.ingest.report",
    "Page": "facefolk._pages",
    "Pages": "facefolk._pages",
    "Tls": "facefolk._channel",
    "Unchanged": "facefolk._calls.base",
}


if not TYPE_CHECKING:  # a checker would take any name for one of the package

    def __getattr__(name: str) -> object:
        if name in _MODULES:
            return import_module(f"facefolk.{name}")
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        other = "facefolk.errors" if name.endswith("Error") else "facefolk.types"
        found = globals()[name] = getattr(import_module(_HOMES.get(name, other)), name)
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_MODULES})
