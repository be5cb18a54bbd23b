import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.type import date_pb2 as _date_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Assignment(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ASSIGNMENT_UNSPECIFIED: _ClassVar[Assignment]
    ASSIGNMENT_UNASSIGNED: _ClassVar[Assignment]
    ASSIGNMENT_AUTOMATIC: _ClassVar[Assignment]
    ASSIGNMENT_MANUAL: _ClassVar[Assignment]

class UnassignedReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    UNASSIGNED_REASON_UNSPECIFIED: _ClassVar[UnassignedReason]
    UNASSIGNED_REASON_OUTLIER: _ClassVar[UnassignedReason]
    UNASSIGNED_REASON_MARKED: _ClassVar[UnassignedReason]
    UNASSIGNED_REASON_SAME_ASSET: _ClassVar[UnassignedReason]
    UNASSIGNED_REASON_UNBORN: _ClassVar[UnassignedReason]
    UNASSIGNED_REASON_TOLD_APART: _ClassVar[UnassignedReason]

class RoundMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ROUND_MODE_UNSPECIFIED: _ClassVar[RoundMode]
    ROUND_MODE_MISSING: _ClassVar[RoundMode]
    ROUND_MODE_ALL: _ClassVar[RoundMode]

class RoundState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ROUND_STATE_UNSPECIFIED: _ClassVar[RoundState]
    ROUND_STATE_WAITING: _ClassVar[RoundState]
    ROUND_STATE_RUNNING: _ClassVar[RoundState]
    ROUND_STATE_PREVIEWED: _ClassVar[RoundState]
    ROUND_STATE_SUCCEEDED: _ClassVar[RoundState]
    ROUND_STATE_FAILED: _ClassVar[RoundState]
    ROUND_STATE_CANCELLED: _ClassVar[RoundState]

class MarkKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MARK_KIND_UNSPECIFIED: _ClassVar[MarkKind]
    MARK_KIND_NONE: _ClassVar[MarkKind]
    MARK_KIND_NOT_THIS_PERSON: _ClassVar[MarkKind]
    MARK_KIND_NOT_A_FACE: _ClassVar[MarkKind]
    MARK_KIND_STRANGER: _ClassVar[MarkKind]

class AssetState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ASSET_STATE_UNSPECIFIED: _ClassVar[AssetState]
    ASSET_STATE_DONE: _ClassVar[AssetState]
    ASSET_STATE_FAILED: _ClassVar[AssetState]
ASSIGNMENT_UNSPECIFIED: Assignment
ASSIGNMENT_UNASSIGNED: Assignment
ASSIGNMENT_AUTOMATIC: Assignment
ASSIGNMENT_MANUAL: Assignment
UNASSIGNED_REASON_UNSPECIFIED: UnassignedReason
UNASSIGNED_REASON_OUTLIER: UnassignedReason
UNASSIGNED_REASON_MARKED: UnassignedReason
UNASSIGNED_REASON_SAME_ASSET: UnassignedReason
UNASSIGNED_REASON_UNBORN: UnassignedReason
UNASSIGNED_REASON_TOLD_APART: UnassignedReason
ROUND_MODE_UNSPECIFIED: RoundMode
ROUND_MODE_MISSING: RoundMode
ROUND_MODE_ALL: RoundMode
ROUND_STATE_UNSPECIFIED: RoundState
ROUND_STATE_WAITING: RoundState
ROUND_STATE_RUNNING: RoundState
ROUND_STATE_PREVIEWED: RoundState
ROUND_STATE_SUCCEEDED: RoundState
ROUND_STATE_FAILED: RoundState
ROUND_STATE_CANCELLED: RoundState
MARK_KIND_UNSPECIFIED: MarkKind
MARK_KIND_NONE: MarkKind
MARK_KIND_NOT_THIS_PERSON: MarkKind
MARK_KIND_NOT_A_FACE: MarkKind
MARK_KIND_STRANGER: MarkKind
ASSET_STATE_UNSPECIFIED: AssetState
ASSET_STATE_DONE: AssetState
ASSET_STATE_FAILED: AssetState

class Image(_message.Message):
    __slots__ = ("data",)
    DATA_FIELD_NUMBER: _ClassVar[int]
    data: bytes
    def __init__(self, data: _Optional[bytes] = ...) -> None: ...

class BoundingBox(_message.Message):
    __slots__ = ("x_min", "y_min", "x_max", "y_max")
    X_MIN_FIELD_NUMBER: _ClassVar[int]
    Y_MIN_FIELD_NUMBER: _ClassVar[int]
    X_MAX_FIELD_NUMBER: _ClassVar[int]
    Y_MAX_FIELD_NUMBER: _ClassVar[int]
    x_min: float
    y_min: float
    x_max: float
    y_max: float
    def __init__(self, x_min: _Optional[float] = ..., y_min: _Optional[float] = ..., x_max: _Optional[float] = ..., y_max: _Optional[float] = ...) -> None: ...

class Point(_message.Message):
    __slots__ = ("x", "y")
    X_FIELD_NUMBER: _ClassVar[int]
    Y_FIELD_NUMBER: _ClassVar[int]
    x: float
    y: float
    def __init__(self, x: _Optional[float] = ..., y: _Optional[float] = ...) -> None: ...

class Embedding(_message.Message):
    __slots__ = ("values",)
    VALUES_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, values: _Optional[_Iterable[float]] = ...) -> None: ...

