"""Stores filled with generated faces, for what is measured on large libraries."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from facefolk_server.store import Draft, FrameWrite, Store
from facefolk_server.types import (
    UNPLACED,
    AssetState,
    Assignment,
    BoundingBox,
    Changes,
    EventKind,
    Face,
    Frame,
    Person,
    PersonChange,
    Placement,
    PlacementChange,
    Point,
)
from facefolk_server.vision.packs import PackTable

from bench.faces import generated

NOW = datetime(2024, 5, 1, tzinfo=UTC)
_PLACES = ((9, 9), (21, 9), (15, 16), (10, 22), (20, 22))
_LANDMARKS = tuple(
    Point(float(x), float(y)) for x, y in ((9, 9), (21, 9), (15, 16), (10, 22), (20, 22))
)
_FACES_A_FRAME = 100


def face_id(row: int) -> str:
    """Return the id of the face of a row of `generated`."""
    return f"{row:026d}"


def asset_id(row: int) -> str:
    """Return the asset of the face of a row."""
    return f"generated/{row - row % _FACES_A_FRAME:08d}.jpg"


def person_id(owner: int) -> str:
    """Return the id of the person with this number in `generated`."""
    return f"p_{owner:020d}"


def filled(path: Path, count: int, *, people: bool = True) -> Path:
    """Return a folder with a store of so many faces; it is filled where there is none."""
    if not path.exists():
        fill(path, count, people=people)
    return path


def fill(path: Path, count: int, *, people: bool = True) -> None:
    """Make a store with this many faces of the pack `open`, assigned to their people."""
    pack = PackTable().get("open")
    embeddings, owners = generated(count)
    store = Store.open(path, durability="process")
    library = store.library("")
    futures = []
    for first in range(0, count, _FACES_A_FRAME):
        rows = range(first, min(count, first + _FACES_A_FRAME))
        asset = asset_id(first)
        frame = Frame(
            asset, 0, AssetState.DONE, 640, 480, pack.name, pack.digest, 0.7, len(rows),
            update_time=NOW,
        )  # fmt: skip
        faces = tuple(
            Face(
                face_id(row), asset, 0, BoundingBox(5, 5, 25, 28), _LANDMARKS, 0.9, 0.5,
                640, 480, pack.name, pack.digest, NOW,
            )  # type: ignore[arg-type]
            for row in rows
        )  # fmt: skip
        futures.append(library.write_frame(FrameWrite(frame, faces, embeddings[rows])))
        if len(futures) >= 512:
            futures.pop(0).result()
    for future in futures:
        future.result()
    if people:
        library.append(lambda _: _assigned(owners), actor="bench")
    store.write_pin(pack.name, pack.digest)
    store.close()


def _assigned(owners: np.ndarray) -> Draft:
    ids = [person_id(owner) for owner in np.unique(owners)]
    arrivals = tuple(
        PersonChange(i, None, Person(i, create_time=NOW, update_time=NOW)) for i in ids
    )
    places = {
        owner: Placement(person_id(owner), Assignment.AUTOMATIC)
        for owner in set(owners.tolist())
    }
    placements = tuple(
        PlacementChange(face_id(row), UNPLACED, places[owner])
        for row, owner in enumerate(owners.tolist())
    )
    return Draft(EventKind.ROUND_COMMITTED, Changes(placements=placements, people=arrivals))
