"""From records to messages: no field is forgotten."""

from __future__ import annotations

import enum
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from facefolk.v1 import admin_pb2, people_pb2, recognition_pb2
from facefolk.v1 import resources_pb2 as pb
from facefolk_server import types
from facefolk_server.errors import InvalidRequestError
from facefolk_server.rpc.converters import moving
from facefolk_server.rpc.converters.admin import (
    pull_step_to_proto,
    settings_reply_to_proto,
    status_to_proto,
)
from facefolk_server.rpc.converters.assets import asset_to_proto
from facefolk_server.rpc.converters.erasures import erased_to_proto, receipt_to_proto
from facefolk_server.rpc.converters.explanations import explanation_to_proto
from facefolk_server.rpc.converters.faces import face_to_proto
from facefolk_server.rpc.converters.history import event_to_proto
from facefolk_server.rpc.converters.marks import mark_to_proto
from facefolk_server.rpc.converters.moving import report_to_proto
from facefolk_server.rpc.converters.people import (
    person_to_proto,
    thumbnail_to_proto,
)
from facefolk_server.rpc.converters.recognition import (
    detected_to_proto,
    embeddings_reply_to_proto,
    recognized_to_proto,
)
from facefolk_server.rpc.converters.rounds import round_to_proto
from facefolk_server.rpc.converters.search import (
    comparison_to_proto,
    search_result_to_proto,
)
from facefolk_server.rpc.converters.suggestions import suggestion_to_proto
from facefolk_server.service import admin as admin_views
from facefolk_server.service import assets as asset_service
from facefolk_server.service import packs as pack_views
from facefolk_server.service import people as people_service
from facefolk_server.service import views
from facefolk_server.service.moving import plan
from facefolk_server.service.suggestions import questions
from google.protobuf.message import Message
from rpc_samples import (
    ASSET,
    EVENT,
    EXPLANATION,
    FACE,
    FACE_VIEW,
    IMAGE_FACES,
    MATCH,
    PACK,
    PERSON,
    POINTS,
    RECEIPT,
    ROUND,
    SETTINGS,
    STATUS,
    SUGGESTION,
)


def empty_fields(message: Message, *, path: str = "") -> set[str]:
    """The fields of a message, and of those in it, that are unset or zero."""
    found = set()
    for field in message.DESCRIPTOR.fields:
        name = f"{path}{field.name}"
        value = getattr(message, field.name)
        if field.is_repeated and not value:
            found.add(name)
        elif field.message_type and not field.message_type.GetOptions().map_entry:
            parts = value if field.is_repeated else [value]
            if not field.is_repeated and not message.HasField(field.name):
                found.add(name)
            elif field.message_type.full_name.startswith("facefolk."):
                for part in parts:
                    found |= empty_fields(part, path=f"{name}.")
        elif not field.is_repeated and not value:
            found.add(name)
    return found


@pytest.mark.parametrize(
    ("message", "left_out"),
    [
        (face_to_proto(FACE_VIEW), set()),
        (person_to_proto(PERSON), set()),
        (round_to_proto(ROUND), {"difference"}),
        (asset_to_proto(ASSET), set()),
        (recognized_to_proto(IMAGE_FACES), set()),
        (detected_to_proto(IMAGE_FACES), set()),
        (settings_reply_to_proto(SETTINGS), set()),
        (status_to_proto(STATUS), {"round.difference"}),
        (
            pull_step_to_proto(
                admin_views.PullStep(pack_views.PullProgress("f", 1, 2), pack=PACK)
            ),
            set(),
        ),
        (
            embeddings_reply_to_proto(
                views.Embeddings(np.ones((2, 3), np.float32), "open", "d", {"embed": 1.0})
            ),
            set(),
        ),
        (
            comparison_to_proto(
                views.Comparison(
                    (FACE_VIEW,), (FACE_VIEW,), (views.ComparedPair(1, 2, 0.5),), 0.5
                )
            ),
            set(),
        ),
        (
            search_result_to_proto(
                views.SearchResult(FACE_VIEW, (views.Hit(FACE_VIEW, 0.5),), MATCH)
            ),
            set(),
        ),
        (mark_to_proto(types.Mark("f", types.MarkKind.NOT_THIS_PERSON, "p")), set()),
        (explanation_to_proto(EXPLANATION), {"round.difference"}),
        (
            event_to_proto(views.EventView(EVENT, undoable=True)),
            {
                f"person_changes.{side}.{count}"
                for side in ("before", "after")
                for count in ("face_count", "asset_count")
            },
        ),
        (thumbnail_to_proto(views.Thumbnail(b"jpeg", "f")), set()),
        (suggestion_to_proto(SUGGESTION), set()),
        (report_to_proto(plan.ImportReport(1, 2, 3, 4, 5, ("why",))), set()),
        (receipt_to_proto(RECEIPT), set()),
        (erased_to_proto(RECEIPT), set()),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Message) else "",
)
def test_no_field_is_forgotten(message: Message, left_out: set[str]) -> None:
    assert empty_fields(message) == left_out


