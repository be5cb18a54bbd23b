"""Ingestion: from folders to the server."""

from facefolk.ingest.report import IngestOptions, IngestProgress, IngestReport

__all__ = ["IngestOptions", "IngestProgress", "IngestReport"]
