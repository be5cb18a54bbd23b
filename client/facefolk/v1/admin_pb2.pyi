import datetime

from facefolk.v1 import resources_pb2 as _resources_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ImportFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    IMPORT_FORMAT_UNSPECIFIED: _ClassVar[ImportFormat]
    IMPORT_FORMAT_BUNDLE: _ClassVar[ImportFormat]
    IMPORT_FORMAT_JSON_LINES: _ClassVar[ImportFormat]

class ErasureState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ERASURE_STATE_UNSPECIFIED: _ClassVar[ErasureState]
    ERASURE_STATE_PENDING: _ClassVar[ErasureState]
    ERASURE_STATE_DONE: _ClassVar[ErasureState]
IMPORT_FORMAT_UNSPECIFIED: ImportFormat
IMPORT_FORMAT_BUNDLE: ImportFormat
IMPORT_FORMAT_JSON_LINES: ImportFormat
ERASURE_STATE_UNSPECIFIED: ErasureState
ERASURE_STATE_PENDING: ErasureState
ERASURE_STATE_DONE: ErasureState

class GetSettingsRequest(_message.Message):
    __slots__ = ("library_id",)
    LIBRARY_ID_FIELD_NUMBER: _ClassVar[int]
    library_id: str
    def __init__(self, library_id: _Optional[str] = ...) -> None: ...

