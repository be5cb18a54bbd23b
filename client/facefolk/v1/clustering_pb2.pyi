from facefolk.v1 import resources_pb2 as _resources_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class StartRoundRequest(_message.Message):
    __slots__ = ("library_id", "mode", "preview", "settings", "skip_waiting", "request_id", "settings_mask")
    LIBRARY_ID_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    PREVIEW_FIELD_NUMBER: _ClassVar[int]
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    SKIP_WAITING_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SETTINGS_MASK_FIELD_NUMBER: _ClassVar[int]
    library_id: str
    mode: _resources_pb2.RoundMode
    preview: bool
    settings: _resources_pb2.Settings
    skip_waiting: bool
    request_id: str
    settings_mask: _field_mask_pb2.FieldMask
    def __init__(self, library_id: _Optional[str] = ..., mode: _Optional[_Union[_resources_pb2.RoundMode, str]] = ..., preview: _Optional[bool] = ..., settings: _Optional[_Union[_resources_pb2.Settings, _Mapping]] = ..., skip_waiting: _Optional[bool] = ..., request_id: _Optional[str] = ..., settings_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ...) -> None: ...

class CommitRoundRequest(_message.Message):
    __slots__ = ("library_id", "round_id", "request_id")
    LIBRARY_ID_FIELD_NUMBER: _ClassVar[int]
    ROUND_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    library_id: str
    round_id: str
    request_id: str
    def __init__(self, library_id: _Optional[str] = ..., round_id: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class GetRoundRequest(_message.Message):
    __slots__ = ("library_id", "round_id")
    LIBRARY_ID_FIELD_NUMBER: _ClassVar[int]
    ROUND_ID_FIELD_NUMBER: _ClassVar[int]
    library_id: str
    round_id: str
    def __init__(self, library_id: _Optional[str] = ..., round_id: _Optional[str] = ...) -> None: ...

class ListRoundsRequest(_message.Message):
    __slots__ = ("library_id", "page_size", "page_token")
    LIBRARY_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    library_id: str
    page_size: int
    page_token: str
    def __init__(self, library_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListRoundsResponse(_message.Message):
    __slots__ = ("rounds", "next_page_token")
    ROUNDS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    rounds: _containers.RepeatedCompositeFieldContainer[_resources_pb2.Round]
    next_page_token: str
    def __init__(self, rounds: _Optional[_Iterable[_Union[_resources_pb2.Round, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class WatchRoundRequest(_message.Message):
    __slots__ = ("library_id", "round_id")
    LIBRARY_ID_FIELD_NUMBER: _ClassVar[int]
    ROUND_ID_FIELD_NUMBER: _ClassVar[int]
    library_id: str
    round_id: str
    def __init__(self, library_id: _Optional[str] = ..., round_id: _Optional[str] = ...) -> None: ...

class WatchRoundResponse(_message.Message):
    __slots__ = ("round",)
    ROUND_FIELD_NUMBER: _ClassVar[int]
    round: _resources_pb2.Round
    def __init__(self, round: _Optional[_Union[_resources_pb2.Round, _Mapping]] = ...) -> None: ...

class CancelRoundRequest(_message.Message):
    __slots__ = ("library_id", "round_id")
    LIBRARY_ID_FIELD_NUMBER: _ClassVar[int]
    ROUND_ID_FIELD_NUMBER: _ClassVar[int]
    library_id: str
    round_id: str
    def __init__(self, library_id: _Optional[str] = ..., round_id: _Optional[str] = ...) -> None: ...
