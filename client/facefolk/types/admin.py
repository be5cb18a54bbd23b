"""Settings, packs and the state of the server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from facefolk.types.rounds import Round


@dataclass(frozen=True, slots=True)
class Settings:
    """The recognition settings of a library.

    `min_detection_score` (0..1) and `max_recognition_distance` (cosine, 0..2) are the pack's
    own where they are 0. `nightly_time` is "HH:MM" in `time_zone`, empty for no nightly round.
    `find_close_faces`, `find_turned_faces` and `find_tiny_faces` say which further looks each
    picture gets.
    """

    pack: str
    min_detection_score: float
    max_recognition_distance: float
    min_recognized_faces: int
    one_face_per_asset: bool
    chain_guard: bool
    nightly_time: str
    time_zone: str
    etag: str
    quality_gate: bool
    find_close_faces: bool
    find_turned_faces: bool
    find_tiny_faces: bool


@dataclass(frozen=True, slots=True)
class SettingsUpdate:
    """The settings after an update, and what to think over."""

    settings: Settings
    advice: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pack:
    """A detector and a recognizer."""

    name: str
    detector: str
    recognizer: str
    license: str
    non_commercial: bool
    embedding_length: int
    recommended_distance: float
    recommended_score: float
    installed: bool
    active: bool
    download_bytes: int
    digest: str


@dataclass(frozen=True, slots=True)
class PullProgress:
    """One step of fetching a pack; `pack` is set in the last one."""

    file: str
    bytes_done: int
    bytes_total: int
    done: bool
    pack: Pack | None


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """One model and the device it runs on."""

    name: str
    device_wanted: str
    device: str
    self_test_passed: bool
    quarantine_reason: str


@dataclass(frozen=True, slots=True)
class TableStatus:
    """One table of the store; `bytes` is 0 where that is not known."""

    name: str
    rows: int
    version: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Status:
    """The state of the server and of one library."""

    version: str
    library_versions: Mapping[str, str]
    start_time: datetime | None
    pack: Pack | None
    models: tuple[ModelStatus, ...]
    tables: tuple[TableStatus, ...]
    requests_in_flight: int
    bytes_in_flight: int
    writes_queued: int
    face_count: int
    person_count: int
    unassigned_face_count: int
    round: Round | None
    warnings: tuple[str, ...]
