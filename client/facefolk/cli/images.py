"""`facefolk detect` and `facefolk search`: what an image shows; nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from facefolk.cli.face_words import corners
from facefolk.cli.screen import shown, table
from facefolk.cli.session import Json, session
from facefolk.errors import UnreadableFileError, UsageError
from facefolk.types import Detection, SearchResult


def detect(
    context: typer.Context,
    image: Annotated[Path, typer.Argument(help="A JPEG, PNG or WebP.")],
    *,
    min_score: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="In place of the library's.", show_default=False),
    ] = None,
    as_json: Json = False,
) -> None:
    """Find the faces of an image, in its own upright pixels."""
    with session(context, as_json=as_json) as given:
        found = given.client.detect(_bytes(image), min_score=min_score)
        given.screen.show(found, lambda: _detection_table(found))
        if not found.faces:
            given.screen.note("No face was found.")


def search(
    context: typer.Context,
    image: Annotated[
        Path | None, typer.Argument(help="A JPEG, PNG or WebP.", show_default=False)
    ] = None,
    *,
    face: Annotated[
        str,
        typer.Option(
            metavar="FACE_ID", help="A stored face in place of an image.", show_default=False
        ),
    ] = "",
    count: Annotated[
        int, typer.Option("--count", "-k", min=1, help="How many faces at most.")
    ] = 10,
    max_distance: Annotated[
        float | None,
        typer.Option(min=0, max=2, help="In place of the library's.", show_default=False),
    ] = None,
    hidden: Annotated[bool, typer.Option("--hidden", help="Hidden people too.")] = False,
    as_json: Json = False,
) -> None:
    """Find the stored faces nearest to each face of an image, or to a stored face."""
    with session(context, as_json=as_json) as given:
        if bool(image) == bool(face):
            raise UsageError("Give an image, or a face by --face.")
        found = given.client.search_faces(
            _bytes(image) if image else face,
            k=count,
            max_distance=max_distance,
            include_hidden=hidden,
        )
        given.screen.show(found, lambda: _search_table(found))
        if not found:
            given.screen.note("No face was found in the image.")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFileError(f"{path} cannot be read: {error.strerror}.") from error


def _detection_table(found: Detection) -> Table:
    drawn = table(">face", "box", ">score", ">quality")
    for number, face in enumerate(found.faces, start=1):
        drawn.add_row(
            str(number), corners(face.box), f"{face.score:.2f}", f"{face.quality:.2f}"
        )
    return drawn


def _search_table(found: Sequence[SearchResult]) -> Table:
    drawn = table(">face", "nearest person", "stored face", "asset", "person", ">distance")
    for number, result in enumerate(found, start=1):
        match = result.match
        nearest = shown(match.name or match.person_id) if match else "nobody"
        if not result.hits:
            drawn.add_row(str(number), nearest, "none within the distance")
        for hit in result.hits:
            drawn.add_row(
                str(number),
                nearest,
                hit.face.face_id,
                shown(hit.face.asset_id),
                shown(hit.face.person_id),
                f"{hit.distance:.3f}",
            )
    return drawn
