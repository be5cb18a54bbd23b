"""The store: the only place that knows LanceDB and Arrow.

Blocking; `Library` is the handle that the use cases hold.
"""

from facefolk_server.store.bundle import Bundle, BundleHeader, read_bundle, write_bundle
from facefolk_server.store.bundle_rows import BundledFace
from facefolk_server.store.departures import DepartedFaces
from facefolk_server.store.erasures import ErasureRecord, Phase, Scope
from facefolk_server.store.face_table import FaceSnapshot, FaceTable
from facefolk_server.store.library import Library
from facefolk_server.store.neighbor_counts import KeptCounts
from facefolk_server.store.records import (
    Draft,
    FrameWrite,
    Lease,
    StoreStatus,
    TableInfo,
)
from facefolk_server.store.state import LibraryState
from facefolk_server.store.store import Store
from facefolk_server.store.summaries import Summary

__all__ = [
    "Bundle",
    "BundleHeader",
    "BundledFace",
    "DepartedFaces",
    "Draft",
    "ErasureRecord",
    "FaceSnapshot",
    "FaceTable",
    "FrameWrite",
    "KeptCounts",
    "Lease",
    "Library",
    "LibraryState",
    "Phase",
    "Scope",
    "Store",
    "StoreStatus",
    "Summary",
    "TableInfo",
    "read_bundle",
    "write_bundle",
]