class Face(_message.Message):
    __slots__ = ("face_id", "asset_id", "frame_offset", "person_id", "box", "landmarks", "score", "quality", "assignment", "pack", "embedding", "create_time", "image_width", "image_height", "unassigned_reason")
    FACE_ID_FIELD_NUMBER: _ClassVar[int]
    ASSET_ID_FIELD_NUMBER: _ClassVar[int]
    FRAME_OFFSET_FIELD_NUMBER: _ClassVar[int]
    PERSON_ID_FIELD_NUMBER: _ClassVar[int]
    BOX_FIELD_NUMBER: _ClassVar[int]
    LANDMARKS_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    QUALITY_FIELD_NUMBER: _ClassVar[int]
    ASSIGNMENT_FIELD_NUMBER: _ClassVar[int]
    PACK_FIELD_NUMBER: _ClassVar[int]
    EMBEDDING_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    IMAGE_WIDTH_FIELD_NUMBER: _ClassVar[int]
    IMAGE_HEIGHT_FIELD_NUMBER: _ClassVar[int]
    UNASSIGNED_REASON_FIELD_NUMBER: _ClassVar[int]
    face_id: str
    asset_id: str
    frame_offset: _duration_pb2.Duration
    person_id: str
    box: BoundingBox
    landmarks: _containers.RepeatedCompositeFieldContainer[Point]
    score: float
    quality: float
    assignment: Assignment
    pack: str
    embedding: Embedding
    create_time: _timestamp_pb2.Timestamp
    image_width: int
    image_height: int
    unassigned_reason: UnassignedReason
    def __init__(self, face_id: _Optional[str] = ..., asset_id: _Optional[str] = ..., frame_offset: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., person_id: _Optional[str] = ..., box: _Optional[_Union[BoundingBox, _Mapping]] = ..., landmarks: _Optional[_Iterable[_Union[Point, _Mapping]]] = ..., score: _Optional[float] = ..., quality: _Optional[float] = ..., assignment: _Optional[_Union[Assignment, str]] = ..., pack: _Optional[str] = ..., embedding: _Optional[_Union[Embedding, _Mapping]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., image_width: _Optional[int] = ..., image_height: _Optional[int] = ..., unassigned_reason: _Optional[_Union[UnassignedReason, str]] = ...) -> None: ...

class Match(_message.Message):
    __slots__ = ("person_id", "name", "distance", "face_id", "probability")
    PERSON_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    DISTANCE_FIELD_NUMBER: _ClassVar[int]
    FACE_ID_FIELD_NUMBER: _ClassVar[int]
    PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    person_id: str
    name: str
    distance: float
    face_id: str
    probability: float
    def __init__(self, person_id: _Optional[str] = ..., name: _Optional[str] = ..., distance: _Optional[float] = ..., face_id: _Optional[str] = ..., probability: _Optional[float] = ...) -> None: ...

class Person(_message.Message):
    __slots__ = ("person_id", "name", "birth_date", "hidden", "favorite", "feature_face_id", "face_count", "asset_count", "etag", "create_time", "update_time")
    PERSON_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    BIRTH_DATE_FIELD_NUMBER: _ClassVar[int]
    HIDDEN_FIELD_NUMBER: _ClassVar[int]
    FAVORITE_FIELD_NUMBER: _ClassVar[int]
    FEATURE_FACE_ID_FIELD_NUMBER: _ClassVar[int]
    FACE_COUNT_FIELD_NUMBER: _ClassVar[int]
    ASSET_COUNT_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    person_id: str
    name: str
    birth_date: _date_pb2.Date
    hidden: bool
    favorite: bool
    feature_face_id: str
    face_count: int
    asset_count: int
    etag: str
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    def __init__(self, person_id: _Optional[str] = ..., name: _Optional[str] = ..., birth_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., hidden: _Optional[bool] = ..., favorite: _Optional[bool] = ..., feature_face_id: _Optional[str] = ..., face_count: _Optional[int] = ..., asset_count: _Optional[int] = ..., etag: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Round(_message.Message):
    __slots__ = ("round_id", "mode", "preview", "state", "faces_queued", "faces_processed", "faces_assigned", "people_created", "faces_deferred", "outliers", "pruned", "neighbor_recall", "waited_out", "start_time", "end_time", "error", "max_recognition_distance", "min_recognized_faces", "difference", "recount")
    ROUND_ID_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    PREVIEW_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    FACES_QUEUED_FIELD_NUMBER: _ClassVar[int]
    FACES_PROCESSED_FIELD_NUMBER: _ClassVar[int]
    FACES_ASSIGNED_FIELD_NUMBER: _ClassVar[int]
    PEOPLE_CREATED_FIELD_NUMBER: _ClassVar[int]
    FACES_DEFERRED_FIELD_NUMBER: _ClassVar[int]
    OUTLIERS_FIELD_NUMBER: _ClassVar[int]
    PRUNED_FIELD_NUMBER: _ClassVar[int]
    NEIGHBOR_RECALL_FIELD_NUMBER: _ClassVar[int]
    WAITED_OUT_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    MAX_RECOGNITION_DISTANCE_FIELD_NUMBER: _ClassVar[int]
    MIN_RECOGNIZED_FACES_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCE_FIELD_NUMBER: _ClassVar[int]
    RECOUNT_FIELD_NUMBER: _ClassVar[int]
    round_id: str
    mode: RoundMode
    preview: bool
    state: RoundState
    faces_queued: int
    faces_processed: int
    faces_assigned: int
    people_created: int
    faces_deferred: int
    outliers: int
    pruned: int
    neighbor_recall: float
    waited_out: bool
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    error: str
    max_recognition_distance: float
    min_recognized_faces: int
    difference: RoundDifference
    recount: str
    def __init__(self, round_id: _Optional[str] = ..., mode: _Optional[_Union[RoundMode, str]] = ..., preview: _Optional[bool] = ..., state: _Optional[_Union[RoundState, str]] = ..., faces_queued: _Optional[int] = ..., faces_processed: _Optional[int] = ..., faces_assigned: _Optional[int] = ..., people_created: _Optional[int] = ..., faces_deferred: _Optional[int] = ..., outliers: _Optional[int] = ..., pruned: _Optional[int] = ..., neighbor_recall: _Optional[float] = ..., waited_out: _Optional[bool] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., error: _Optional[str] = ..., max_recognition_distance: _Optional[float] = ..., min_recognized_faces: _Optional[int] = ..., difference: _Optional[_Union[RoundDifference, _Mapping]] = ..., recount: _Optional[str] = ...) -> None: ...

class RoundDifference(_message.Message):
    __slots__ = ("joined", "split", "moved", "created", "names_lost")
    class PersonDifference(_message.Message):
        __slots__ = ("person_id", "name", "faces_gained", "faces_lost", "from_person_ids", "to_person_ids")
        PERSON_ID_FIELD_NUMBER: _ClassVar[int]
        NAME_FIELD_NUMBER: _ClassVar[int]
        FACES_GAINED_FIELD_NUMBER: _ClassVar[int]
        FACES_LOST_FIELD_NUMBER: _ClassVar[int]
        FROM_PERSON_IDS_FIELD_NUMBER: _ClassVar[int]
        TO_PERSON_IDS_FIELD_NUMBER: _ClassVar[int]
        person_id: str
        name: str
        faces_gained: int
        faces_lost: int
        from_person_ids: _containers.RepeatedScalarFieldContainer[str]
        to_person_ids: _containers.RepeatedScalarFieldContainer[str]
        def __init__(self, person_id: _Optional[str] = ..., name: _Optional[str] = ..., faces_gained: _Optional[int] = ..., faces_lost: _Optional[int] = ..., from_person_ids: _Optional[_Iterable[str]] = ..., to_person_ids: _Optional[_Iterable[str]] = ...) -> None: ...
    JOINED_FIELD_NUMBER: _ClassVar[int]
    SPLIT_FIELD_NUMBER: _ClassVar[int]
    MOVED_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    NAMES_LOST_FIELD_NUMBER: _ClassVar[int]
    joined: _containers.RepeatedCompositeFieldContainer[RoundDifference.PersonDifference]
    split: _containers.RepeatedCompositeFieldContainer[RoundDifference.PersonDifference]
    moved: _containers.RepeatedCompositeFieldContainer[RoundDifference.PersonDifference]
    created: _containers.RepeatedCompositeFieldContainer[RoundDifference.PersonDifference]
    names_lost: _containers.RepeatedCompositeFieldContainer[RoundDifference.PersonDifference]
    def __init__(self, joined: _Optional[_Iterable[_Union[RoundDifference.PersonDifference, _Mapping]]] = ..., split: _Optional[_Iterable[_Union[RoundDifference.PersonDifference, _Mapping]]] = ..., moved: _Optional[_Iterable[_Union[RoundDifference.PersonDifference, _Mapping]]] = ..., created: _Optional[_Iterable[_Union[RoundDifference.PersonDifference, _Mapping]]] = ..., names_lost: _Optional[_Iterable[_Union[RoundDifference.PersonDifference, _Mapping]]] = ...) -> None: ...

class Settings(_message.Message):
    __slots__ = ("pack", "min_detection_score", "max_recognition_distance", "min_recognized_faces", "one_face_per_asset", "chain_guard", "nightly_time", "time_zone", "etag", "quality_gate", "find_close_faces", "find_turned_faces", "find_tiny_faces")
    PACK_FIELD_NUMBER: _ClassVar[int]
    MIN_DETECTION_SCORE_FIELD_NUMBER: _ClassVar[int]
    MAX_RECOGNITION_DISTANCE_FIELD_NUMBER: _ClassVar[int]
    MIN_RECOGNIZED_FACES_FIELD_NUMBER: _ClassVar[int]
    ONE_FACE_PER_ASSET_FIELD_NUMBER: _ClassVar[int]
    CHAIN_GUARD_FIELD_NUMBER: _ClassVar[int]
    NIGHTLY_TIME_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    QUALITY_GATE_FIELD_NUMBER: _ClassVar[int]
    FIND_CLOSE_FACES_FIELD_NUMBER: _ClassVar[int]
    FIND_TURNED_FACES_FIELD_NUMBER: _ClassVar[int]
    FIND_TINY_FACES_FIELD_NUMBER: _ClassVar[int]
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
    def __init__(self, pack: _Optional[str] = ..., min_detection_score: _Optional[float] = ..., max_recognition_distance: _Optional[float] = ..., min_recognized_faces: _Optional[int] = ..., one_face_per_asset: _Optional[bool] = ..., chain_guard: _Optional[bool] = ..., nightly_time: _Optional[str] = ..., time_zone: _Optional[str] = ..., etag: _Optional[str] = ..., quality_gate: _Optional[bool] = ..., find_close_faces: _Optional[bool] = ..., find_turned_faces: _Optional[bool] = ..., find_tiny_faces: _Optional[bool] = ...) -> None: ...

class Mark(_message.Message):
    __slots__ = ("face_id", "kind", "person_id")
    FACE_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    PERSON_ID_FIELD_NUMBER: _ClassVar[int]
    face_id: str
    kind: MarkKind
    person_id: str
    def __init__(self, face_id: _Optional[str] = ..., kind: _Optional[_Union[MarkKind, str]] = ..., person_id: _Optional[str] = ...) -> None: ...

class Frame(_message.Message):
    __slots__ = ("frame_offset", "state", "width", "height", "pack", "pack_digest", "min_detection_score", "face_count", "content_digest", "update_time", "error", "stale", "looks")
    FRAME_OFFSET_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    PACK_FIELD_NUMBER: _ClassVar[int]
    PACK_DIGEST_FIELD_NUMBER: _ClassVar[int]
    MIN_DETECTION_SCORE_FIELD_NUMBER: _ClassVar[int]
    FACE_COUNT_FIELD_NUMBER: _ClassVar[int]
    CONTENT_DIGEST_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    STALE_FIELD_NUMBER: _ClassVar[int]
    LOOKS_FIELD_NUMBER: _ClassVar[int]
    frame_offset: _duration_pb2.Duration
    state: AssetState
    width: int
    height: int
    pack: str
    pack_digest: str
    min_detection_score: float
    face_count: int
    content_digest: str
    update_time: _timestamp_pb2.Timestamp
    error: str
    stale: bool
    looks: str
    def __init__(self, frame_offset: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., state: _Optional[_Union[AssetState, str]] = ..., width: _Optional[int] = ..., height: _Optional[int] = ..., pack: _Optional[str] = ..., pack_digest: _Optional[str] = ..., min_detection_score: _Optional[float] = ..., face_count: _Optional[int] = ..., content_digest: _Optional[str] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., error: _Optional[str] = ..., stale: _Optional[bool] = ..., looks: _Optional[str] = ...) -> None: ...

class Asset(_message.Message):
    __slots__ = ("asset_id", "frames", "capture_time", "face_count")
    ASSET_ID_FIELD_NUMBER: _ClassVar[int]
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    CAPTURE_TIME_FIELD_NUMBER: _ClassVar[int]
    FACE_COUNT_FIELD_NUMBER: _ClassVar[int]
    asset_id: str
    frames: _containers.RepeatedCompositeFieldContainer[Frame]
    capture_time: _timestamp_pb2.Timestamp
    face_count: int
    def __init__(self, asset_id: _Optional[str] = ..., frames: _Optional[_Iterable[_Union[Frame, _Mapping]]] = ..., capture_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., face_count: _Optional[int] = ...) -> None: ...
