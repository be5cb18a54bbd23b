"""Why a face is where it is, in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from facefolk.cli.face_words import moment, why
from facefolk.cli.references import Names
from facefolk.cli.screen import clock_time, counted, fields_table, shown, table
from facefolk.types import Explanation

_PERSON_ID: Final = re.compile(r"\bp_\w+")


def explanation(told: Explanation, names: Names) -> RenderableType:
    """Return what is told of a face: itself, what was said of it, and its neighbors."""
    parts: list[RenderableType] = [fields_table(list(_fields(told, names)))]
    if told.neighbors:
        parts += [Text(""), _neighbors_table(told, names)]
    return Group(*parts)


def _fields(told: Explanation, names: Names) -> Iterator[tuple[str, object]]:
    face = told.face
    yield "face", face.face_id
    yield "asset", " ".join(filter(None, (face.asset_id, moment(face.frame_offset))))
    yield "person", names.of(face.person_id) if face.person_id else "nobody"
    yield "why", why(face)
    core = "core" if told.core else "not core"
    near = counted(told.neighbor_count, "face", "faces")
    yield "now", f"{core}: {near} within the distance, itself included"
    if told.only_copies:
        yield "", "all its neighbors are copies of it"
    yield "quality", face.quality
    for veto in told.vetoes:
        yield "because", _PERSON_ID.sub(lambda found: names.of(found[0]), veto)
    for mark in told.marks:
        who = f" {names.of(mark.person_id)}" if mark.person_id else ""
        yield "marked", mark.kind.name.lower().replace("_", " ") + who
    if told.round:
        yield "decided by", f"round {told.round.round_id}, {clock_time(told.round.start_time)}"


def _neighbors_table(told: Explanation, names: Names) -> Table:
    drawn = table("neighbor", "person", ">distance", "")
    for one in told.neighbors:
        flags = [flag for flag in ("core", "lends", "copy") if getattr(one, flag)]
        person = names.of(one.person_id) if one.person_id else ""
        drawn.add_row(one.face_id, shown(person), f"{one.distance:.3f}", ", ".join(flags))
    return drawn
