"""The main job on albums with labels: `python -m bench.albums PHOTOS --album lfw`.

Starts a server on a temporary directory, submits each album into a library of its own through
gRPC, runs one ALL round, and judges the people against the labels: of each labelled picture
the face nearest its center, a picture whose face was not found as alone.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from facefolk import Client, Face, RoundMode, RoundState
from rich.console import Console
from rich.table import Table

from bench.quality.albums import Album, load_albums
from bench.quality.scores import NOBODY, Scores, score
from bench.servers import serving


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of one album; `people` are those that are listed, times are seconds."""

    album: str
    pack: str
    distance: float
    minimum: int
    images: int
    detected: int
    faces: int
    people: int
    scores: Scores
    ingest_seconds: float
    round_seconds: float


def main(
    photos: Annotated[Path, typer.Argument(help="albums with labels.csv, or a folder each")],
    album: Annotated[list[str] | None, typer.Option(help="albums of it; default: all")] = None,
    pack: Annotated[str, typer.Option(help="the pack to use")] = "open",
    distance: Annotated[float, typer.Option(help="0: the pack's recommended one")] = 0.0,
    out: Annotated[Path | None, typer.Option(help="a JSON file for the figures")] = None,
) -> None:
    """Submit albums to a server, run one round, and judge the people."""
    albums = load_albums(photos, album or [])
    known = [one for one in albums if any(picture.person for picture in one.pictures)]
    with tempfile.TemporaryDirectory() as data, serving(Path(data), pack=pack) as server:
        rows = [
            judge(server.address, photos, one, pack=pack, distance=distance) for one in known
        ]
    _show(rows)
    if out is not None:
        out.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n")


def judge(address: str, photos: Path, album: Album, *, pack: str, distance: float) -> Judged:
    """Submit one album, run an ALL round, and judge the people against the labels."""
    # A folder with labels.csv holds the albums; any other folder is the album itself.
    folder = photos / album.name if (photos / album.name).is_dir() else photos
    prefix = f"{album.name}/" if folder != photos else ""
    with Client(address, library_id=f"{album.name}-{pack}", timeout_seconds=600) as client:
        if distance:
            client.update_settings(max_recognition_distance=distance)
        started = time.perf_counter()
        report = client.ingest([folder])
        ingested = time.perf_counter()
        if report.failed:
            raise SystemExit(f"not submitted: {report.failed}")
        ended = client.run_round(RoundMode.ALL, skip_waiting=True)
        if ended.state is not RoundState.SUCCEEDED:
            raise SystemExit(f"the round failed: {ended.error}")
        rounded = time.perf_counter()
        faces = list(client.list_faces(include_hidden=True))
        people = list(client.list_people())
        settings = client.get_settings()
    groups, labels, detected = labelled(album, faces, prefix=prefix)
    return Judged(
        album=album.name,
        pack=pack,
        distance=round(ended.max_recognition_distance, 6),
        minimum=settings.min_recognized_faces,
        images=len(album.pictures),
        detected=detected,
        faces=len(faces),
        people=len(people),
        scores=score(groups, labels, minimum=settings.min_recognized_faces),
        ingest_seconds=ingested - started,
        round_seconds=rounded - ingested,
    )


def labelled(
    album: Album, faces: Sequence[Face], *, prefix: str
) -> tuple[np.ndarray, np.ndarray, int]:
    """Return groups and labels `(n,) int64` of the pictures of one person, and how many of
    all pictures have a face."""
    people: dict[str, int] = {}
    names: dict[str, int] = {}
    groups: list[int] = []
    labels: list[int] = []
    by_asset: dict[str, list[Face]] = {}
    for face in faces:
        by_asset.setdefault(face.asset_id, []).append(face)
    detected = 0
    for picture in album.pictures:
        found = by_asset.get(picture.name.removeprefix(prefix), [])
        detected += bool(found)
        if picture.person is None:
            continue
        person = min(found, key=_off_center).person_id if found else ""
        groups.append(people.setdefault(person, len(people)) if person else NOBODY)
        labels.append(names.setdefault(picture.person, len(names)))
    return np.array(groups, np.int64), np.array(labels, np.int64), detected


def _off_center(face: Face) -> float:
    across = (face.box.x_min + face.box.x_max - face.image_width) / 2
    down = (face.box.y_min + face.box.y_max - face.image_height) / 2
    return across * across + down * down


def _show(rows: Sequence[Judged]) -> None:
    table = Table(title="One ALL round at the defaults but for the distance named")
    columns: Mapping[str, str] = {
        "album": "left", "pack": "left", "distance": "right", "images": "right",
        "detected": "right", "faces": "right", "people": "right", "true": "right",
        "ARI": "right", "wrong": "right", "mixed": "right", "left": "right",
        "images/s": "right", "round s": "right",
    }  # fmt: skip
    for name, justify in columns.items():
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    for row in rows:
        table.add_row(
            row.album,
            row.pack,
            f"{row.distance:g}",
            str(row.images),
            str(row.detected),
            str(row.faces),
            str(row.people),
            str(row.scores.true),
            f"{row.scores.ari:.4f}",
            str(row.scores.wrong),
            str(row.scores.mixed),
            str(row.scores.left),
            f"{row.images / row.ingest_seconds:.1f}",
            f"{row.round_seconds:.2f}",
        )
    Console(width=130).print(table)


if __name__ == "__main__":
    typer.run(main)
