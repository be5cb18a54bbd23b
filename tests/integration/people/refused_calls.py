"""Calls that change a library and have to be refused, with the code that tells why."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any, NamedTuple

from facefolk.v1.admin_pb2 import IMPORT_FORMAT_JSON_LINES
from facefolk.v1.people_pb2 import SUGGESTION_ANSWER_NO, SUGGESTION_ANSWER_YES
from facefolk.v1.resources_pb2 import (
    MARK_KIND_NONE,
    MARK_KIND_NOT_THIS_PERSON,
    MARK_KIND_STRANGER,
)
from grpc import StatusCode
from integration.people.album import ROUND_MODE_ALL, Album

INVALID, NOT_FOUND = StatusCode.INVALID_ARGUMENT, StatusCode.NOT_FOUND
BLOCKED, ABORTED = StatusCode.FAILED_PRECONDITION, StatusCode.ABORTED
MANY, LONG = 10_001, "x" * 129
LATER = {"year": 2999, "month": 1, "day": 1}
NO_DAY = {"year": 1999, "month": 13, "day": 1}
NOBODY, NO_FACE, NO_ROUND = "p_nope", "f_nope", "r_nope"


class Ground(NamedTuple):
    """A library in which everything that is refused can be asked for."""

    album: Album
    amy: str
    raj: str
    merged: str
    face: str
    other: str
    done: str
    cancelled: str
    outdated: str
    undone: int
    blocked: int
    question: str
    settled: str
    bundle: bytes


Fields = Callable[[Ground], dict[str, Any]]
Case = tuple[str, StatusCode, Fields]


def person(given: Callable[[Ground], dict[str, Any]], code: StatusCode = INVALID) -> Case:
    return "UpdatePerson", code, lambda g: {"person": {"person_id": g.amy, **given(g)}}


def setting(**values: Any) -> Case:
    return (
        "UpdateSettings",
        INVALID,
        lambda _: {
            "settings": values,
            "update_mask": {"paths": list(values)},
        },
    )


def of(method: str, code: StatusCode, fields: Fields) -> Case:
    return method, code, fields


def answer(
    code: StatusCode,
    fields: Callable[[Ground], dict[str, Any]],
    said: int = SUGGESTION_ANSWER_YES,
) -> Case:
    return "AnswerSuggestion", code, lambda g: {"answer": said, **fields(g)}


def erase(code: StatusCode, fields: Callable[[Ground], dict[str, Any]]) -> Case:
    return "DeletePerson", code, lambda g: {"erase": True, **fields(g)}


def bundle(change: Callable[[bytes], bytes]) -> Case:
    return "ImportPeople", INVALID, lambda g: {"chunk": change(g.bundle)}


def line(code: StatusCode = INVALID, **values: Any) -> Case:
    """A second line that is wrong, after one that is not."""
    right = {
        "asset_id": "amy/amy1.png",
        "name": "Amy",
        "box": [1, 2, 30, 40],
        "image_width": 150,
        "image_height": 150,
    }
    told = [right, {key: v for key, v in {**right, **values}.items() if v is not None}]
    text = "\n".join(map(json.dumps, told)).encode()
    form = IMPORT_FORMAT_JSON_LINES
    return "ImportPeople", code, lambda _: {"chunk": text, "format": form}


def damaged(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


REFUSED: dict[str, Case] = {
    "create of nobody": of("CreatePerson", INVALID, lambda g: {"person": {"name": "A"}}),
    "create of too many": of("CreatePerson", INVALID, lambda g: {"face_ids": [g.face] * MANY}),
    "create of no face": of(
        "CreatePerson", NOT_FOUND, lambda g: {"face_ids": [g.face, NO_FACE]}
    ),
    "create born later": of(
        "CreatePerson",
        INVALID,
        lambda g: {"face_ids": [g.face], "person": {"birth_date": LATER}},
    ),
    "create with a strange face": of(
        "CreatePerson",
        INVALID,
        lambda g: {"face_ids": [g.face], "person": {"feature_face_id": g.other}},
    ),
    "update of nobody": of("UpdatePerson", INVALID, lambda g: {"person": {"name": "A"}}),
    "update of somebody unknown": of(
        "UpdatePerson", NOT_FOUND, lambda g: {"person": {"person_id": NOBODY, "name": "A"}}
    ),
    "update of somebody merged": of(
        "UpdatePerson", NOT_FOUND, lambda g: {"person": {"person_id": g.merged, "name": "A"}}
    ),
    "update with an old etag": person(lambda g: {"name": "A", "etag": '"1"'}, ABORTED),
    "update with a long name": person(lambda g: {"name": "x" * 257}),
    "update with a control character": person(lambda g: {"name": "a\nb"}),
    "update born on no day": person(
        lambda g: {"birth_date": {"year": 1, "month": 13, "day": 1}}
    ),
    "update born later": person(lambda g: {"birth_date": LATER}),
    "update with a strange face": person(lambda g: {"feature_face_id": g.other}),
    "update of what is no field": of(
        "UpdatePerson",
        INVALID,
        lambda g: {"person": {"person_id": g.amy}, "update_mask": {"paths": ["face_count"]}},
    ),
    "update with a long request id": of(
        "UpdatePerson",
        INVALID,
        lambda g: {"person": {"person_id": g.amy, "name": "A"}, "request_id": LONG},
    ),
    "update with a used request id": of(
        "UpdatePerson",
        INVALID,
        lambda g: {"person": {"person_id": g.amy, "name": "A"}, "request_id": "used"},
    ),
    "merge into nobody": of("MergePeople", INVALID, lambda g: {"source_person_ids": [g.raj]}),
    "merge of nobody": of("MergePeople", INVALID, lambda g: {"target_person_id": g.amy}),
    "merge into itself": of(
        "MergePeople",
        INVALID,
        lambda g: {"target_person_id": g.amy, "source_person_ids": [g.raj, g.amy]},
    ),
    "merge of too many": of(
        "MergePeople",
        INVALID,
        lambda g: {"target_person_id": g.amy, "source_person_ids": [g.raj] * 1001},
    ),
    "merge of somebody unknown": of(
        "MergePeople",
        NOT_FOUND,
        lambda g: {"target_person_id": g.amy, "source_person_ids": [g.raj, NOBODY]},
    ),
    "merge into somebody merged": of(
        "MergePeople",
        NOT_FOUND,
        lambda g: {"target_person_id": g.merged, "source_person_ids": [g.raj]},
    ),
    "delete of nobody": of("DeletePerson", INVALID, lambda g: {}),
    "delete of somebody unknown": of(
        "DeletePerson", NOT_FOUND, lambda g: {"person_id": NOBODY}
    ),
    "delete with an old etag": of(
        "DeletePerson", ABORTED, lambda g: {"person_id": g.raj, "etag": '"1"'}
    ),
    "assign of nothing": of("AssignFaces", INVALID, lambda g: {"person_id": g.amy}),
    "assign of too many": of(
        "AssignFaces", INVALID, lambda g: {"face_ids": [g.face] * MANY, "person_id": g.amy}
    ),
    "assign to nobody": of("AssignFaces", INVALID, lambda g: {"face_ids": [g.face]}),
    "assign of no face": of(
        "AssignFaces", NOT_FOUND, lambda g: {"face_ids": [g.face, NO_FACE], "person_id": g.raj}
    ),
    "assign to somebody unknown": of(
        "AssignFaces", NOT_FOUND, lambda g: {"face_ids": [g.face], "person_id": NOBODY}
    ),
    "assign to somebody born later": of(
        "AssignFaces",
        INVALID,
        lambda g: {"face_ids": [g.face], "new_person": {"birth_date": LATER}},
    ),
    "unassign of nothing": of("UnassignFaces", INVALID, lambda g: {}),
    "unassign of no face": of(
        "UnassignFaces", NOT_FOUND, lambda g: {"face_ids": [g.face, NO_FACE]}
    ),
    "mark of nothing": of("MarkFaces", INVALID, lambda g: {"kind": MARK_KIND_STRANGER}),
    "mark of no kind": of("MarkFaces", INVALID, lambda g: {"face_ids": [g.face]}),
    "mark of no face": of(
        "MarkFaces",
        NOT_FOUND,
        lambda g: {"face_ids": [g.face, NO_FACE], "kind": MARK_KIND_STRANGER},
    ),
    "mark against nobody": of(
        "MarkFaces",
        INVALID,
        lambda g: {"face_ids": [g.face], "kind": MARK_KIND_NOT_THIS_PERSON},
    ),
    "mark against somebody unknown": of(
        "MarkFaces",
        NOT_FOUND,
        lambda g: {
            "face_ids": [g.face],
            "kind": MARK_KIND_NOT_THIS_PERSON,
            "person_id": NOBODY,
        },
    ),
    "mark as a stranger to somebody": of(
        "MarkFaces",
        INVALID,
        lambda g: {"face_ids": [g.face], "kind": MARK_KIND_STRANGER, "person_id": g.raj},
    ),
    "clearing of somebody unknown": of(
        "MarkFaces",
        NOT_FOUND,
        lambda g: {"face_ids": [g.face], "kind": MARK_KIND_NONE, "person_id": NOBODY},
    ),
    "undo of no event": of("UndoEvent", NOT_FOUND, lambda g: {}),
    "undo of what is to come": of("UndoEvent", NOT_FOUND, lambda g: {"event_id": 10_000}),
    "undo of what is undone": of("UndoEvent", BLOCKED, lambda g: {"event_id": g.undone}),
    "undo of what was changed since": of(
        "UndoEvent", BLOCKED, lambda g: {"event_id": g.blocked}
    ),
    "round of no mode": of("StartRound", INVALID, lambda g: {"skip_waiting": True}),
    "round with settings that is no preview": of(
        "StartRound",
        INVALID,
        lambda g: {"mode": ROUND_MODE_ALL, "settings": {"min_recognized_faces": 2}},
    ),
    "preview with settings that cannot be": of(
        "StartRound",
        INVALID,
        lambda g: {
            "mode": ROUND_MODE_ALL,
            "preview": True,
            "settings": {"max_recognition_distance": 2.5},
        },
    ),
    "preview with a pack unknown": of(
        "StartRound",
        NOT_FOUND,
        lambda g: {"mode": ROUND_MODE_ALL, "preview": True, "settings": {"pack": "nope"}},
    ),
    "commit of nothing": of("CommitRound", INVALID, lambda g: {}),
    "commit of a round unknown": of("CommitRound", NOT_FOUND, lambda g: {"round_id": NO_ROUND}),
    "commit of what is no preview": of("CommitRound", BLOCKED, lambda g: {"round_id": g.done}),
    "commit of what was cancelled": of(
        "CommitRound", BLOCKED, lambda g: {"round_id": g.cancelled}
    ),
    "commit of what is outdated": of(
        "CommitRound", BLOCKED, lambda g: {"round_id": g.outdated}
    ),
    "cancel of a round unknown": of("CancelRound", NOT_FOUND, lambda g: {"round_id": NO_ROUND}),
    "cancel of what has ended": of("CancelRound", BLOCKED, lambda g: {"round_id": g.done}),
    "score out of range": setting(min_detection_score=1.5),
    "score that is no number": setting(min_detection_score=math.nan),
    "distance out of range": setting(max_recognition_distance=-0.1),
    "a minimum of none": setting(min_recognized_faces=0),
    "a time of no clock": setting(nightly_time="25:00"),
    "a zone of no map": setting(time_zone="Mars/Olympus"),
    "a setting that is none": of(
        "UpdateSettings", INVALID, lambda g: {"update_mask": {"paths": ["etag"]}}
    ),
    "settings with an old etag": of(
        "UpdateSettings", ABORTED, lambda g: {"settings": {"chain_guard": True, "etag": '"9"'}}
    ),
    "a pack unknown": of("UpdateSettings", NOT_FOUND, lambda g: {"settings": {"pack": "nope"}}),
    "a pack whose license is not acknowledged": of(
        "UpdateSettings", BLOCKED, lambda g: {"settings": {"pack": "buffalo_l"}}
    ),
    "erase of no asset": of("DeleteAssets", INVALID, lambda g: {}),
    "erase of an asset unknown": of(
        "DeleteAssets", NOT_FOUND, lambda g: {"asset_ids": ["amy/amy1.png", "nope"]}
    ),
    "erase of too many assets": of(
        "DeleteAssets", INVALID, lambda g: {"asset_ids": [f"{i}" for i in range(1001)]}
    ),
    "erase of nobody": erase(INVALID, lambda g: {}),
    "erase of somebody unknown": erase(NOT_FOUND, lambda g: {"person_id": NOBODY}),
    "erase of somebody merged": erase(NOT_FOUND, lambda g: {"person_id": g.merged}),
    "erase with an old etag": erase(ABORTED, lambda g: {"person_id": g.raj, "etag": '"1"'}),
    "erase with a long request id": erase(
        INVALID, lambda g: {"person_id": g.raj, "request_id": LONG}
    ),
    "answer to no question": answer(INVALID, lambda g: {}),
    "answer to what was never asked": answer(NOT_FOUND, lambda g: {"suggestion_id": "nothing"}),
    "answer to what is settled": answer(NOT_FOUND, lambda g: {"suggestion_id": g.settled}),
    "denial of what is settled": answer(
        NOT_FOUND, lambda g: {"suggestion_id": g.settled}, SUGGESTION_ANSWER_NO
    ),
    "no answer": answer(INVALID, lambda g: {"suggestion_id": g.question}, 0),
    "an answer unknown": answer(INVALID, lambda g: {"suggestion_id": g.question}, 9),
    "answer with a long request id": answer(
        INVALID, lambda g: {"suggestion_id": g.question, "request_id": LONG}
    ),
    "answer with a used request id": answer(
        INVALID, lambda g: {"suggestion_id": g.question, "request_id": "used"}
    ),
    "import of nothing": bundle(lambda _: b""),
    "import of what is no bundle": bundle(lambda _: b"people"),
    "import of half a bundle": bundle(lambda data: data[: len(data) // 2]),
    "import of a damaged bundle": bundle(damaged),
    "import of a form unknown": of(
        "ImportPeople", INVALID, lambda g: {"chunk": g.bundle, "format": 9}
    ),
    "import into no library": of(
        "ImportPeople", INVALID, lambda g: {"chunk": g.bundle, "library_id": "../there"}
    ),
    "import of a bundle as lines": of(
        "ImportPeople",
        INVALID,
        lambda g: {"chunk": g.bundle, "format": IMPORT_FORMAT_JSON_LINES},
    ),
    "a line without an asset": line(asset_id=None),
    "a line about nobody": line(name=""),
    "a line with a control character": line(name="a\nb"),
    "a line with an empty box": line(box=[30, 40, 30, 40]),
    "a line with a box of three": line(box=[1, 2, 3]),
    "a line of no size": line(image_width=0),
    "a line born on no day": line(birth_date="1999-13-01"),
    "a line born later": line(birth_date="2999-01-01"),
    "a line with more than is known": line(age=3),
}
