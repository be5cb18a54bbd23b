"""Other people's libraries, each a program of its own; and the model files they run."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

from facefolk_server.vision.downloads.model_store import ModelStore
from facefolk_server.vision.downloads.sources import ModelFile, WebFile
from facefolk_server.vision.packs import BUILTIN_PACKS

# insightface's det_500m as it lies by itself; its license is for research alone.
_DETECTOR = ModelFile(
    name="det_500m.onnx",
    sha256="5e4447f50245bbd7966bd6c0fa52938c61474a04ec7def48753668a9d8b4ea3a",
    sources=(
        WebFile(
            "https://raw.githubusercontent.com/yukkki7/FaceAnalysisApp/"
            "d4126572f7642f97f903cfab7ab73f67e99622db/models/scrfd_500m.onnx"
        ),
    ),
)


def gather_models(cache_dir: Path) -> Path:
    """Return a folder with the model files of the peers under their own names."""
    store = ModelStore(
        cache_dir / "models",
        mirror=os.environ.get("FACEFOLK_MODEL_MIRROR", ""),
        accept_noncommercial=True,
    )
    folder = cache_dir / "peers"
    folder.mkdir(parents=True, exist_ok=True)
    theirs = dataclasses.replace(BUILTIN_PACKS["open"], detector_file=_DETECTOR)
    for entry in (theirs, BUILTIN_PACKS["open-small"]):
        files = store.ensure(entry)
        for file, path in zip(entry.files, (files.detector, files.embedder), strict=True):
            link = folder / file.name
            if not link.exists():
                link.symlink_to(path.resolve())
    return folder
