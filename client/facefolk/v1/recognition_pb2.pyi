import datetime

from facefolk.v1 import resources_pb2 as _resources_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.rpc import status_pb2 as _status_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AssetFilter(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ASSET_FILTER_UNSPECIFIED: _ClassVar[AssetFilter]
    ASSET_FILTER_ALL: _ClassVar[AssetFilter]
    ASSET_FILTER_STALE: _ClassVar[AssetFilter]
    ASSET_FILTER_FAILED: _ClassVar[AssetFilter]
ASSET_FILTER_UNSPECIFIED: AssetFilter
ASSET_FILTER_ALL: AssetFilter
ASSET_FILTER_STALE: AssetFilter
ASSET_FILTER_FAILED: AssetFilter

class Timings(_message.Message):
    __slots__ = ("milliseconds",)
    class MillisecondsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    MILLISECONDS_FIELD_NUMBER: _ClassVar[int]
    milliseconds: _containers.ScalarMap[str, float]
    def __init__(self, milliseconds: _Optional[_Mapping[str, float]] = ...) -> None: ...

class DetectRequest(_message.Message):
    __slots__ = ("library_id", "image", "min_score")
    LIBRARY_ID_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    MIN_SCORE_FIELD_NUMBER: _ClassVar[int]
    library_id: str
    image: _resources_pb2.Image
    min_score: float
    def __init__(self, library_id: _Optional[str] = ..., image: _Optional[_Union[_resources_pb2.Image, _Mapping]] = ..., min_score: _Optional[float] = ...) -> None: ...

class DetectResponse(_message.Message):
    __slots__ = ("faces", "width", "height", "pack", "timings")
    FACES_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    PACK_FIELD_NUMBER: _ClassVar[int]
    TIMINGS_FIELD_NUMBER: _ClassVar[int]
    faces: _containers.RepeatedCompositeFieldContainer[_resources_pb2.Face]
    width: int
    height: int
    pack: str
    timings: Timings
    def __init__(self, faces: _Optional[_Iterable[_Union[_resources_pb2.Face, _Mapping]]] = ..., width: _Optional[int] = ..., height: _Optional[int] = ..., pack: _Optional[str] = ..., timings: _Optional[_Union[Timings, _Mapping]] = ...) -> None: ...

class EmbedRequest(_message.Message):
    __slots__ = ("library_id", "image", "faces", "crops")
    LIBRARY_ID_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    FACES_FIELD_NUMBER: _ClassVar[int]
    CROPS_FIELD_NUMBER: _ClassVar[int]
    library_id: str
    image: _resources_pb2.Image
    faces: _containers.RepeatedCompositeFieldContainer[_resources_pb2.Face]
    crops: _containers.RepeatedCompositeFieldContainer[_resources_pb2.Image]
    def __init__(self, library_id: _Optional[str] = ..., image: _Optional[_Union[_resources_pb2.Image, _Mapping]] = ..., faces: _Optional[_Iterable[_Union[_resources_pb2.Face, _Mapping]]] = ..., crops: _Optional[_Iterable[_Union[_resources_pb2.Image, _Mapping]]] = ...) -> None: ...

class EmbedResponse(_message.Message):
    __slots__ = ("embeddings", "pack", "pack_digest", "timings")
    EMBEDDINGS_FIELD_NUMBER: _ClassVar[int]
    PACK_FIELD_NUMBER: _ClassVar[int]
    PACK_DIGEST_FIELD_NUMBER: _ClassVar[int]
    TIMINGS_FIELD_NUMBER: _ClassVar[int]
    embeddings: _containers.RepeatedCompositeFieldContainer[_resources_pb2.Embedding]
    pack: str
    pack_digest: str
    timings: Timings
    def __init__(self, embeddings: _Optional[_Iterable[_Union[_resources_pb2.Embedding, _Mapping]]] = ..., pack: _Optional[str] = ..., pack_digest: _Optional[str] = ..., timings: _Optional[_Union[Timings, _Mapping]] = ...) -> None: ...

class RecognizeRequest(_message.Message):
    __slots__ = ("library_id", "asset_id", "frame_offset", "image", "content_digest", "capture_time", "dry_run", "include_embedding", "include_hidden")
    LIBRARY_ID_FIELD_NUMBER: _ClassVar[int]
    ASSET_ID_FIELD_NUMBER: _ClassVar[int]
    FRAME_OFFSET_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    CONTENT_DIGEST_FIELD_NUMBER: _ClassVar[int]
    CAPTURE_TIME_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_EMBEDDING_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_HIDDEN_FIELD_NUMBER: _ClassVar[int]
    library_id: str
    asset_id: str
    frame_offset: _duration_pb2.Duration
    image: _resources_pb2.Image
    content_digest: str
    capture_time: _timestamp_pb2.Timestamp
    dry_run: bool
    include_embedding: bool
    include_hidden: bool
    def __init__(self, library_id: _Optional[str] = ..., asset_id: _Optional[str] = ..., frame_offset: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., image: _Optional[_Union[_resources_pb2.Image, _Mapping]] = ..., content_digest: _Optional[str] = ..., capture_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., dry_run: _Optional[bool] = ..., include_embedding: _Optional[bool] = ..., include_hidden: _Optional[bool] = ...) -> None: ...

class RecognizedFace(_message.Message):
    __slots__ = ("face", "match")
    FACE_FIELD_NUMBER: _ClassVar[int]
    MATCH_FIELD_NUMBER: _ClassVar[int]
    face: _resources_pb2.Face
    match: _resources_pb2.Match
    def __init__(self, face: _Optional[_Union[_resources_pb2.Face, _Mapping]] = ..., match: _Optional[_Union[_resources_pb2.Match, _Mapping]] = ...) -> None: ...

class RecognizeResponse(_message.Message):
    __slots__ = ("faces", "width", "height", "pack", "timings")
    FACES_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    PACK_FIELD_NUMBER: _ClassVar[int]
    TIMINGS_FIELD_NUMBER: _ClassVar[int]
    faces: _containers.RepeatedCompositeFieldContainer[RecognizedFace]
    width: int
    height: int
    pack: str
    timings: Timings
    def __init__(self, faces: _Optional[_Iterable[_Union[RecognizedFace, _Mapping]]] = ..., width: _Optional[int] = ..., height: _Optional[int] = ..., pack: _Optional[str] = ..., timings: _Optional[_Union[Timings, _Mapping]] = ...) -> None: ...

class RecognizeStreamRequest(_message.Message):
    __slots__ = ("correlation_id", "request")
    CORRELATION_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    correlation_id: str
    request: RecognizeRequest
    def __init__(self, correlation_id: _Optional[str] = ..., request: _Optional[_Union[RecognizeRequest, _Mapping]] = ...) -> None: ...

class RecognizeStreamResponse(_message.Message):
    __slots__ = ("correlation_id", "status", "response")
    CORRELATION_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    correlation_id: str
    status: _status_pb2.Status
    response: RecognizeResponse
    def __init__(self, correlation_id: _Optional[str] = ..., status: _Optional[_Union[_status_pb2.Status, _Mapping]] = ..., response: _Optional[_Union[RecognizeResponse, _Mapping]] = ...) -> None: ...

class CompareSide(_message.Message):
    __slots__ = ("image", "face_id", "embedding")
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    FACE_ID_FIELD_NUMBER: _ClassVar[int]
    EMBEDDING_FIELD_NUMBER: _ClassVar[int]
    image: _resources_pb2.Image
    face_id: str
    embedding: _resources_pb2.Embedding
    def __init__(self, image: _Optional[_Union[_resources_pb2.Image, _Mapping]] = ..., face_id: _Optional[str] = ..., embedding: _Optional[_Union[_resources_pb2.Embedding, _Mapping]] = ...) -> None: ...

class CompareRequest(_message.Message):
    __slots__ = ("library_id", "left", "right")
    LIBRARY_ID_FIELD_NUMBER: _ClassVar[int]
    LEFT_FIELD_NUMBER: _ClassVar[int]
    RIGHT_FIELD_NUMBER: _ClassVar[int]
    library_id: str
    left: CompareSide
    right: CompareSide
    def __init__(self, library_id: _Optional[str] = ..., left: _Optional[_Union[CompareSide, _Mapping]] = ..., right: _Optional[_Union[CompareSide, _Mapping]] = ...) -> None: ...

class CompareResponse(_message.Message):
    __slots__ = ("left_faces", "right_faces", "pairs", "max_recognition_distance")
    class Pair(_message.Message):
        __slots__ = ("left", "right", "distance")
        LEFT_FIELD_NUMBER: _ClassVar[int]
        RIGHT_FIELD_NUMBER: _ClassVar[int]
        DISTANCE_FIELD_NUMBER: _ClassVar[int]
        left: int
        right: int
        distance: float
        def __init__(self, left: _Optional[int] = ..., right: _Optional[int] = ..., distance: _Optional[float] = ...) -> None: ...
    LEFT_FACES_FIELD_NUMBER: _ClassVar[int]
    RIGHT_FACES_FIELD_NUMBER: _ClassVar[int]
    PAIRS_FIELD_NUMBER: _ClassVar[int]
    MAX_RECOGNITION_DISTANCE_FIELD_NUMBER: _ClassVar[int]
    left_faces: _containers.RepeatedCompositeFieldContainer[_resources_pb2.Face]
    right_faces: _containers.RepeatedCompositeFieldContainer[_resources_pb2.Face]
    pairs: _containers.RepeatedCompositeFieldContainer[CompareResponse.Pair]
    max_recognition_distance: float
    def __init__(self, left_faces: _Optional[_Iterable[_Union[_resources_pb2.Face, _Mapping]]] = ..., right_faces: _Optional[_Iterable[_Union[_resources_pb2.Face, _Mapping]]] = ..., pairs: _Optional[_Iterable[_Union[CompareResponse.Pair, _Mapping]]] = ..., max_recognition_distance: _Optional[float] = ...) -> None: ...

class SearchFacesRequest(_message.Message):
    __slots__ = ("library_id", "image", "embedding", "face_id", "k", "max_distance", "include_embedding", "include_hidden")
    LIBRARY_ID_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    EMBEDDING_FIELD_NUMBER: _ClassVar[int]
    FACE_ID_FIELD_NUMBER: _ClassVar[int]
    K_FIELD_NUMBER: _ClassVar[int]
    MAX_DISTANCE_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_EMBEDDING_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_HIDDEN_FIELD_NUMBER: _ClassVar[int]
    library_id: str
    image: _resources_pb2.Image
    embedding: _resources_pb2.Embedding
    face_id: str
    k: int
    max_distance: float
    include_embedding: bool
    include_hidden: bool
    def __init__(self, library_id: _Optional[str] = ..., image: _Optional[_Union[_resources_pb2.Image, _Mapping]] = ..., embedding: _Optional[_Union[_resources_pb2.Embedding, _Mapping]] = ..., face_id: _Optional[str] = ..., k: _Optional[int] = ..., max_distance: _Optional[float] = ..., include_embedding: _Optional[bool] = ..., include_hidden: _Optional[bool] = ...) -> None: ...

class SearchFacesResponse(_message.Message):
    __slots__ = ("results",)
    class Hit(_message.Message):
        __slots__ = ("face", "distance")
        FACE_FIELD_NUMBER: _ClassVar[int]
        DISTANCE_FIELD_NUMBER: _ClassVar[int]
        face: _resources_pb2.Face
        distance: float
        def __init__(self, face: _Optional[_Union[_resources_pb2.Face, _Mapping]] = ..., distance: _Optional[float] = ...) -> None: ...
    class Result(_message.Message):
        __slots__ = ("query", "hits", "match")
        QUERY_FIELD_NUMBER: _ClassVar[int]
        HITS_FIELD_NUMBER: _ClassVar[int]
        MATCH_FIELD_NUMBER: _ClassVar[int]
        query: _resources_pb2.Face
        hits: _containers.RepeatedCompositeFieldContainer[SearchFacesResponse.Hit]
        match: _resources_pb2.Match
        def __init__(self, query: _Optional[_Union[_resources_pb2.Face, _Mapping]] = ..., hits: _Optional[_Iterable[_Union[SearchFacesResponse.Hit, _Mapping]]] = ..., match: _Optional[_Union[_resources_pb2.Match, _Mapping]] = ...) -> None: ...
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[SearchFacesResponse.Result]
    def __init__(self, results: _Optional[_Iterable[_Union[SearchFacesResponse.Result, _Mapping]]] = ...) -> None: ...

class GetAssetRequest(_message.Message):
    __slots__ = ("library_id", "asset_id")
    LIBRARY_ID_FIELD_NUMBER: _ClassVar[int]
    ASSET_ID_FIELD_NUMBER: _ClassVar[int]
    library_id: str
    asset_id: str
    def __init__(self, library_id: _Optional[str] = ..., asset_id: _Optional[str] = ...) -> None: ...

class ListAssetsRequest(_message.Message):
    __slots__ = ("library_id", "filter", "page_size", "page_token")
    LIBRARY_ID_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    library_id: str
    filter: AssetFilter
    page_size: int
    page_token: str
    def __init__(self, library_id: _Optional[str] = ..., filter: _Optional[_Union[AssetFilter, str]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListAssetsResponse(_message.Message):
    __slots__ = ("assets", "next_page_token")
    ASSETS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    assets: _containers.RepeatedCompositeFieldContainer[_resources_pb2.Asset]
    next_page_token: str
    def __init__(self, assets: _Optional[_Iterable[_Union[_resources_pb2.Asset, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DeleteAssetsRequest(_message.Message):
    __slots__ = ("library_id", "asset_ids", "request_id")
    LIBRARY_ID_FIELD_NUMBER: _ClassVar[int]
    ASSET_IDS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    library_id: str
    asset_ids: _containers.RepeatedScalarFieldContainer[str]
    request_id: str
    def __init__(self, library_id: _Optional[str] = ..., asset_ids: _Optional[_Iterable[str]] = ..., request_id: _Optional[str] = ...) -> None: ...

class DeleteAssetsResponse(_message.Message):
    __slots__ = ("erasure_id", "faces_deleted")
    ERASURE_ID_FIELD_NUMBER: _ClassVar[int]
    FACES_DELETED_FIELD_NUMBER: _ClassVar[int]
    erasure_id: str
    faces_deleted: int
    def __init__(self, erasure_id: _Optional[str] = ..., faces_deleted: _Optional[int] = ...) -> None: ...
