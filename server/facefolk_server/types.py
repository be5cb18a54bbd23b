"""The domain in frozen dataclasses: what the layers hand to each other.

Embeddings are kept in arrays beside these records, not in them: `(n, d) float32`, unit
length, each value a multiple of 2**-24 (see `clustering`). Times are aware UTC datetimes,
frame offsets whole microseconds from the start of the film (a photo has the one frame 0).
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime


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


@dataclass(frozen=True, slots=True)
class Point:
    """A position in pixels of the upright submitted image."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class BoundingBox:
    """An upright rectangle in pixels, origin at the top left corner of the top left pixel."""

    x_min: float
    y_min: float
    x_max: float
    y_max: float

    def scaled(self, x_factor: float, y_factor: float) -> BoundingBox:
        """Return the box in an image that is scaled by these factors."""
        return BoundingBox(
            self.x_min * x_factor,
            self.y_min * y_factor,
            self.x_max * x_factor,
            self.y_max * y_factor,
        )

    def iou(self, other: BoundingBox) -> float:
        """Return the intersection over union with another box of the same image, 0..1."""
        width = min(self.x_max, other.x_max) - max(self.x_min, other.x_min)
        height = min(self.y_max, other.y_max) - max(self.y_min, other.y_min)
        if width <= 0 or height <= 0:
            return 0.0
        shared = width * height
        return shared / (self.area + other.area - shared)

    @property
    def area(self) -> float:
        """The area in square pixels, 0 for an empty box."""
        return max(0.0, self.x_max - self.x_min) * max(0.0, self.y_max - self.y_min)


@dataclass(frozen=True, slots=True)
class Face:
    """One detection in one frame, as stored.

    `landmarks` are five points: image-left eye, image-right eye, nose tip, image-left and
    image-right mouth corner. `image_width` and `image_height` are of the submitted upright
    image that `box` and `landmarks` refer to.
    """

    face_id: str
    asset_id: str
    frame_offset_us: int
    box: BoundingBox
    landmarks: tuple[Point, Point, Point, Point, Point]
    score: float
    quality: float
    image_width: int
    image_height: int
    pack: str
    pack_digest: str
    create_time: datetime


@dataclass(frozen=True, slots=True)
class Placement:
    """The person a face belongs to; `UNPLACED` where it has none."""

    person_id: str | None
    assignment: Assignment
    reason: Reason = Reason.NONE
    round_id: str = ""


UNPLACED = Placement(None, Assignment.UNASSIGNED)


@dataclass(frozen=True, slots=True)
class Person:
    """A set of faces under one id; the faces themselves are the placements that name it.

    `revision` is the sequence number of the ledger entry that last changed this record; the
    API's etag is made of it.
    """

    person_id: str
    name: str = ""
    birth_date: date | None = None
    hidden: bool = False
    favorite: bool = False
    feature_face_id: str = ""
    create_time: datetime | None = None
    update_time: datetime | None = None
    revision: int = 0

    @property
    def told(self) -> bool:
        """Whether a user said something about this person, so that it stays without faces."""
        return bool(self.name or self.birth_date or self.hidden or self.favorite)


@dataclass(frozen=True, slots=True)
class Mark:
    """Something a user said about a face that rounds obey.

    `person_id` is set for NOT_THIS_PERSON alone.
    """

    face_id: str
    kind: MarkKind
    person_id: str = ""


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


class EventKind(enum.StrEnum):
    """What a ledger entry did; the values are stored."""

    SETTINGS_UPDATED = "settings_updated"
    FACES_ASSIGNED = "faces_assigned"
    FACES_UNASSIGNED = "faces_unassigned"
    FACES_MARKED = "faces_marked"
    FACES_REPLACED = "faces_replaced"
    PERSON_CREATED = "person_created"
    PERSON_UPDATED = "person_updated"
    PERSON_DELETED = "person_deleted"
    PEOPLE_MERGED = "people_merged"
    ROUND_STARTED = "round_started"
    ROUND_ENDED = "round_ended"
    ROUND_COMMITTED = "round_committed"
    ASSETS_DELETED = "assets_deleted"
    PERSON_ERASED = "person_erased"
    PEOPLE_IMPORTED = "people_imported"
    SUGGESTION_ANSWERED = "suggestion_answered"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class PlacementChange:
    """One face's person before and after."""

    face_id: str
    before: Placement
    after: Placement


@dataclass(frozen=True, slots=True)
class PersonChange:
    """A person's record before and after; None where it did not or does not exist."""

    person_id: str
    before: Person | None
    after: Person | None


@dataclass(frozen=True, slots=True)
class MarkChange:
    """A mark that was added (`added`) or taken away."""

    mark: Mark
    added: bool


@dataclass(frozen=True, slots=True)
class SettingsChange:
    """The settings before and after."""

    before: RecognitionSettings
    after: RecognitionSettings


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything one atomic operation changes; applying `after`, or `before` to undo."""

    placements: tuple[PlacementChange, ...] = ()
    people: tuple[PersonChange, ...] = ()
    marks: tuple[MarkChange, ...] = ()
    settings: SettingsChange | None = None
    round: RoundRecord | None = None

    def __bool__(self) -> bool:
        return bool(self.placements or self.people or self.marks or self.settings or self.round)


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the ledger: an atomic operation, complete with what it replaced.

    `sequence` counts from 1 without gaps; `detail` holds further facts of the kind, such as
    the lease of a round or the event that an undo undid.
    """

    sequence: int
    kind: EventKind
    actor: str
    time: datetime
    changes: Changes
    request_id: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)
