"""`facefolk rounds`, and rounds in words."""

from __future__ import annotations

import itertools
from typing import Annotated

import typer
from rich.table import Table

from facefolk.cli.lists import Limit
from facefolk.cli.references import find_round
from facefolk.cli.screen import clock_time, counted, shown, table
from facefolk.cli.session import Json, session
from facefolk.types import Round, RoundState


def sentence(ended: Round) -> str:
    """Return what a round did."""
    match ended.state:
        case RoundState.FAILED:
            return f"Round {ended.round_id} failed: {ended.error or 'no reason was told'}."
        case RoundState.CANCELLED:
            return f"Round {ended.round_id} was cancelled; it changed nothing."
        case RoundState.SUCCEEDED:
            return f"{_counts(ended)}."
        case RoundState.PREVIEWED:
            return f"Preview: {_counts(ended)}; nothing has changed yet."
    return f"Round {ended.round_id} is {ended.state.name.lower()}."


def _counts(ended: Round) -> str:
    if not ended.faces_queued:
        return "No face waits for a person"
    parts = [f"{ended.faces_assigned} of {ended.faces_queued} faces assigned"]
    parts += [counted(ended.people_created, "person", "people") + " created"]
    parts += [f"{ended.outliers} wait for more photos"] if ended.outliers else []
    parts += [f"{ended.pruned} taken back"] if ended.pruned else []
    return ", ".join(parts)


def rounds(
    context: typer.Context,
    *,
    cancel: Annotated[
        str,
        typer.Option(
            metavar="ROUND", help="Stop this round, or drop this preview.", show_default=False
        ),
    ] = "",
    limit: Limit = 20,
    as_json: Json = False,
) -> None:
    """List rounds, the newest first, or stop one that runs."""
    with session(context, as_json=as_json) as given:
        if cancel:
            stopped = given.client.cancel_round(find_round(given.client, cancel))
            given.screen.show(stopped, lambda: sentence(stopped))
            return
        found = tuple(itertools.islice(given.client.list_rounds(), limit or None))
        given.screen.show(found, lambda: _rounds_table(found))


def _rounds_table(found: tuple[Round, ...]) -> Table:
    drawn = table("round", "mode", "state", "begun", ">faces", ">assigned", ">new people", "")
    for one in found:
        drawn.add_row(
            one.round_id,
            one.mode.name.lower(),
            one.state.name.lower(),
            clock_time(one.start_time),
            str(one.faces_queued),
            str(one.faces_assigned),
            str(one.people_created),
            shown(one.error) if one.error else "",
        )
    return drawn
