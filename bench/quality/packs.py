"""Pipelines of the packs at hand."""

from __future__ import annotations

import os
from pathlib import Path

from facefolk_server.vision.downloads.model_store import ModelStore
from facefolk_server.vision.downloads.pip_configuration import read_pip_configuration
from facefolk_server.vision.loading import load_pipeline
from facefolk_server.vision.packs import PackTable
from facefolk_server.vision.pipeline import Pipeline
from facefolk_server.vision.session import SessionFactory


def load_pack(name: str, *, cache_dir: Path, mirrored: bool = False) -> Pipeline:
    """Return the pipeline of a built-in pack on the CPU, fetching its files if need be."""
    store = ModelStore(
        cache_dir / "models",
        mirror=os.environ.get("FACEFOLK_MODEL_MIRROR", ""),
        accept_noncommercial=True,
        indexes=read_pip_configuration(),
    )
    entry = PackTable(mirrored=mirrored).get(name)
    files = store.ensure(entry)
    sessions = SessionFactory(device="CPU", cache_dir=cache_dir / "compiled")
    return load_pipeline(
        entry.pack(),
        files.detector,
        files.embedder,
        sessions=sessions,
    )
