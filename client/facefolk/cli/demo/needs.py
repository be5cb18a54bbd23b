"""What the demo needs, looked at before anything is begun."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from facefolk.errors import MissingExtraError, UsageError
from facefolk.ingest.files import find_files

_PACKAGES: Final = (
    ("lancedb", "server"),
    ("onnxruntime", "server"),
    ("unearth", "server"),
    ("PIL", "preview"),
    ("cv2", "preview"),
    ("jinja2", "report"),
)


def check_packages() -> None:
    """Raise MissingExtraError if a package is absent."""
    missing = [(name, extra) for name, extra in _PACKAGES if find_spec(name) is None]
    if missing:
        names = ", ".join(name for name, _ in missing)
        extras = ",".join(dict.fromkeys(["cli", *(extra for _, extra in missing)]))
        raise MissingExtraError(
            f"The demo needs what is not installed: {names}. "
            f"Run: pip install 'facefolk[{extras}]'."
        )


def check_photos(paths: Sequence[Path]) -> None:
    """Raise UsageError if there is nothing to ingest."""
    for path in paths:
        if not path.exists():
            raise UsageError(f"There is no {path}; name a folder of photos.")
    if paths and not find_files(paths).files:
        named = ", ".join(map(str, paths))
        raise UsageError(f"No photos and no videos were found in {named}.")


def make_folder(folder: Path) -> None:
    """Make the folder of the results; raise UsageError if that cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder} cannot be made: {error.strerror}.") from error
