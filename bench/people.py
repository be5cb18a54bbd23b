"""What is done with people, beside plain LanceDB: `python -m bench.people`.

The first page of 1,000 people, the merge of 5,000 faces, the undo of it, and ExplainFace, each
over gRPC with everything a reply has, against the same question to a LanceDB table that holds
a column of people, in the process itself. Both are written without power durability.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import grpc
import lancedb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import typer
from facefolk.v1 import people_pb2 as pb
from facefolk.v1.people_pb2_grpc import PeopleServiceStub
from lancedb.index import BTree

from bench.faces import DIMENSION, generated
from bench.harness import QUICK, Report, alternate, figure, seconds
from bench.servers import serving
from bench.stored import asset_id, face_id, fill, person_id

PAGE, FEWEST, REACH, NEIGHBORS = 1000, 3, 0.5, 20
MERGED_FACES = 1_000 if QUICK else 5_000
TIMES = 3 if QUICK else 9


@dataclass(frozen=True, slots=True)
class Merger:
    """A target and the people to merge into it, largest first, with their faces."""

    target: str
    sources: tuple[str, ...]
    faces: Mapping[str, tuple[str, ...]]

    @property
    def count(self) -> int:
        """How many faces move."""
        return sum(map(len, self.faces.values()))


def main() -> None:
    """Measure people beside plain LanceDB."""
    count = 20_000 if QUICK else 100_000
    report = Report(
        f"People over {count:,} generated faces",
        "Facefolk over gRPC with replies in full, plain LanceDB in the process itself.",
    )
    embeddings, owners = generated(count)
    merger = _merger(owners)
    with tempfile.TemporaryDirectory(dir=".") as folder:
        data = Path(folder) / "facefolk"
        fill(data, count)
        plain = Plain(Path(folder) / "plain", embeddings, owners)
        with (
            serving(data, durability="process") as server,
            grpc.insecure_channel(server.address, options=_OPTIONS) as channel,
        ):
            ours = Ours(PeopleServiceStub(channel))
            assert ours.first_page() == plain.first_page()
            _measure(report, ours, plain, merger, embeddings)
    report.finish("people")


def _measure(
    report: Report, ours: Ours, plain: Plain, merger: Merger, embeddings: np.ndarray
) -> None:
    rows = iter(np.random.default_rng(3).permutation(len(embeddings)).tolist())
    probes = iter([row for row in rows for _ in "12"])  # the same face for both in turn
    asked: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        f"first page of {PAGE:,} people": (plain.first_page, ours.first_page),
        f"merge of {merger.count:,} faces": (
            lambda: plain.merge(merger),
            lambda: ours.merge(merger),
        ),
        "undo of the merge": (lambda: plain.undo(merger), ours.undo),
        f"ExplainFace, {NEIGHBORS} neighbors": (
            lambda: plain.neighbors(embeddings[next(probes)]),
            lambda: ours.explain(next(probes)),
        ),
    }
    steps = {
        f"{who}: {name}": works[side]
        for name, works in asked.items()
        for side, who in enumerate(("plain LanceDB", "Facefolk"))
    }
    timed = {name: _milliseconds(work) for name, work in steps.items()}
    taken = alternate(timed, times=TIMES, warm_up=2)
    for name in asked:
        peer = report.add(
            figure(f"plain LanceDB: {name}", "ms", taken[f"plain LanceDB: {name}"])
        )
        mine = figure(f"Facefolk: {name}", "ms", taken[f"Facefolk: {name}"])
        report.add(mine.against(peer, aim="under 1"))


def _milliseconds(work: Callable[[], object]) -> Callable[[], float]:
    return lambda: seconds(work) * 1000


class Ours:
    """A caller of the server."""

    def __init__(self, stub: PeopleServiceStub) -> None:
        self._stub = stub

    def first_page(self) -> list[int]:
        """Return how many faces each person of the first page has."""
        page = self._stub.ListPeople(pb.ListPeopleRequest(page_size=PAGE))
        return [person.face_count for person in page.people]

    def merge(self, merger: Merger) -> None:
        """Merge people."""
        request = pb.MergePeopleRequest(
            target_person_id=merger.target, source_person_ids=merger.sources
        )
        self._stub.MergePeople(request)

    def undo(self) -> None:
        """Undo the newest event."""
        (newest,) = self._stub.ListEvents(pb.ListEventsRequest(page_size=1)).events
        self._stub.UndoEvent(pb.UndoEventRequest(event_id=newest.event_id))

    def explain(self, row: int) -> None:
        """Explain a face."""
        self._stub.ExplainFace(
            pb.ExplainFaceRequest(face_id=face_id(row), max_neighbors=NEIGHBORS)
        )


class Plain:
    """A LanceDB table of faces with their people."""

    def __init__(self, path: Path, embeddings: np.ndarray, owners: np.ndarray) -> None:
        count = len(owners)
        values = pa.array(embeddings.reshape(-1))
        columns = {
            "face_id": [face_id(row) for row in range(count)],
            "asset_id": [asset_id(row) for row in range(count)],
            "person_id": [person_id(owner) for owner in owners.tolist()],
            "quality": pa.array(np.full(count, 0.5, np.float32)),
            "vector": pa.FixedSizeListArray.from_arrays(values, DIMENSION),
        }
        self._table = lancedb.connect(path).create_table("faces", pa.table(columns))
        self._table.create_index("face_id", config=BTree())
        self._table.create_index("person_id", config=BTree())

    def first_page(self) -> list[int]:
        """Return how many faces each person of the first page has.

        LanceDB has no grouping: the columns are read and Arrow groups them.
        """
        columns = ["person_id", "asset_id", "quality", "face_id"]
        faces = self._table.search().select(columns).to_arrow()
        people = faces.group_by("person_id").aggregate(
            [("face_id", "count"), ("asset_id", "count_distinct"), ("quality", "max")]
        )
        listed = people.filter(pc.greater_equal(people["face_id_count"], FEWEST))
        order = [("face_id_count", "descending"), ("person_id", "ascending")]
        counts: list[int] = listed.sort_by(order)[:PAGE]["face_id_count"].to_pylist()
        return counts

    def merge(self, merger: Merger) -> None:
        """Give the faces of the sources to the target."""
        names = ", ".join(f"'{source}'" for source in merger.sources)
        self._table.update(where=f"person_id IN ({names})", values={"person_id": merger.target})

    def undo(self, merger: Merger) -> None:
        """Give the faces back, one update for each source."""
        for source, faces in merger.faces.items():
            names = ", ".join(f"'{face}'" for face in faces)
            self._table.update(where=f"face_id IN ({names})", values={"person_id": source})

    def neighbors(self, embedding: np.ndarray) -> None:
        """Find the nearest faces with their people."""
        found = self._table.search(embedding).distance_type("cosine")
        columns = ["face_id", "person_id", "_distance"]
        found.distance_range(upper_bound=REACH).select(columns).limit(NEIGHBORS).to_list()


def _merger(owners: np.ndarray) -> Merger:
    """Return a merge of the largest people that moves at least so many faces."""
    (target, _), *largest = Counter(owners.tolist()).most_common()
    moved, sources = 0, []
    for owner, size in largest:
        sources.append(owner)
        moved += size
        if moved >= MERGED_FACES:
            break
    faces = {
        person_id(owner): tuple(map(face_id, np.flatnonzero(owners == owner).tolist()))
        for owner in sources
    }
    return Merger(person_id(target), tuple(faces), faces)


_OPTIONS = [("grpc.max_receive_message_length", 64 << 20)]

if __name__ == "__main__":
    sys.exit(typer.run(main))