def test_a_face_says_what_the_record_says() -> None:
    message = face_to_proto(FACE_VIEW)
    assert (message.box.x_min, message.box.y_max) == (1.0, 40.0)
    assert [(p.x, p.y) for p in message.landmarks] == [(p.x, p.y) for p in POINTS]
    assert message.assignment == pb.ASSIGNMENT_MANUAL
    assert message.unassigned_reason == pb.UNASSIGNED_REASON_OUTLIER
    assert message.frame_offset.ToMicroseconds() == 1_500_000
    assert list(message.embedding.values) == [0.5, 0.25]


def test_the_face_of_a_stateless_call_claims_nothing() -> None:
    stateless = views.FaceView(replace(FACE, face_id="", asset_id=""))
    message = face_to_proto(stateless)
    unset = {"face_id", "asset_id", "person_id", "frame_offset", "create_time", "embedding"}
    assert unset < empty_fields(message)
    assert message.assignment == pb.ASSIGNMENT_UNSPECIFIED


@pytest.mark.parametrize(
    ("ours", "theirs", "prefix"),
    [
        (types.Assignment, pb.Assignment, "ASSIGNMENT"),
        (types.RoundMode, pb.RoundMode, "ROUND_MODE"),
        (types.RoundState, pb.RoundState, "ROUND_STATE"),
        (types.AssetState, pb.AssetState, "ASSET_STATE"),
        (types.Reason, pb.UnassignedReason, "UNASSIGNED_REASON"),
        (people_service.PersonOrder, people_pb2.PersonOrder, "PERSON_ORDER"),
        (asset_service.AssetFilter, recognition_pb2.AssetFilter, "ASSET_FILTER"),
        (questions.SuggestionKind, people_pb2.SuggestionKind, "SUGGESTION_KIND"),
        (questions.Answer, people_pb2.SuggestionAnswer, "SUGGESTION_ANSWER"),
        (moving.ImportFormat, admin_pb2.ImportFormat, "IMPORT_FORMAT"),
    ],
)
def test_enums_have_the_numbers_of_the_api(
    ours: type[enum.IntEnum], theirs: Any, prefix: str
) -> None:
    expected = {
        name.removeprefix(f"{prefix}_"): number for name, number in theirs.items() if number
    }
    assert {member.name: member.value for member in ours if member.value} == expected


def test_a_suggestion_names_whom_it_is_about_before_whom_else_the_face_is_like() -> None:
    message = suggestion_to_proto(SUGGESTION)
    assert list(message.person_ids) == ["p", "q"]
    assert list(message.face_ids) == ["f"]
    assert questions.question_of(message.suggestion_id) == SUGGESTION.question


def test_bundles_travel_in_small_messages() -> None:
    piece = bytes(range(256)) * 4000
    messages = list(moving.chunks_to_proto(piece))
    assert b"".join(message.chunk for message in messages) == piece
    assert max(len(message.chunk) for message in messages) <= 256 * 1024


async def test_the_chunks_of_an_import_are_those_of_all_its_messages() -> None:
    async def sent(*chunks: bytes) -> AsyncIterator[admin_pb2.ImportPeopleRequest]:
        for chunk in chunks:
            yield admin_pb2.ImportPeopleRequest(chunk=chunk, format=2)

    requests = sent(b"a", b"", b"bc")
    first = await moving.first_import(requests)
    assert moving.import_format_from_proto(first) is moving.ImportFormat.JSON_LINES
    chunks = [chunk async for chunk in moving.import_chunks(first, requests)]
    assert b"".join(chunks) == b"abc"
    bundle = admin_pb2.ImportPeopleRequest()
    assert moving.import_format_from_proto(bundle) is moving.ImportFormat.BUNDLE
    bundle.format = 7  # type: ignore[assignment]
    with pytest.raises(InvalidRequestError, match="format"):
        moving.import_format_from_proto(bundle)
    with pytest.raises(InvalidRequestError, match="empty"):
        await moving.first_import(sent())


def test_an_event_tells_a_thousand_faces_at_most() -> None:
    (change,) = EVENT.changes.placements
    many = tuple(replace(change, face_id=f"f{number}") for number in range(1500))
    still = replace(change, after=change.before)
    event = replace(EVENT, changes=replace(EVENT.changes, placements=(*many, still)))
    message = event_to_proto(views.EventView(event, undoable=False))
    assert (message.faces_changed, len(message.face_changes)) == (1500, 1000)
