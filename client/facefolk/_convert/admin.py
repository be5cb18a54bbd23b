"""Settings, packs and the state of the server."""

from __future__ import annotations

from facefolk._convert.rounds import round_from_proto
from facefolk._convert.values import time_from_proto
from facefolk.types import (
    ModelStatus,
    Pack,
    PullProgress,
    Settings,
    SettingsUpdate,
    Status,
    TableStatus,
)
from facefolk.v1 import admin_pb2 as pb
from facefolk.v1 import resources_pb2


def settings_from_proto(message: resources_pb2.Settings) -> Settings:
    """Return settings."""
    return Settings(
        pack=message.pack,
        min_detection_score=message.min_detection_score,
        max_recognition_distance=message.max_recognition_distance,
        min_recognized_faces=message.min_recognized_faces,
        one_face_per_asset=message.one_face_per_asset,
        chain_guard=message.chain_guard,
        nightly_time=message.nightly_time,
        time_zone=message.time_zone,
        etag=message.etag,
        quality_gate=message.quality_gate,
        find_close_faces=message.find_close_faces,
        find_turned_faces=message.find_turned_faces,
        find_tiny_faces=message.find_tiny_faces,
    )


def settings_update_from_proto(message: pb.UpdateSettingsResponse) -> SettingsUpdate:
    """Return the settings after an update."""
    return SettingsUpdate(settings_from_proto(message.settings), tuple(message.advice))


def pack_from_proto(message: pb.Pack) -> Pack:
    """Return a pack."""
    return Pack(
        name=message.name,
        detector=message.detector,
        recognizer=message.recognizer,
        license=message.license,
        non_commercial=message.non_commercial,
        embedding_length=message.embedding_length,
        recommended_distance=message.recommended_distance,
        recommended_score=message.recommended_score,
        installed=message.installed,
        active=message.active,
        download_bytes=message.download_bytes,
        digest=message.digest,
    )


def pull_progress_from_proto(message: pb.PullPackResponse) -> PullProgress:
    """Return one step of fetching a pack."""
    return PullProgress(
        file=message.file,
        bytes_done=message.bytes_done,
        bytes_total=message.bytes_total,
        done=message.done,
        pack=pack_from_proto(message.pack) if message.HasField("pack") else None,
    )


def model_status_from_proto(message: pb.GetStatusResponse.Model) -> ModelStatus:
    """Return the state of a model."""
    return ModelStatus(
        name=message.name,
        device_wanted=message.device_wanted,
        device=message.device,
        self_test_passed=message.self_test_passed,
        quarantine_reason=message.quarantine_reason,
    )


def table_status_from_proto(message: pb.GetStatusResponse.Table) -> TableStatus:
    """Return the state of a table."""
    return TableStatus(message.name, message.rows, message.version, message.bytes)


def status_from_proto(message: pb.GetStatusResponse) -> Status:
    """Return the state of the server."""
    return Status(
        version=message.version,
        library_versions=dict(message.library_versions),
        start_time=time_from_proto(message, "start_time"),
        pack=pack_from_proto(message.pack) if message.HasField("pack") else None,
        models=tuple(model_status_from_proto(model) for model in message.models),
        tables=tuple(table_status_from_proto(table) for table in message.tables),
        requests_in_flight=message.requests_in_flight,
        bytes_in_flight=message.bytes_in_flight,
        writes_queued=message.writes_queued,
        face_count=message.face_count,
        person_count=message.person_count,
        unassigned_face_count=message.unassigned_face_count,
        round=round_from_proto(message.round) if message.HasField("round") else None,
        warnings=tuple(message.warnings),
    )
