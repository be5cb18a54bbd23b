"""Every error class has a gRPC code, and its status travels whole."""

from __future__ import annotations

from collections.abc import Iterator

import grpc
import pytest
from facefolk_server import errors
from facefolk_server.rpc.status import CODES, code_of, status_of, status_of_bug, trailers_of
from google.rpc import error_details_pb2, status_pb2


def all_classes(root: type[errors.FacefolkError]) -> Iterator[type[errors.FacefolkError]]:
    for child in root.__subclasses__():
        if child.__module__ == errors.__name__:
            yield child
            yield from all_classes(child)


CLASSES = list(all_classes(errors.FacefolkError))
EXPECTED = {
    errors.InvalidImageError: grpc.StatusCode.INVALID_ARGUMENT,
    errors.PersonNotFoundError: grpc.StatusCode.NOT_FOUND,
    errors.RoundRunningError: grpc.StatusCode.FAILED_PRECONDITION,
    errors.PackMismatchError: grpc.StatusCode.FAILED_PRECONDITION,
    errors.ConflictError: grpc.StatusCode.ABORTED,
    errors.OverloadedError: grpc.StatusCode.RESOURCE_EXHAUSTED,
    errors.ModelUnavailableError: grpc.StatusCode.UNAVAILABLE,
    errors.StorageError: grpc.StatusCode.UNAVAILABLE,
    errors.DeadlineError: grpc.StatusCode.DEADLINE_EXCEEDED,
}


def details(status: status_pb2.Status, message: type) -> list:
    found = []
    for detail in status.details:
        unpacked = message()
        if detail.Unpack(unpacked):
            found.append(unpacked)
    return found


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_class_has_a_code_and_a_reason(kind: type[errors.FacefolkError]) -> None:
    error = kind("what was wrong", field="name")
    status = status_of(error)
    assert code_of(error) not in (grpc.StatusCode.OK, grpc.StatusCode.INTERNAL)
    assert status.code == code_of(error).value[0]
    assert status.message == "what was wrong"
    [info] = details(status, error_details_pb2.ErrorInfo)
    assert (info.reason, info.domain) == (kind.reason, "facefolk")
    assert dict(info.metadata) == {"field": "name"}


def test_reasons_are_unique_and_upper_snake() -> None:
    reasons = [kind.reason for kind in CLASSES]
    assert len(set(reasons)) == len(reasons)
    assert all(reason.isupper() and len(reason) <= 63 for reason in reasons)


def test_codes_are_as_designed() -> None:
    assert {kind: code_of(kind("")) for kind in EXPECTED} == EXPECTED


def test_the_table_names_no_class_twice_over() -> None:
    for kind in CODES:
        assert not any(parent in CODES for parent in kind.__mro__[1:])


@pytest.mark.parametrize("kind", [errors.OverloadedError, errors.StorageError])
def test_what_may_be_tried_again_says_when(kind: type[errors.UnavailableError]) -> None:
    error = kind("busy", retry_delay_seconds=2.5)
    [info] = details(status_of(error), error_details_pb2.RetryInfo)
    assert info.retry_delay.ToMilliseconds() == 2500
    assert ("grpc-retry-pushback-ms", "2500") in trailers_of(status_of(error), error)


def test_other_errors_do_not_say_when() -> None:
    error = errors.NotFoundError("gone")
    assert not details(status_of(error), error_details_pb2.RetryInfo)
    assert [key for key, _ in trailers_of(status_of(error), error)] == [
        "grpc-status-details-bin"
    ]


def test_a_status_fits_into_headers_whatever_it_says() -> None:
    facts = {f"key{i}": "é" * 5000 for i in range(50)}
    error = errors.ModelUnavailableError("€" * 10_000, **facts)
    status = status_of(error)
    assert len(status.SerializeToString()) * 4 / 3 + len(status.message.encode()) * 3 < 8192
    assert status.message.endswith("…")


def test_lone_surrogates_do_not_break_a_status() -> None:
    assert status_of(errors.NotFoundError("\ud800")).message == "?"


def test_a_bug_tells_nothing_but_its_id() -> None:
    status = status_of_bug("abc")
    assert status.code == grpc.StatusCode.INTERNAL.value[0]
    assert "abc" in status.message
    [info] = details(status, error_details_pb2.ErrorInfo)
    assert dict(info.metadata) == {"request_id": "abc"}
