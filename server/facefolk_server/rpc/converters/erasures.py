"""Receipts of erasures."""

from __future__ import annotations

from facefolk.v1 import admin_pb2 as pb
from facefolk.v1 import people_pb2

from facefolk_server.rpc.converters.values import timestamp_to_proto
from facefolk_server.service.erasure import Receipt


def receipt_to_proto(receipt: Receipt) -> pb.Erasure:
    """Return the message of a receipt."""
    record = receipt.record
    return pb.Erasure(
        erasure_id=record.erasure_id,
        state="ERASURE_STATE_DONE" if receipt.done else "ERASURE_STATE_PENDING",
        asset_ids=record.scope.asset_ids,
        face_ids=record.scope.face_ids,
        person_ids=record.scope.person_ids,
        create_time=timestamp_to_proto(record.create_time),
        done_time=timestamp_to_proto(record.done_time),
        backups=receipt.backups,
        assets_removed=record.assets,
        faces_removed=record.faces,
        people_removed=record.people,
    )


def erased_to_proto(receipt: Receipt) -> people_pb2.DeletePersonResponse:
    """Return the reply to erasing a person."""
    record = receipt.record
    return people_pb2.DeletePersonResponse(
        erasure_id=record.erasure_id, faces_changed=record.faces
    )
