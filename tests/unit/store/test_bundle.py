"""Bundles of people: what is written comes back, what is damaged is refused."""

from __future__ import annotations

import io
import random
from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from facefolk_server.errors import InvalidRequestError
from facefolk_server.store import Bundle, BundledFace, BundleHeader, read_bundle, write_bundle
from facefolk_server.types import Assignment, Mark, MarkKind, Person, Placement
from unit.store.samples import START, face, vector

HEADER = BundleHeader("family", "open", "digest of open", START)
PEOPLE = [
    Person(
        "p_1", "Zoë \U0001f600", date(1980, 2, 29), hidden=True, favorite=True,
        feature_face_id="face2", create_time=START, update_time=START,
    ),
    Person("p_2", create_time=START, update_time=START),
]  # fmt: skip
FACES = [
    BundledFace(face(1), Placement("p_1", Assignment.MANUAL), vector(1)),
    BundledFace(face(2, offset=40_000), Placement("p_1", Assignment.AUTOMATIC), vector(2)),
    BundledFace(face(3), Placement(None, Assignment.UNASSIGNED)),
]
MARKS = [
    Mark("face3", MarkKind.NOT_THIS_PERSON, "p_2"),
    Mark("face2", MarkKind.STRANGER),
]


APART = [("p_1", "p_2")]


def written(faces: list[BundledFace] = FACES) -> bytes:
    return b"".join(write_bundle(HEADER, PEOPLE, iter(faces), MARKS, APART))


def assert_same(bundle: Bundle) -> None:
    assert bundle.header == HEADER
    assert list(bundle.people) == PEOPLE
    assert list(bundle.marks) == MARKS
    assert list(bundle.apart) == APART
    for back, was in zip(bundle.faces, FACES, strict=True):
        assert (back.face, back.placement) == (was.face, was.placement)
        assert (back.embedding is None) == (was.embedding is None)
        if back.embedding is not None:
            assert back.embedding.dtype == np.float32
            assert back.embedding.tobytes() == was.embedding.tobytes()  # type: ignore[union-attr]


def test_what_is_written_comes_back() -> None:
    assert_same(read_bundle(io.BytesIO(written())))


def test_any_arrow_library_reads_it() -> None:
    table = pa.ipc.open_stream(written()).read_all()
    assert table.column("kind").to_pylist() == [
        *["person"] * 2, *["face"] * 3, *["mark"] * 2, "apart",
    ]  # fmt: skip
    assert b"digest of open" in table.schema.metadata[b"facefolk"]


def test_many_faces_go_in_pieces() -> None:
    many = [replace(FACES[0], face=face(n), embedding=vector(1)) for n in range(4500)]
    pieces = list(write_bundle(HEADER, PEOPLE, iter(many), MARKS))
    assert len(pieces) == 6
    assert max(map(len, pieces)) < 2 << 20
    assert len(read_bundle(io.BytesIO(b"".join(pieces))).faces) == 4500


def test_an_empty_library_is_a_bundle_too() -> None:
    data = b"".join(write_bundle(HEADER, [], [], []))
    assert read_bundle(io.BytesIO(data)).people == ()


def test_what_is_cut_off_or_damaged_is_refused() -> None:
    whole = written()
    end = len(whole) - 8  # the end mark of the stream is no part of what it says
    for length in [0, 1, 7, 8, *range(100, end, 97), end - 1]:
        with pytest.raises(InvalidRequestError, match="no bundle of people"):
            read_bundle(io.BytesIO(whole[:length]))
    chance = random.Random(1)
    refused = 0
    for _ in range(300):
        place = chance.randrange(len(whole))
        damaged = bytearray(whole)
        damaged[place] ^= 1 << chance.randrange(8)
        try:
            assert_same(read_bundle(io.BytesIO(bytes(damaged))))
        except InvalidRequestError:
            refused += 1
    # The rest is in what pads the last message, which says nothing.
    assert refused > 240


def test_other_arrow_streams_and_newer_bundles_are_refused() -> None:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, pa.schema([("a", pa.int8())])) as writer:
        writer.write_table(pa.table({"a": pa.array([1], pa.int8())}))
    with pytest.raises(InvalidRequestError, match="not made by ExportPeople"):
        read_bundle(io.BytesIO(sink.getvalue()))
    newer = written().replace(b'"version": "1"', b'"version": "2"')
    with pytest.raises(InvalidRequestError, match="version 2"):
        read_bundle(io.BytesIO(newer))


@pytest.mark.parametrize("compression", ["zstd", "lz4"])
def test_what_is_compressed_is_refused_before_it_is_unfolded(compression: str) -> None:
    """A few kilobytes would become gigabytes in memory."""
    with pa.ipc.open_stream(io.BytesIO(written())) as reader:
        schema, row = reader.schema, reader.read_all().to_pylist()[0]
    bomb = io.BytesIO()
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with pa.ipc.new_stream(bomb, schema, options=options) as writer:
        row["name"] = "a" * 5_000_000
        writer.write_batch(pa.RecordBatch.from_pylist([row], schema=schema))
    assert len(bomb.getvalue()) < 50_000
    with pytest.raises(InvalidRequestError, match="without compression"):
        read_bundle(io.BytesIO(bomb.getvalue()))
