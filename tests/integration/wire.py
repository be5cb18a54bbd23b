"""Stubs of all services over one channel, and errors read as a caller reads them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from facefolk.v1 import (
    admin_pb2_grpc,
    clustering_pb2_grpc,
    people_pb2_grpc,
    recognition_pb2_grpc,
)
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status


class Api:
    """The four services."""

    def __init__(self, channel: grpc.Channel) -> None:
        self.recognition = recognition_pb2_grpc.RecognitionServiceStub(channel)
        self.people = people_pb2_grpc.PeopleServiceStub(channel)
        self.clustering = clustering_pb2_grpc.ClusteringServiceStub(channel)
        self.admin = admin_pb2_grpc.AdminServiceStub(channel)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a caller is told."""

    code: grpc.StatusCode
    message: str
    reason: str
    metadata: dict[str, str]
    trailers: dict[str, Any]


def refusal(call: Callable[[], Any]) -> Refusal:
    """Make a call that has to fail and return what was told."""
    with pytest.raises(grpc.RpcError) as caught:
        call()
    error = caught.value
    status = rpc_status.from_call(error)
    assert status is not None, error
    info = error_info(status)
    return Refusal(
        error.code(),
        error.details(),
        info.reason,
        dict(info.metadata),
        dict(error.trailing_metadata()),
    )


def error_info(status: status_pb2.Status) -> error_details_pb2.ErrorInfo:
    for detail in status.details:
        info = error_details_pb2.ErrorInfo()
        if detail.Unpack(info):
            assert info.domain == "facefolk"
            return info
    raise AssertionError(f"no ErrorInfo: {status}")
