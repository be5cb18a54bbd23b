"""Every method that the API declares is there."""

from __future__ import annotations

from contextlib import suppress

import grpc
import pytest
from facefolk.v1 import admin_pb2, clustering_pb2, people_pb2, recognition_pb2
from google.protobuf.descriptor import MethodDescriptor

pytestmark = pytest.mark.models
# What an empty request is not answered with an end.
ENDLESS = {"WatchEvents"}


def code_of_empty_request(channel: grpc.Channel, method: MethodDescriptor) -> grpc.StatusCode:
    path = f"/{method.containing_service.full_name}/{method.name}"
    if method.client_streaming:
        call = channel.stream_stream(path)(iter([b""]))
    else:
        call = channel.unary_stream(path)(b"")
    with suppress(grpc.RpcError):
        list(call)
    return call.code()


def test_no_method_is_missing(channel: grpc.Channel) -> None:
    methods = [
        method
        for module in (recognition_pb2, people_pb2, clustering_pb2, admin_pb2)
        for service in module.DESCRIPTOR.services_by_name.values()
        for method in service.methods
        if method.name not in ENDLESS
    ]
    codes = {method.name: code_of_empty_request(channel, method) for method in methods}
    allowed = {grpc.StatusCode.OK, grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND}
    assert {name: code for name, code in codes.items() if code not in allowed} == {}
