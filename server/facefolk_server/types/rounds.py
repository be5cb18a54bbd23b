"""What a library is set to, what was submitted, and its rounds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from facefolk_server.types.kinds import AssetState, RoundMode, RoundState


@dataclass(frozen=True, slots=True)
class Looks:
    """Which looks are taken at a picture for faces, beside the plain one.

    `close` is for faces that fill it, `turned` for pictures that lie on their side or stand on
    their head, `tiny` for faces of few pixels in large pictures.
    """

    close: bool = False
    turned: bool = False
    tiny: bool = False

    def __str__(self) -> str:
        named = {"close": self.close, "turned": self.turned, "tiny": self.tiny}
        return " ".join(name for name, taken in named.items() if taken)


PLAIN = Looks()


@dataclass(frozen=True, slots=True)
class RecognitionSettings:
    """The settings of a library that change at run time; None means the pack's own value.

    `max_recognition_distance` is a cosine distance (0..2); `nightly_time` is "HH:MM" in
    `time_zone` (an IANA name), "" for no nightly round.
    """

    pack: str = "auto"
    min_detection_score: float | None = None
    max_recognition_distance: float | None = None
    min_recognized_faces: int = 3
    one_face_per_asset: bool = True
    chain_guard: bool = True
    nightly_time: str = ""
    time_zone: str = "UTC"
    revision: int = 0
    quality_gate: bool = False
    find_close_faces: bool = False
    find_turned_faces: bool = False
    find_tiny_faces: bool = False

    @property
    def looks(self) -> Looks:
        """The further looks that each picture gets."""
        return Looks(self.find_close_faces, self.find_turned_faces, self.find_tiny_faces)


@dataclass(frozen=True, slots=True)
class RoundRecord:
    """One round from its request to its end.

    `recount` is why a MISSING round counted the neighbors of all faces, empty where it went
    on from the counts of the round before.
    """

    round_id: str
    mode: RoundMode
    state: RoundState
    preview: bool = False
    faces_queued: int = 0
    faces_processed: int = 0
    faces_assigned: int = 0
    people_created: int = 0
    faces_deferred: int = 0
    outliers: int = 0
    pruned: int = 0
    neighbor_recall: float = 1.0
    recount: str = ""
    waited_out: bool = False
    start_time: datetime | None = None
    end_time: datetime | None = None
    error: str = ""
    max_recognition_distance: float = 0.0
    min_recognized_faces: int = 0


@dataclass(frozen=True, slots=True)
class Frame:
    """The last submission of one frame of an asset and what came of it.

    `content_digest` is the caller's own; with `pack_digest`, `min_detection_score` and
    `looks` (see `Looks`) it tells whether the frame needs to be sent again.
    """

    asset_id: str
    frame_offset_us: int
    state: AssetState
    width: int
    height: int
    pack: str
    pack_digest: str
    min_detection_score: float
    face_count: int
    content_digest: str = ""
    capture_time: datetime | None = None
    update_time: datetime | None = None
    error: str = ""
    looks: str = ""
