"""Settings, packs and the state of the server."""

from __future__ import annotations

from facefolk.v1 import admin_pb2
from facefolk.v1 import resources_pb2 as pb

from facefolk_server.rpc.converters.checks import number_in
from facefolk_server.rpc.converters.rounds import round_to_proto
from facefolk_server.rpc.converters.values import timestamp_to_proto
from facefolk_server.service.admin import (
    PackView,
    PullStep,
    ServerStatus,
    SettingsFields,
    SettingsView,
    TableStatus,
)
from facefolk_server.service.packs import ModelStatus


def settings_to_proto(view: SettingsView) -> pb.Settings:
    """Return the message of the settings; 0 stands for the pack's own value."""
    settings = view.settings
    return pb.Settings(
        pack=settings.pack,
        min_detection_score=settings.min_detection_score or 0.0,
        max_recognition_distance=settings.max_recognition_distance or 0.0,
        min_recognized_faces=settings.min_recognized_faces,
        one_face_per_asset=settings.one_face_per_asset,
        chain_guard=settings.chain_guard,
        nightly_time=settings.nightly_time,
        time_zone=settings.time_zone,
        etag=view.etag,
        quality_gate=settings.quality_gate,
        find_close_faces=settings.find_close_faces,
        find_turned_faces=settings.find_turned_faces,
        find_tiny_faces=settings.find_tiny_faces,
    )


def settings_fields_from_proto(message: pb.Settings) -> SettingsFields:
    """Return new values of the settings.

    Raises:
        InvalidRequestError: A score or distance is out of its range or no number.
    """
    return SettingsFields(
        pack=message.pack,
        min_detection_score=number_in(
            message.min_detection_score, "min_detection_score", low=0.0, high=1.0
        ),
        max_recognition_distance=number_in(
            message.max_recognition_distance, "max_recognition_distance", low=0.0, high=2.0
        ),
        min_recognized_faces=message.min_recognized_faces,
        one_face_per_asset=message.one_face_per_asset,
        chain_guard=message.chain_guard,
        nightly_time=message.nightly_time,
        time_zone=message.time_zone,
        quality_gate=message.quality_gate,
        find_close_faces=message.find_close_faces,
        find_turned_faces=message.find_turned_faces,
        find_tiny_faces=message.find_tiny_faces,
    )


def settings_reply_to_proto(view: SettingsView) -> admin_pb2.UpdateSettingsResponse:
    """Return the reply of UpdateSettings."""
    return admin_pb2.UpdateSettingsResponse(
        settings=settings_to_proto(view), advice=view.advice
    )


def pack_to_proto(view: PackView) -> admin_pb2.Pack:
    """Return the message of a pack."""
    pack = view.description
    return admin_pb2.Pack(
        name=pack.name,
        detector=pack.detector,
        recognizer=pack.recognizer,
        license=pack.license,
        non_commercial=pack.non_commercial,
        embedding_length=pack.embedding_length,
        recommended_distance=pack.recommended_distance,
        recommended_score=pack.recommended_score,
        installed=pack.installed,
        active=view.active,
        download_bytes=pack.download_bytes,
        digest=pack.digest,
    )


def pull_step_to_proto(step: PullStep) -> admin_pb2.PullPackResponse:
    """Return the message of one step of fetching a pack."""
    progress = step.progress
    return admin_pb2.PullPackResponse(
        file=progress.file if progress else "",
        bytes_done=progress.bytes_done if progress else 0,
        bytes_total=progress.bytes_total if progress else 0,
        done=step.pack is not None,
        pack=pack_to_proto(step.pack) if step.pack else None,
    )


def model_to_proto(model: ModelStatus) -> admin_pb2.GetStatusResponse.Model:
    """Return the message of a loaded model."""
    return admin_pb2.GetStatusResponse.Model(
        name=model.name,
        device_wanted=model.device_wanted,
        device=model.device,
        self_test_passed=model.self_test_passed,
        quarantine_reason=model.quarantine_reason,
    )


def table_to_proto(table: TableStatus) -> admin_pb2.GetStatusResponse.Table:
    """Return the message of a table of the store."""
    return admin_pb2.GetStatusResponse.Table(
        name=table.name, rows=table.rows, version=table.version, bytes=table.size_bytes
    )


def status_to_proto(status: ServerStatus) -> admin_pb2.GetStatusResponse:
    """Return the reply of GetStatus."""
    return admin_pb2.GetStatusResponse(
        version=status.version,
        library_versions=status.library_versions,
        start_time=timestamp_to_proto(status.start_time),
        pack=pack_to_proto(status.pack),
        models=[model_to_proto(model) for model in status.models],
        tables=[table_to_proto(table) for table in status.tables],
        requests_in_flight=status.requests_in_flight,
        bytes_in_flight=status.bytes_in_flight,
        writes_queued=status.writes_queued,
        face_count=status.face_count,
        person_count=status.person_count,
        unassigned_face_count=status.unassigned_face_count,
        round=round_to_proto(status.round) if status.round else None,
        warnings=status.warnings,
    )
