"""Choose a pack where nobody has: `auto`."""

from __future__ import annotations

import logging

from facefolk_server.errors import ModelUnavailableError
from facefolk_server.vision.downloads.model_store import ModelStore
from facefolk_server.vision.downloads.progress import ProgressCallback, ignore_progress
from facefolk_server.vision.packs.entry import PackEntry
from facefolk_server.vision.packs.table import AUTO_ORDER, PackTable

_log = logging.getLogger(__name__)


def resolve_auto(
    store: ModelStore, packs: PackTable, *, progress: ProgressCallback = ignore_progress
) -> PackEntry:
    """Return `open` if its files can be had, else `dlib`; the files are here afterwards.

    Raises:
        ModelUnavailableError: neither can be had.
    """
    reasons: list[str] = []
    for name in AUTO_ORDER:
        if reasons:
            _log.warning("taking pack %s instead, for %s", name, reasons[-1])
        entry = packs.get(name)
        try:
            store.ensure(entry, progress=progress)
        except ModelUnavailableError as exc:
            reasons.append(exc.message)
            continue
        return entry
    raise ModelUnavailableError(
        "no pack can be had: " + " | ".join(reasons), retry_delay_seconds=30.0, pack="auto"
    )
