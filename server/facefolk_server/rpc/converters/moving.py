"""Bundles and imports in pieces."""

from __future__ import annotations

import enum
from collections.abc import AsyncIterator, Iterator

from facefolk.v1 import admin_pb2 as pb

from facefolk_server.errors import InvalidRequestError
from facefolk_server.rpc.converters.checks import enum_from_proto
from facefolk_server.service.moving.plan import ImportReport

_CHUNK_BYTES = 256 * 1024


class ImportFormat(enum.IntEnum):
    """The form of an import; the numbers are those of the API."""

    BUNDLE = 1
    JSON_LINES = 2


def chunks_to_proto(piece: bytes) -> Iterator[pb.ExportPeopleResponse]:
    """Yield the messages that carry a piece of a bundle."""
    for start in range(0, len(piece), _CHUNK_BYTES):
        yield pb.ExportPeopleResponse(chunk=piece[start : start + _CHUNK_BYTES])


async def first_import(
    requests: AsyncIterator[pb.ImportPeopleRequest],
) -> pb.ImportPeopleRequest:
    """Return the first message, which says what the import is.

    Raises:
        InvalidRequestError: There is none.
    """
    async for request in requests:
        return request
    raise InvalidRequestError("The stream is empty: send a bundle or lines.", field="chunk")


def import_format_from_proto(request: pb.ImportPeopleRequest) -> ImportFormat:
    """Return the form of an import.

    Raises:
        InvalidRequestError: It is not known here.
    """
    return enum_from_proto(request.format, ImportFormat, "format", default=ImportFormat.BUNDLE)


async def import_chunks(
    first: pb.ImportPeopleRequest, requests: AsyncIterator[pb.ImportPeopleRequest]
) -> AsyncIterator[bytes]:
    """Yield the bytes of an import whose first message was read already."""
    yield first.chunk
    async for request in requests:
        yield request.chunk


def report_to_proto(report: ImportReport) -> pb.ImportPeopleResponse:
    """Return the reply of ImportPeople."""
    return pb.ImportPeopleResponse(
        people_created=report.people_created,
        people_updated=report.people_updated,
        faces_assigned=report.faces_assigned,
        unmatched=report.unmatched,
        faces_added=report.faces_added,
        marks_added=report.marks_added,
    )
