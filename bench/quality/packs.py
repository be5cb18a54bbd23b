"""Pipelines of the packs at hand."""

from __future__ import annotations

import os
from pathlib import Path

from facefolk_server.vision.downloads.model_store import ModelStore
from facefolk_server.vision.downloads.pip_configuration import read_pip_configuration
from facefolk_server.vision.loading import LoadOptions, load_pipeline
from facefolk_server.vision.packs import PackTable
from facefolk_server.vision.pipeline import Pipeline, PipelineOptions
from facefolk_server.vision.session import SessionFactory
from facefolk_server.vision.small import SmallRecognizers


def load_pack(
    name: str,
    *,
    cache_dir: Path,
    mirrored: bool = False,
    options: PipelineOptions | None = None,
) -> Pipeline:
    """Return the pipeline of a built-in pack on the CPU, fetching its files if need be."""
    return load_pipeline(
        PackTable(mirrored=mirrored).get(name).pack(),
        *model_files(name, cache_dir=cache_dir),
        sessions=own_sessions(cache_dir),
        options=LoadOptions(pipeline=options or PipelineOptions()),
    )


def model_files(name: str, *, cache_dir: Path, plain: bool = False) -> tuple[Path, Path]:
    """Return detector and recognizer of a built-in pack, fetching them if need be.

    With `plain` the recognizer is the float one, whatever the pack says.
    """
    store = ModelStore(
        cache_dir / "models",
        mirror=os.environ.get("FACEFOLK_MODEL_MIRROR", ""),
        accept_noncommercial=True,
        indexes=read_pip_configuration(),
    )
    entry = PackTable().get(name)
    files = store.ensure(entry)
    if plain:
        return files.detector, files.embedder
    return files.detector, SmallRecognizers(store).of(entry, files).path


def own_sessions(cache_dir: Path) -> SessionFactory:
    """Return the sessions that benchmarks run on: `PROVIDER`, else ONNX Runtime's own."""
    provider = "openvino" if os.environ.get("PROVIDER") == "openvino" else "onnxruntime"
    return SessionFactory(
        device="CPU",
        provider=provider,
        cache_dir=cache_dir / "compiled",
        streams=len(os.sched_getaffinity(0)),
    )
