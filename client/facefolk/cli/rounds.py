"""`facefolk round` and `facefolk rounds`."""

from __future__ import annotations

import itertools
from typing import Annotated

import typer
from rich.table import Table

from facefolk.cli.bars import round_bar
from facefolk.cli.screen import counted, shown, table
from facefolk.cli.session import Json, Session, session
from facefolk.cli.statuses import ExitStatus
from facefolk.types import Round, RoundMode, RoundState

Limit = Annotated[int, typer.Option(min=0, help="How many to list; 0 for all.")]


def round_(
    context: typer.Context,
    *,
    everything: Annotated[
        bool,
        typer.Option("--all", help="Decide about all faces, not only those without a person."),
    ] = False,
    wait: Annotated[
        bool, typer.Option(help="Wait for the end of the round, or answer at once.")
    ] = True,
    now: Annotated[
        bool, typer.Option("--now", help="Do not wait for ingestion to go quiet.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Gather faces into people."""
    mode = RoundMode.ALL if everything else RoundMode.MISSING
    with session(context, as_json=as_json) as given:
        if wait:
            ended = _follow(given, mode, now=now)
        else:
            ended = given.client.start_round(mode, skip_waiting=now)
        given.screen.show(ended, lambda: sentence(ended))
        if ended.state in (RoundState.FAILED, RoundState.CANCELLED):
            raise typer.Exit(ExitStatus.PARTLY)


def _follow(given: Session, mode: RoundMode, *, now: bool) -> Round:
    with round_bar(given.screen) as progress:
        try:
            return given.client.run_round(mode, skip_waiting=now, progress=progress)
        except KeyboardInterrupt:
            given.screen.note(
                "A round that has begun goes on at the server: 'facefolk rounds' shows it, "
                "'facefolk rounds --cancel ROUND_ID' stops it."
            )
            raise


def sentence(ended: Round) -> str:
    """Return what a round did."""
    match ended.state:
        case RoundState.FAILED:
            return f"Round {ended.round_id} failed: {ended.error or 'no reason was told'}."
        case RoundState.CANCELLED:
            return f"Round {ended.round_id} was cancelled; it changed nothing."
        case RoundState.SUCCEEDED:
            parts = [f"{ended.faces_assigned} of {ended.faces_queued} faces assigned"]
            parts += [counted(ended.people_created, "person", "people") + " created"]
            parts += [f"{ended.outliers} wait for more photos"] if ended.outliers else []
            parts += [f"{ended.pruned} taken back"] if ended.pruned else []
            return f"{', '.join(parts)}."
    return f"Round {ended.round_id} is {ended.state.name.lower()}."


def rounds(
    context: typer.Context,
    *,
    cancel: Annotated[
        str, typer.Option(metavar="ROUND_ID", help="Stop this round.", show_default=False)
    ] = "",
    limit: Limit = 20,
    as_json: Json = False,
) -> None:
    """List rounds, the newest first, or stop one that runs."""
    with session(context, as_json=as_json) as given:
        if cancel:
            stopped = given.client.cancel_round(cancel)
            given.screen.show(stopped, lambda: sentence(stopped))
            return
        found = tuple(itertools.islice(given.client.list_rounds(), limit or None))
        given.screen.show(found, lambda: _rounds_table(found))


def _rounds_table(found: tuple[Round, ...]) -> Table:
    drawn = table("round", "mode", "state", "begun", ">faces", ">assigned", ">new people", "")
    for one in found:
        begun = one.start_time.strftime("%Y-%m-%d %H:%M") if one.start_time else ""
        drawn.add_row(
            one.round_id,
            one.mode.name.lower(),
            one.state.name.lower(),
            begun,
            str(one.faces_queued),
            str(one.faces_assigned),
            str(one.people_created),
            shown(one.error) if one.error else "",
        )
    return drawn
