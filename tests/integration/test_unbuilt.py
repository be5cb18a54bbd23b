"""What is declared and not built yet says so."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import grpc
import pytest
from facefolk.v1 import admin_pb2, clustering_pb2, people_pb2, recognition_pb2
from google.protobuf.descriptor import MethodDescriptor
from integration.wire import Api, refusal

pytestmark = pytest.mark.models
UNBUILT: dict[str, Callable[[Api], object]] = {
    "ListSuggestions": lambda api: api.people.ListSuggestions(
        people_pb2.ListSuggestionsRequest()
    ),
    "AnswerSuggestion": lambda api: api.people.AnswerSuggestion(
        people_pb2.AnswerSuggestionRequest()
    ),
    "ExportPeople": lambda api: list(api.admin.ExportPeople(admin_pb2.ExportPeopleRequest())),
    "ImportPeople": lambda api: api.admin.ImportPeople(iter([admin_pb2.ImportPeopleRequest()])),
}
# What an empty request is not answered with an end.
ENDLESS = {"WatchEvents"}


@pytest.mark.parametrize("name", UNBUILT)
def test_unbuilt_methods_say_so(channel: grpc.Channel, name: str) -> None:
    told = refusal(lambda: UNBUILT[name](Api(channel)))
    assert (told.code, told.reason) == (grpc.StatusCode.UNIMPLEMENTED, "NOT_BUILT")
    assert name in told.message
    assert "not built yet" in told.message


def code_of_empty_request(channel: grpc.Channel, method: MethodDescriptor) -> grpc.StatusCode:
    call = channel.unary_stream(f"/{method.containing_service.full_name}/{method.name}")(b"")
    with suppress(grpc.RpcError):
        list(call)
    return call.code()


def test_everything_else_is_built(channel: grpc.Channel) -> None:
    methods = [
        method
        for module in (recognition_pb2, people_pb2, clustering_pb2, admin_pb2)
        for service in module.DESCRIPTOR.services_by_name.values()
        for method in service.methods
        if method.name not in {*UNBUILT, *ENDLESS} and not method.client_streaming
    ]
    codes = {method.name: code_of_empty_request(channel, method) for method in methods}
    allowed = {grpc.StatusCode.OK, grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND}
    assert {name: code for name, code in codes.items() if code not in allowed} == {}
