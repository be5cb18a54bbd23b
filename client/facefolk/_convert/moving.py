"""Erasures, exports and imports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from facefolk._convert.values import time_from_proto
from facefolk.types import AssetsDeleted, Erasure, ErasureState, Imported, ImportFormat
from facefolk.v1 import admin_pb2 as pb
from facefolk.v1 import recognition_pb2


def assets_deleted_from_proto(message: recognition_pb2.DeleteAssetsResponse) -> AssetsDeleted:
    """Return what deleting assets did."""
    return AssetsDeleted(message.erasure_id, message.faces_deleted)


def erasure_from_proto(message: pb.Erasure) -> Erasure:
    """Return the receipt of an erasure."""
    return Erasure(
        erasure_id=message.erasure_id,
        state=ErasureState(message.state),
        asset_ids=tuple(message.asset_ids),
        face_ids=tuple(message.face_ids),
        person_ids=tuple(message.person_ids),
        create_time=time_from_proto(message, "create_time"),
        done_time=time_from_proto(message, "done_time"),
        backups=tuple(message.backups),
        assets_removed=message.assets_removed,
        faces_removed=message.faces_removed,
        people_removed=message.people_removed,
    )


def imported_from_proto(message: pb.ImportPeopleResponse) -> Imported:
    """Return what an import did."""
    return Imported(
        people_created=message.people_created,
        people_updated=message.people_updated,
        faces_assigned=message.faces_assigned,
        unmatched=tuple(message.unmatched),
        faces_added=message.faces_added,
        marks_added=message.marks_added,
    )


def chunk_from_proto(message: pb.ExportPeopleResponse) -> bytes:
    """Return the next bytes of a bundle."""
    return message.chunk


def import_requests(
    chunks: Iterable[bytes], *, library_id: str, form: ImportFormat
) -> Iterator[pb.ImportPeopleRequest]:
    """Yield the requests of an import; the first one says what it is."""
    yield pb.ImportPeopleRequest(library_id=library_id, format=pb.ImportFormat.Name(form))
    for chunk in chunks:
        yield pb.ImportPeopleRequest(chunk=chunk)
