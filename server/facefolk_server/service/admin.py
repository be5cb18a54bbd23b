"""Settings, packs and the state of the server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from facefolk_server.service.call import Call
from facefolk_server.service.packs import ModelStatus, PackDescription, PullProgress
from facefolk_server.service.paging import Page, PageRequest
from facefolk_server.types import RecognitionSettings, RoundRecord


@dataclass(frozen=True, slots=True)
class SettingsFields:
    """New values as the API has them: zero and empty stand for the default."""

    pack: str = ""
    min_detection_score: float = 0.0
    max_recognition_distance: float = 0.0
    min_recognized_faces: int = 0
    one_face_per_asset: bool = False
    chain_guard: bool = False
    nightly_time: str = ""
    time_zone: str = ""


@dataclass(frozen=True, slots=True)
class SettingsView:
    """The settings with the name of the pack in place of "auto", and their etag.

    None in `settings` still means the pack's own value.
    """

    settings: RecognitionSettings
    etag: str
    advice: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PackView:
    """A pack and whether it is the one in use."""

    description: PackDescription
    active: bool


@dataclass(frozen=True, slots=True)
class PullStep:
    """One step of fetching a pack; `pack` is set in the last one."""

    progress: PullProgress | None
    pack: PackView | None = None


@dataclass(frozen=True, slots=True)
class TableStatus:
    """One table of the store; `size_bytes` is 0 where it is not known."""

    name: str
    rows: int
    version: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """What an operator wants to know."""

    version: str
    library_versions: Mapping[str, str]
    start_time: datetime
    pack: PackView
    models: tuple[ModelStatus, ...]
    tables: tuple[TableStatus, ...]
    requests_in_flight: int
    bytes_in_flight: int
    writes_queued: int
    face_count: int
    person_count: int
    unassigned_face_count: int
    round: RoundRecord | None
    warnings: tuple[str, ...]


class Admin:
    """The calls of an operator."""

    async def get_settings(self, call: Call) -> SettingsView:
        """Answer the recognition settings of a library."""
        raise NotImplementedError

    async def update_settings(
        self,
        call: Call,
        fields: SettingsFields,
        *,
        mask: Sequence[str] | None = None,
        etag: str = "",
    ) -> SettingsView:
        """Change the settings, with advice where a value is unusual."""
        raise NotImplementedError

    async def list_packs(self, call: Call, page: PageRequest) -> Page[PackView]:
        """List the packs that are known."""
        raise NotImplementedError

    def pull_pack(self, call: Call, pack: str) -> AsyncIterator[PullStep]:
        """Fetch the files of a pack."""
        raise NotImplementedError

    async def status(self, call: Call) -> ServerStatus:
        """Tell versions, devices, self-tests, tables and queues."""
        raise NotImplementedError