class UpdateSettingsRequest(_message.Message):
    __slots__ = ("library_id", "settings", "update_mask", "request_id")
    LIBRARY_ID_FIELD_NUMBER: _ClassVar[int]
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    library_id: str
    settings: _resources_pb2.Settings
    update_mask: _field_mask_pb2.FieldMask
    request_id: str
    def __init__(self, library_id: _Optional[str] = ..., settings: _Optional[_Union[_resources_pb2.Settings, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class UpdateSettingsResponse(_message.Message):
    __slots__ = ("settings", "advice")
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    ADVICE_FIELD_NUMBER: _ClassVar[int]
    settings: _resources_pb2.Settings
    advice: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, settings: _Optional[_Union[_resources_pb2.Settings, _Mapping]] = ..., advice: _Optional[_Iterable[str]] = ...) -> None: ...

class Pack(_message.Message):
    __slots__ = ("name", "detector", "recognizer", "license", "non_commercial", "embedding_length", "recommended_distance", "recommended_score", "installed", "active", "download_bytes", "digest")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DETECTOR_FIELD_NUMBER: _ClassVar[int]
    RECOGNIZER_FIELD_NUMBER: _ClassVar[int]
    LICENSE_FIELD_NUMBER: _ClassVar[int]
    NON_COMMERCIAL_FIELD_NUMBER: _ClassVar[int]
    EMBEDDING_LENGTH_FIELD_NUMBER: _ClassVar[int]
    RECOMMENDED_DISTANCE_FIELD_NUMBER: _ClassVar[int]
    RECOMMENDED_SCORE_FIELD_NUMBER: _ClassVar[int]
    INSTALLED_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    DOWNLOAD_BYTES_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
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
    def __init__(self, name: _Optional[str] = ..., detector: _Optional[str] = ..., recognizer: _Optional[str] = ..., license: _Optional[str] = ..., non_commercial: _Optional[bool] = ..., embedding_length: _Optional[int] = ..., recommended_distance: _Optional[float] = ..., recommended_score: _Optional[float] = ..., installed: _Optional[bool] = ..., active: _Optional[bool] = ..., download_bytes: _Optional[int] = ..., digest: _Optional[str] = ...) -> None: ...

class ListPacksRequest(_message.Message):
    __slots__ = ("library_id", "page_size", "page_token")
    LIBRARY_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    library_id: str
    page_size: int
    page_token: str
    def __init__(self, library_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListPacksResponse(_message.Message):
    __slots__ = ("packs", "next_page_token")
    PACKS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    packs: _containers.RepeatedCompositeFieldContainer[Pack]
    next_page_token: str
    def __init__(self, packs: _Optional[_Iterable[_Union[Pack, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class PullPackRequest(_message.Message):
    __slots__ = ("pack",)
    PACK_FIELD_NUMBER: _ClassVar[int]
    pack: str
    def __init__(self, pack: _Optional[str] = ...) -> None: ...

class PullPackResponse(_message.Message):
    __slots__ = ("file", "bytes_done", "bytes_total", "done", "pack")
    FILE_FIELD_NUMBER: _ClassVar[int]
    BYTES_DONE_FIELD_NUMBER: _ClassVar[int]
    BYTES_TOTAL_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    PACK_FIELD_NUMBER: _ClassVar[int]
    file: str
    bytes_done: int
    bytes_total: int
    done: bool
    pack: Pack
    def __init__(self, file: _Optional[str] = ..., bytes_done: _Optional[int] = ..., bytes_total: _Optional[int] = ..., done: _Optional[bool] = ..., pack: _Optional[_Union[Pack, _Mapping]] = ...) -> None: ...

class GetStatusRequest(_message.Message):
    __slots__ = ("library_id",)
    LIBRARY_ID_FIELD_NUMBER: _ClassVar[int]
    library_id: str
    def __init__(self, library_id: _Optional[str] = ...) -> None: ...

class GetStatusResponse(_message.Message):
    __slots__ = ("version", "library_versions", "start_time", "pack", "models", "tables", "requests_in_flight", "bytes_in_flight", "writes_queued", "face_count", "person_count", "unassigned_face_count", "round", "warnings")
    class Model(_message.Message):
        __slots__ = ("name", "device_wanted", "device", "self_test_passed", "quarantine_reason")
        NAME_FIELD_NUMBER: _ClassVar[int]
        DEVICE_WANTED_FIELD_NUMBER: _ClassVar[int]
        DEVICE_FIELD_NUMBER: _ClassVar[int]
        SELF_TEST_PASSED_FIELD_NUMBER: _ClassVar[int]
        QUARANTINE_REASON_FIELD_NUMBER: _ClassVar[int]
        name: str
        device_wanted: str
        device: str
        self_test_passed: bool
        quarantine_reason: str
        def __init__(self, name: _Optional[str] = ..., device_wanted: _Optional[str] = ..., device: _Optional[str] = ..., self_test_passed: _Optional[bool] = ..., quarantine_reason: _Optional[str] = ...) -> None: ...
    class Table(_message.Message):
        __slots__ = ("name", "rows", "version", "bytes")
        NAME_FIELD_NUMBER: _ClassVar[int]
        ROWS_FIELD_NUMBER: _ClassVar[int]
        VERSION_FIELD_NUMBER: _ClassVar[int]
        BYTES_FIELD_NUMBER: _ClassVar[int]
        name: str
        rows: int
        version: int
        bytes: int
        def __init__(self, name: _Optional[str] = ..., rows: _Optional[int] = ..., version: _Optional[int] = ..., bytes: _Optional[int] = ...) -> None: ...
    class LibraryVersionsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    VERSION_FIELD_NUMBER: _ClassVar[int]
    LIBRARY_VERSIONS_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    PACK_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    TABLES_FIELD_NUMBER: _ClassVar[int]
    REQUESTS_IN_FLIGHT_FIELD_NUMBER: _ClassVar[int]
    BYTES_IN_FLIGHT_FIELD_NUMBER: _ClassVar[int]
    WRITES_QUEUED_FIELD_NUMBER: _ClassVar[int]
    FACE_COUNT_FIELD_NUMBER: _ClassVar[int]
    PERSON_COUNT_FIELD_NUMBER: _ClassVar[int]
    UNASSIGNED_FACE_COUNT_FIELD_NUMBER: _ClassVar[int]
    ROUND_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    version: str
    library_versions: _containers.ScalarMap[str, str]
    start_time: _timestamp_pb2.Timestamp
    pack: Pack
    models: _containers.RepeatedCompositeFieldContainer[GetStatusResponse.Model]
    tables: _containers.RepeatedCompositeFieldContainer[GetStatusResponse.Table]
    requests_in_flight: int
    bytes_in_flight: int
    writes_queued: int
    face_count: int
    person_count: int
    unassigned_face_count: int
    round: _resources_pb2.Round
    warnings: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, version: _Optional[str] = ..., library_versions: _Optional[_Mapping[str, str]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., pack: _Optional[_Union[Pack, _Mapping]] = ..., models: _Optional[_Iterable[_Union[GetStatusResponse.Model, _Mapping]]] = ..., tables: _Optional[_Iterable[_Union[GetStatusResponse.Table, _Mapping]]] = ..., requests_in_flight: _Optional[int] = ..., bytes_in_flight: _Optional[int] = ..., writes_queued: _Optional[int] = ..., face_count: _Optional[int] = ..., person_count: _Optional[int] = ..., unassigned_face_count: _Optional[int] = ..., round: _Optional[_Union[_resources_pb2.Round, _Mapping]] = ..., warnings: _Optional[_Iterable[str]] = ...) -> None: ...

class ExportPeopleRequest(_message.Message):
    __slots__ = ("library_id", "include_embedding")
    LIBRARY_ID_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_EMBEDDING_FIELD_NUMBER: _ClassVar[int]
    library_id: str
    include_embedding: bool
    def __init__(self, library_id: _Optional[str] = ..., include_embedding: _Optional[bool] = ...) -> None: ...

class ExportPeopleResponse(_message.Message):
    __slots__ = ("chunk",)
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    chunk: bytes
    def __init__(self, chunk: _Optional[bytes] = ...) -> None: ...

class ImportPeopleRequest(_message.Message):
    __slots__ = ("library_id", "format", "chunk")
    LIBRARY_ID_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    library_id: str
    format: ImportFormat
    chunk: bytes
    def __init__(self, library_id: _Optional[str] = ..., format: _Optional[_Union[ImportFormat, str]] = ..., chunk: _Optional[bytes] = ...) -> None: ...

class ImportPeopleResponse(_message.Message):
    __slots__ = ("people_created", "people_updated", "faces_assigned", "unmatched", "faces_added", "marks_added")
    PEOPLE_CREATED_FIELD_NUMBER: _ClassVar[int]
    PEOPLE_UPDATED_FIELD_NUMBER: _ClassVar[int]
    FACES_ASSIGNED_FIELD_NUMBER: _ClassVar[int]
    UNMATCHED_FIELD_NUMBER: _ClassVar[int]
    FACES_ADDED_FIELD_NUMBER: _ClassVar[int]
    MARKS_ADDED_FIELD_NUMBER: _ClassVar[int]
    people_created: int
    people_updated: int
    faces_assigned: int
    unmatched: _containers.RepeatedScalarFieldContainer[str]
    faces_added: int
    marks_added: int
    def __init__(self, people_created: _Optional[int] = ..., people_updated: _Optional[int] = ..., faces_assigned: _Optional[int] = ..., unmatched: _Optional[_Iterable[str]] = ..., faces_added: _Optional[int] = ..., marks_added: _Optional[int] = ...) -> None: ...

class Erasure(_message.Message):
    __slots__ = ("erasure_id", "state", "asset_ids", "face_ids", "person_ids", "create_time", "done_time", "backups", "assets_removed", "faces_removed", "people_removed")
    ERASURE_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ASSET_IDS_FIELD_NUMBER: _ClassVar[int]
    FACE_IDS_FIELD_NUMBER: _ClassVar[int]
    PERSON_IDS_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    DONE_TIME_FIELD_NUMBER: _ClassVar[int]
    BACKUPS_FIELD_NUMBER: _ClassVar[int]
    ASSETS_REMOVED_FIELD_NUMBER: _ClassVar[int]
    FACES_REMOVED_FIELD_NUMBER: _ClassVar[int]
    PEOPLE_REMOVED_FIELD_NUMBER: _ClassVar[int]
    erasure_id: str
    state: ErasureState
    asset_ids: _containers.RepeatedScalarFieldContainer[str]
    face_ids: _containers.RepeatedScalarFieldContainer[str]
    person_ids: _containers.RepeatedScalarFieldContainer[str]
    create_time: _timestamp_pb2.Timestamp
    done_time: _timestamp_pb2.Timestamp
    backups: _containers.RepeatedScalarFieldContainer[str]
    assets_removed: int
    faces_removed: int
    people_removed: int
    def __init__(self, erasure_id: _Optional[str] = ..., state: _Optional[_Union[ErasureState, str]] = ..., asset_ids: _Optional[_Iterable[str]] = ..., face_ids: _Optional[_Iterable[str]] = ..., person_ids: _Optional[_Iterable[str]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., done_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., backups: _Optional[_Iterable[str]] = ..., assets_removed: _Optional[int] = ..., faces_removed: _Optional[int] = ..., people_removed: _Optional[int] = ...) -> None: ...

class GetErasureRequest(_message.Message):
    __slots__ = ("library_id", "erasure_id")
    LIBRARY_ID_FIELD_NUMBER: _ClassVar[int]
    ERASURE_ID_FIELD_NUMBER: _ClassVar[int]
    library_id: str
    erasure_id: str
    def __init__(self, library_id: _Optional[str] = ..., erasure_id: _Optional[str] = ...) -> None: ...
