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

class PersonOrder(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PERSON_ORDER_UNSPECIFIED: _ClassVar[PersonOrder]
    PERSON_ORDER_FACE_COUNT: _ClassVar[PersonOrder]
    PERSON_ORDER_NAME: _ClassVar[PersonOrder]

class SuggestionKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SUGGESTION_KIND_UNSPECIFIED: _ClassVar[SuggestionKind]
    SUGGESTION_KIND_MERGE: _ClassVar[SuggestionKind]
    SUGGESTION_KIND_DOUBTFUL_FACE: _ClassVar[SuggestionKind]
    SUGGESTION_KIND_OUTLIER: _ClassVar[SuggestionKind]
    SUGGESTION_KIND_SAME_ASSET: _ClassVar[SuggestionKind]

class SuggestionAnswer(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SUGGESTION_ANSWER_UNSPECIFIED: _ClassVar[SuggestionAnswer]
    SUGGESTION_ANSWER_YES: _ClassVar[SuggestionAnswer]
    SUGGESTION_ANSWER_NO: _ClassVar[SuggestionAnswer]
    SUGGESTION_ANSWER_LATER: _ClassVar[SuggestionAnswer]
PERSON_ORDER_UNSPECIFIED: PersonOrder
PERSON_ORDER_FACE_COUNT: PersonOrder
PERSON_ORDER_NAME: PersonOrder
SUGGESTION_KIND_UNSPECIFIED: SuggestionKind
SUGGESTION_KIND_MERGE: SuggestionKind
SUGGESTION_KIND_DOUBTFUL_FACE: SuggestionKind
SUGGESTION_KIND_OUTLIER: SuggestionKind
SUGGESTION_KIND_SAME_ASSET: SuggestionKind
SUGGESTION_ANSWER_UNSPECIFIED: SuggestionAnswer
SUGGESTION_ANSWER_YES: SuggestionAnswer
SUGGESTION_ANSWER_NO: SuggestionAnswer
SUGGESTION_ANSWER_LATER: SuggestionAnswer

class ListPeopleRequest(_message.Message):
    __slots__ = ("library_id", "page_size", "page_token", "name_query", "order_by", "include_hidden")
    LIBRARY_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    NAME_QUERY_FIELD_NUMBER: _ClassVar[int]
    ORDER_BY_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_HIDDEN_FIELD_NUMBER: _ClassVar[int]
    library_id: str
    page_size: int
    page_token: str
    name_query: str
    order_by: PersonOrder
    include_hidden: bool
    def __init__(self, library_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., name_query: _Optional[str] = ..., order_by: _Optional[_Union[PersonOrder, str]] = ..., include_hidden: _Optional[bool] = ...) -> None: ...

class ListPeopleResponse(_message.Message):
    __slots__ = ("people", "next_page_token", "total_size")
    PEOPLE_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    TOTAL_SIZE_FIELD_NUMBER: _ClassVar[int]
    people: _containers.RepeatedCompositeFieldContainer[_resources_pb2.Person]
    next_page_token: str
    total_size: int
    def __init__(self, people: _Optional[_Iterable[_Union[_resources_pb2.Person, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., total_size: _Optional[int] = ...) -> None: ...

class GetPersonRequest(_message.Message):
    __slots__ = ("library_id", "person_id")
    LIBRARY_ID_FIELD_NUMBER: _ClassVar[int]
    PERSON_ID_FIELD_NUMBER: _ClassVar[int]
    library_id: str
    person_id: str
    def __init__(self, library_id: _Optional[str] = ..., person_id: _Optional[str] = ...) -> None: ...

class CreatePersonRequest(_message.Message):
    __slots__ = ("library_id", "person", "face_ids", "request_id")
    LIBRARY_ID_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    FACE_IDS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    library_id: str
    person: _resources_pb2.Person
    face_ids: _containers.RepeatedScalarFieldContainer[str]
    request_id: str
    def __init__(self, library_id: _Optional[str] = ..., person: _Optional[_Union[_resources_pb2.Person, _Mapping]] = ..., face_ids: _Optional[_Iterable[str]] = ..., request_id: _Optional[str] = ...) -> None: ...

class UpdatePersonRequest(_message.Message):
    __slots__ = ("library_id", "person", "update_mask", "request_id")
    LIBRARY_ID_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    library_id: str
    person: _resources_pb2.Person
    update_mask: _field_mask_pb2.FieldMask
    request_id: str
    def __init__(self, library_id: _Optional[str] = ..., person: _Optional[_Union[_resources_pb2.Person, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class MergePeopleRequest(_message.Message):
    __slots__ = ("library_id", "target_person_id", "source_person_ids", "request_id")
    LIBRARY_ID_FIELD_NUMBER: _ClassVar[int]
    TARGET_PERSON_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_PERSON_IDS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    library_id: str
    target_person_id: str
    source_person_ids: _containers.RepeatedScalarFieldContainer[str]
    request_id: str
    def __init__(self, library_id: _Optional[str] = ..., target_person_id: _Optional[str] = ..., source_person_ids: _Optional[_Iterable[str]] = ..., request_id: _Optional[str] = ...) -> None: ...

class MergePeopleResponse(_message.Message):
    __slots__ = ("person", "conflicts")
    PERSON_FIELD_NUMBER: _ClassVar[int]
    CONFLICTS_FIELD_NUMBER: _ClassVar[int]
    person: _resources_pb2.Person
    conflicts: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, person: _Optional[_Union[_resources_pb2.Person, _Mapping]] = ..., conflicts: _Optional[_Iterable[str]] = ...) -> None: ...

class DeletePersonRequest(_message.Message):
    __slots__ = ("library_id", "person_id", "erase", "etag", "request_id")
    LIBRARY_ID_FIELD_NUMBER: _ClassVar[int]
    PERSON_ID_FIELD_NUMBER: _ClassVar[int]
    ERASE_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    library_id: str
    person_id: str
    erase: bool
    etag: str
    request_id: str
    def __init__(self, library_id: _Optional[str] = ..., person_id: _Optional[str] = ..., erase: _Optional[bool] = ..., etag: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class DeletePersonResponse(_message.Message):
    __slots__ = ("erasure_id", "faces_changed")
    ERASURE_ID_FIELD_NUMBER: _ClassVar[int]
    FACES_CHANGED_FIELD_NUMBER: _ClassVar[int]
    erasure_id: str
    faces_changed: int
    def __init__(self, erasure_id: _Optional[str] = ..., faces_changed: _Optional[int] = ...) -> None: ...

class ListFacesRequest(_message.Message):
    __slots__ = ("library_id", "asset_id", "person_id", "unassigned", "page_size", "page_token", "include_embedding", "include_hidden")
    LIBRARY_ID_FIELD_NUMBER: _ClassVar[int]
    ASSET_ID_FIELD_NUMBER: _ClassVar[int]
    PERSON_ID_FIELD_NUMBER: _ClassVar[int]
    UNASSIGNED_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_EMBEDDING_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_HIDDEN_FIELD_NUMBER: _ClassVar[int]
    library_id: str
    asset_id: str
    person_id: str
    unassigned: bool
    page_size: int
    page_token: str
    include_embedding: bool
    include_hidden: bool
    def __init__(self, library_id: _Optional[str] = ..., asset_id: _Optional[str] = ..., person_id: _Optional[str] = ..., unassigned: _Optional[bool] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., include_embedding: _Optional[bool] = ..., include_hidden: _Optional[bool] = ...) -> None: ...

class ListFacesResponse(_message.Message):
    __slots__ = ("faces", "next_page_token", "total_size")
    FACES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    TOTAL_SIZE_FIELD_NUMBER: _ClassVar[int]
    faces: _containers.RepeatedCompositeFieldContainer[_resources_pb2.Face]
    next_page_token: str
    total_size: int
    def __init__(self, faces: _Optional[_Iterable[_Union[_resources_pb2.Face, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., total_size: _Optional[int] = ...) -> None: ...

class ListPersonAssetsRequest(_message.Message):
    __slots__ = ("library_id", "person_id", "page_size", "page_token", "include_hidden")
    LIBRARY_ID_FIELD_NUMBER: _ClassVar[int]
    PERSON_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_HIDDEN_FIELD_NUMBER: _ClassVar[int]
    library_id: str
    person_id: str
    page_size: int
    page_token: str
    include_hidden: bool
    def __init__(self, library_id: _Optional[str] = ..., person_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., include_hidden: _Optional[bool] = ...) -> None: ...

class ListPersonAssetsResponse(_message.Message):
    __slots__ = ("asset_ids", "next_page_token", "total_size")
    ASSET_IDS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    TOTAL_SIZE_FIELD_NUMBER: _ClassVar[int]
    asset_ids: _containers.RepeatedScalarFieldContainer[str]
    next_page_token: str
    total_size: int
    def __init__(self, asset_ids: _Optional[_Iterable[str]] = ..., next_page_token: _Optional[str] = ..., total_size: _Optional[int] = ...) -> None: ...

class AssignFacesRequest(_message.Message):
    __slots__ = ("library_id", "face_ids", "person_id", "new_person", "request_id")
    LIBRARY_ID_FIELD_NUMBER: _ClassVar[int]
    FACE_IDS_FIELD_NUMBER: _ClassVar[int]
    PERSON_ID_FIELD_NUMBER: _ClassVar[int]
    NEW_PERSON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    library_id: str
    face_ids: _containers.RepeatedScalarFieldContainer[str]
    person_id: str
    new_person: _resources_pb2.Person
    request_id: str
    def __init__(self, library_id: _Optional[str] = ..., face_ids: _Optional[_Iterable[str]] = ..., person_id: _Optional[str] = ..., new_person: _Optional[_Union[_resources_pb2.Person, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class AssignFacesResponse(_message.Message):
    __slots__ = ("person", "faces_changed")
    PERSON_FIELD_NUMBER: _ClassVar[int]
    FACES_CHANGED_FIELD_NUMBER: _ClassVar[int]
    person: _resources_pb2.Person
    faces_changed: int
    def __init__(self, person: _Optional[_Union[_resources_pb2.Person, _Mapping]] = ..., faces_changed: _Optional[int] = ...) -> None: ...

class UnassignFacesRequest(_message.Message):
    __slots__ = ("library_id", "face_ids", "request_id")
    LIBRARY_ID_FIELD_NUMBER: _ClassVar[int]
    FACE_IDS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    library_id: str
    face_ids: _containers.RepeatedScalarFieldContainer[str]
    request_id: str
    def __init__(self, library_id: _Optional[str] = ..., face_ids: _Optional[_Iterable[str]] = ..., request_id: _Optional[str] = ...) -> None: ...

class UnassignFacesResponse(_message.Message):
    __slots__ = ("faces_changed",)
    FACES_CHANGED_FIELD_NUMBER: _ClassVar[int]
    faces_changed: int
    def __init__(self, faces_changed: _Optional[int] = ...) -> None: ...

class MarkFacesRequest(_message.Message):
    __slots__ = ("library_id", "face_ids", "kind", "person_id", "request_id")
    LIBRARY_ID_FIELD_NUMBER: _ClassVar[int]
    FACE_IDS_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    PERSON_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    library_id: str
    face_ids: _containers.RepeatedScalarFieldContainer[str]
    kind: _resources_pb2.MarkKind
    person_id: str
    request_id: str
    def __init__(self, library_id: _Optional[str] = ..., face_ids: _Optional[_Iterable[str]] = ..., kind: _Optional[_Union[_resources_pb2.MarkKind, str]] = ..., person_id: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class MarkFacesResponse(_message.Message):
    __slots__ = ("marks", "contradictions")
    MARKS_FIELD_NUMBER: _ClassVar[int]
    CONTRADICTIONS_FIELD_NUMBER: _ClassVar[int]
    marks: _containers.RepeatedCompositeFieldContainer[_resources_pb2.Mark]
    contradictions: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, marks: _Optional[_Iterable[_Union[_resources_pb2.Mark, _Mapping]]] = ..., contradictions: _Optional[_Iterable[str]] = ...) -> None: ...

class GetThumbnailRequest(_message.Message):
    __slots__ = ("library_id", "face_id", "person_id", "include_hidden")
    LIBRARY_ID_FIELD_NUMBER: _ClassVar[int]
    FACE_ID_FIELD_NUMBER: _ClassVar[int]
    PERSON_ID_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_HIDDEN_FIELD_NUMBER: _ClassVar[int]
    library_id: str
    face_id: str
    person_id: str
    include_hidden: bool
    def __init__(self, library_id: _Optional[str] = ..., face_id: _Optional[str] = ..., person_id: _Optional[str] = ..., include_hidden: _Optional[bool] = ...) -> None: ...

class GetThumbnailResponse(_message.Message):
    __slots__ = ("image", "face_id")
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    FACE_ID_FIELD_NUMBER: _ClassVar[int]
    image: _resources_pb2.Image
    face_id: str
    def __init__(self, image: _Optional[_Union[_resources_pb2.Image, _Mapping]] = ..., face_id: _Optional[str] = ...) -> None: ...

class Suggestion(_message.Message):
    __slots__ = ("suggestion_id", "kind", "person_ids", "face_ids", "distance", "faces_settled", "probability")
    SUGGESTION_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    PERSON_IDS_FIELD_NUMBER: _ClassVar[int]
    FACE_IDS_FIELD_NUMBER: _ClassVar[int]
    DISTANCE_FIELD_NUMBER: _ClassVar[int]
    FACES_SETTLED_FIELD_NUMBER: _ClassVar[int]
    PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    suggestion_id: str
    kind: SuggestionKind
    person_ids: _containers.RepeatedScalarFieldContainer[str]
    face_ids: _containers.RepeatedScalarFieldContainer[str]
    distance: float
    faces_settled: int
    probability: float
    def __init__(self, suggestion_id: _Optional[str] = ..., kind: _Optional[_Union[SuggestionKind, str]] = ..., person_ids: _Optional[_Iterable[str]] = ..., face_ids: _Optional[_Iterable[str]] = ..., distance: _Optional[float] = ..., faces_settled: _Optional[int] = ..., probability: _Optional[float] = ...) -> None: ...

class ListSuggestionsRequest(_message.Message):
    __slots__ = ("library_id", "kind", "page_size", "page_token", "include_hidden")
    LIBRARY_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_HIDDEN_FIELD_NUMBER: _ClassVar[int]
    library_id: str
    kind: SuggestionKind
    page_size: int
    page_token: str
    include_hidden: bool
    def __init__(self, library_id: _Optional[str] = ..., kind: _Optional[_Union[SuggestionKind, str]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., include_hidden: _Optional[bool] = ...) -> None: ...

class ListSuggestionsResponse(_message.Message):
    __slots__ = ("suggestions", "next_page_token", "total_size")
    SUGGESTIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    TOTAL_SIZE_FIELD_NUMBER: _ClassVar[int]
    suggestions: _containers.RepeatedCompositeFieldContainer[Suggestion]
    next_page_token: str
    total_size: int
    def __init__(self, suggestions: _Optional[_Iterable[_Union[Suggestion, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., total_size: _Optional[int] = ...) -> None: ...

class AnswerSuggestionRequest(_message.Message):
    __slots__ = ("library_id", "suggestion_id", "answer", "request_id")
    LIBRARY_ID_FIELD_NUMBER: _ClassVar[int]
    SUGGESTION_ID_FIELD_NUMBER: _ClassVar[int]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    library_id: str
    suggestion_id: str
    answer: SuggestionAnswer
    request_id: str
    def __init__(self, library_id: _Optional[str] = ..., suggestion_id: _Optional[str] = ..., answer: _Optional[_Union[SuggestionAnswer, str]] = ..., request_id: _Optional[str] = ...) -> None: ...

class AnswerSuggestionResponse(_message.Message):
    __slots__ = ("event",)
    EVENT_FIELD_NUMBER: _ClassVar[int]
    event: Event
    def __init__(self, event: _Optional[_Union[Event, _Mapping]] = ...) -> None: ...

class ExplainFaceRequest(_message.Message):
    __slots__ = ("library_id", "face_id", "max_neighbors", "include_hidden")
    LIBRARY_ID_FIELD_NUMBER: _ClassVar[int]
    FACE_ID_FIELD_NUMBER: _ClassVar[int]
    MAX_NEIGHBORS_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_HIDDEN_FIELD_NUMBER: _ClassVar[int]
    library_id: str
    face_id: str
    max_neighbors: int
    include_hidden: bool
    def __init__(self, library_id: _Optional[str] = ..., face_id: _Optional[str] = ..., max_neighbors: _Optional[int] = ..., include_hidden: _Optional[bool] = ...) -> None: ...

class ExplainFaceResponse(_message.Message):
    __slots__ = ("face", "core", "neighbor_count", "neighbors", "only_copies", "round", "vetoes", "marks")
    class Neighbor(_message.Message):
        __slots__ = ("face_id", "person_id", "distance", "core", "lends", "copy")
        FACE_ID_FIELD_NUMBER: _ClassVar[int]
        PERSON_ID_FIELD_NUMBER: _ClassVar[int]
        DISTANCE_FIELD_NUMBER: _ClassVar[int]
        CORE_FIELD_NUMBER: _ClassVar[int]
        LENDS_FIELD_NUMBER: _ClassVar[int]
        COPY_FIELD_NUMBER: _ClassVar[int]
        face_id: str
        person_id: str
        distance: float
        core: bool
        lends: bool
        copy: bool
        def __init__(self, face_id: _Optional[str] = ..., person_id: _Optional[str] = ..., distance: _Optional[float] = ..., core: _Optional[bool] = ..., lends: _Optional[bool] = ..., copy: _Optional[bool] = ...) -> None: ...
    FACE_FIELD_NUMBER: _ClassVar[int]
    CORE_FIELD_NUMBER: _ClassVar[int]
    NEIGHBOR_COUNT_FIELD_NUMBER: _ClassVar[int]
    NEIGHBORS_FIELD_NUMBER: _ClassVar[int]
    ONLY_COPIES_FIELD_NUMBER: _ClassVar[int]
    ROUND_FIELD_NUMBER: _ClassVar[int]
    VETOES_FIELD_NUMBER: _ClassVar[int]
    MARKS_FIELD_NUMBER: _ClassVar[int]
    face: _resources_pb2.Face
    core: bool
    neighbor_count: int
    neighbors: _containers.RepeatedCompositeFieldContainer[ExplainFaceResponse.Neighbor]
    only_copies: bool
    round: _resources_pb2.Round
    vetoes: _containers.RepeatedScalarFieldContainer[str]
    marks: _containers.RepeatedCompositeFieldContainer[_resources_pb2.Mark]
    def __init__(self, face: _Optional[_Union[_resources_pb2.Face, _Mapping]] = ..., core: _Optional[bool] = ..., neighbor_count: _Optional[int] = ..., neighbors: _Optional[_Iterable[_Union[ExplainFaceResponse.Neighbor, _Mapping]]] = ..., only_copies: _Optional[bool] = ..., round: _Optional[_Union[_resources_pb2.Round, _Mapping]] = ..., vetoes: _Optional[_Iterable[str]] = ..., marks: _Optional[_Iterable[_Union[_resources_pb2.Mark, _Mapping]]] = ...) -> None: ...

class Event(_message.Message):
    __slots__ = ("event_id", "kind", "actor", "time", "person_ids", "faces_changed", "face_changes", "person_changes", "undone_event_id", "marks_added", "marks_removed", "round_id", "undoable")
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    PERSON_IDS_FIELD_NUMBER: _ClassVar[int]
    FACES_CHANGED_FIELD_NUMBER: _ClassVar[int]
    FACE_CHANGES_FIELD_NUMBER: _ClassVar[int]
    PERSON_CHANGES_FIELD_NUMBER: _ClassVar[int]
    UNDONE_EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    MARKS_ADDED_FIELD_NUMBER: _ClassVar[int]
    MARKS_REMOVED_FIELD_NUMBER: _ClassVar[int]
    ROUND_ID_FIELD_NUMBER: _ClassVar[int]
    UNDOABLE_FIELD_NUMBER: _ClassVar[int]
    event_id: int
    kind: str
    actor: str
    time: _timestamp_pb2.Timestamp
    person_ids: _containers.RepeatedScalarFieldContainer[str]
    faces_changed: int
    face_changes: _containers.RepeatedCompositeFieldContainer[FaceChange]
    person_changes: _containers.RepeatedCompositeFieldContainer[PersonChange]
    undone_event_id: int
    marks_added: _containers.RepeatedCompositeFieldContainer[_resources_pb2.Mark]
    marks_removed: _containers.RepeatedCompositeFieldContainer[_resources_pb2.Mark]
    round_id: str
    undoable: bool
    def __init__(self, event_id: _Optional[int] = ..., kind: _Optional[str] = ..., actor: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., person_ids: _Optional[_Iterable[str]] = ..., faces_changed: _Optional[int] = ..., face_changes: _Optional[_Iterable[_Union[FaceChange, _Mapping]]] = ..., person_changes: _Optional[_Iterable[_Union[PersonChange, _Mapping]]] = ..., undone_event_id: _Optional[int] = ..., marks_added: _Optional[_Iterable[_Union[_resources_pb2.Mark, _Mapping]]] = ..., marks_removed: _Optional[_Iterable[_Union[_resources_pb2.Mark, _Mapping]]] = ..., round_id: _Optional[str] = ..., undoable: _Optional[bool] = ...) -> None: ...

class FaceChange(_message.Message):
    __slots__ = ("face_id", "person_id_before", "person_id_after", "assignment_before", "assignment_after")
    FACE_ID_FIELD_NUMBER: _ClassVar[int]
    PERSON_ID_BEFORE_FIELD_NUMBER: _ClassVar[int]
    PERSON_ID_AFTER_FIELD_NUMBER: _ClassVar[int]
    ASSIGNMENT_BEFORE_FIELD_NUMBER: _ClassVar[int]
    ASSIGNMENT_AFTER_FIELD_NUMBER: _ClassVar[int]
    face_id: str
    person_id_before: str
    person_id_after: str
    assignment_before: _resources_pb2.Assignment
    assignment_after: _resources_pb2.Assignment
    def __init__(self, face_id: _Optional[str] = ..., person_id_before: _Optional[str] = ..., person_id_after: _Optional[str] = ..., assignment_before: _Optional[_Union[_resources_pb2.Assignment, str]] = ..., assignment_after: _Optional[_Union[_resources_pb2.Assignment, str]] = ...) -> None: ...

class PersonChange(_message.Message):
    __slots__ = ("before", "after")
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    before: _resources_pb2.Person
    after: _resources_pb2.Person
    def __init__(self, before: _Optional[_Union[_resources_pb2.Person, _Mapping]] = ..., after: _Optional[_Union[_resources_pb2.Person, _Mapping]] = ...) -> None: ...

class ListEventsRequest(_message.Message):
    __slots__ = ("library_id", "person_id", "page_size", "page_token")
    LIBRARY_ID_FIELD_NUMBER: _ClassVar[int]
    PERSON_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    library_id: str
    person_id: str
    page_size: int
    page_token: str
    def __init__(self, library_id: _Optional[str] = ..., person_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListEventsResponse(_message.Message):
    __slots__ = ("events", "next_page_token")
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[Event]
    next_page_token: str
    def __init__(self, events: _Optional[_Iterable[_Union[Event, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class WatchEventsRequest(_message.Message):
    __slots__ = ("library_id", "after_event_id")
    LIBRARY_ID_FIELD_NUMBER: _ClassVar[int]
    AFTER_EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    library_id: str
    after_event_id: int
    def __init__(self, library_id: _Optional[str] = ..., after_event_id: _Optional[int] = ...) -> None: ...

class WatchEventsResponse(_message.Message):
    __slots__ = ("event",)
    EVENT_FIELD_NUMBER: _ClassVar[int]
    event: Event
    def __init__(self, event: _Optional[_Union[Event, _Mapping]] = ...) -> None: ...

class UndoEventRequest(_message.Message):
    __slots__ = ("library_id", "event_id", "request_id")
    LIBRARY_ID_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    library_id: str
    event_id: int
    request_id: str
    def __init__(self, library_id: _Optional[str] = ..., event_id: _Optional[int] = ..., request_id: _Optional[str] = ...) -> None: ...
