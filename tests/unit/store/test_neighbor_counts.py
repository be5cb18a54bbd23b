"""Counts of neighbors on disk, and the faces that went since."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from facefolk_server.store import KeptCounts, Store
from facefolk_server.store.departures import Departures
from unit.store.samples import vector, write


def kept(number: int) -> KeptCounts:
    return KeptCounts(
        pack_digest=f"digest {number}",
        max_distance=0.5,
        gate=(0.4, 0.97) if number % 2 else None,
        recall=1.0,
        keys=np.array([-5, 3, 2**62 + number], np.int64),
        counts=np.array([1, 2, number], np.int32),
        able=np.array([True, False, True]),
    )


def assert_same(found: KeptCounts | None, expected: KeptCounts) -> None:
    assert found is not None
    for name in KeptCounts.__slots__:
        assert np.array_equal(getattr(found, name), getattr(expected, name)), name


def test_the_last_counts_of_each_pack_are_kept(tmp_path: Path) -> None:
    store = Store.open(tmp_path, durability="process")
    library = store.library("")
    assert library.neighbor_counts("open") is None
    library.keep_neighbor_counts("open", kept(1), departed_until=0)
    library.keep_neighbor_counts("dlib", kept(2), departed_until=0)
    library.keep_neighbor_counts("open", kept(3), departed_until=0)
    assert_same(library.neighbor_counts("open"), kept(3))
    store.close()
    library = Store.open(tmp_path, durability="process").library("")
    assert_same(library.neighbor_counts("open"), kept(3))
    assert_same(library.neighbor_counts("dlib"), kept(2))
    assert library.neighbor_counts("sface") is None
    assert "default/neighbor_counts" in {info.name for info in library.tables()}


def test_faces_that_went_are_kept_until_they_are_counted_without(tmp_path: Path) -> None:
    store = Store.open(tmp_path, durability="process")
    library = store.library("")
    for number in range(3):
        library.write_frame(write(f"a{number}", [number])).result()
    for number in (0, 2):
        library.write_frame(write(f"a{number}", [], removed=(f"face{number}",))).result()
    departed = library.faces("open").snapshot().departed
    assert departed.face_ids == ["face0", "face2"]
    assert np.array_equal(departed.embeddings, np.stack([vector(0), vector(2)]))
    assert departed.qualities.tolist() == [0.25, 0.25]
    library.write_frame(write("a1", [], removed=("face1",))).result()
    library.keep_neighbor_counts("open", kept(1), departed_until=departed.until)
    assert library.faces("open").snapshot().departed.face_ids == ["face1"]
    store.close()


def test_only_the_last_departures_are_kept() -> None:
    departures = Departures(8)
    for number in range(5):
        departures.note(f"face{number}", vector(number), 0.5, at_most=3)
    assert departures.snapshot().face_ids == ["face2", "face3", "face4"]
    departures.forget(1)
    assert departures.snapshot().face_ids == ["face2", "face3", "face4"]
    departures.forget(4)
    assert departures.snapshot().face_ids == ["face4"]
    departures.forget(9)
    assert departures.snapshot().until == 5
    assert departures.snapshot().embeddings.shape == (0, 8)
