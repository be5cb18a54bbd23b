"""`facefolk round`: gathering faces into people, after a look ahead where wanted."""

from __future__ import annotations

from typing import Annotated

import typer

from facefolk.cli.bars import round_bar
from facefolk.cli.differences import DEFAULT_ROWS, tell_difference
from facefolk.cli.references import find_round
from facefolk.cli.rounds import sentence
from facefolk.cli.session import Json, Session, session
from facefolk.cli.statuses import ExitStatus
from facefolk.errors import UsageError
from facefolk.types import Round, RoundMode, RoundSettings, RoundState

app = typer.Typer(help="Gather faces into people; look ahead with --preview, then commit.")
RoundWord = Annotated[str, typer.Argument(metavar="ROUND", help="Its id, or how it begins.")]
Rows = Annotated[
    int, typer.Option("--limit", min=0, help="How many people to show; 0 for all.")
]


@app.callback(invoke_without_command=True)
def round_(
    context: typer.Context,
    *,
    everything: Annotated[
        bool,
        typer.Option("--all", help="Decide about all faces, not only those without a person."),
    ] = False,
    preview: Annotated[
        bool, typer.Option("--preview", help="Show what it would change, and change nothing.")
    ] = False,
    max_recognition_distance: Annotated[
        float | None, typer.Option(min=0, max=2, help="For this preview.", show_default=False)
    ] = None,
    min_recognized_faces: Annotated[
        int | None, typer.Option(min=1, help="For this preview.", show_default=False)
    ] = None,
    one_face_per_asset: Annotated[
        bool | None, typer.Option(help="For this preview.", show_default=False)
    ] = None,
    chain_guard: Annotated[
        bool | None, typer.Option(help="For this preview.", show_default=False)
    ] = None,
    quality_gate: Annotated[
        bool | None, typer.Option(help="For this preview.", show_default=False)
    ] = None,
    pack: Annotated[
        str | None, typer.Option(help="For this preview.", show_default=False)
    ] = None,
    wait: Annotated[
        bool, typer.Option(help="Wait for the end of the round, or answer at once.")
    ] = True,
    now: Annotated[
        bool, typer.Option("--now", help="Do not wait for ingestion to go quiet.")
    ] = False,
    limit: Rows = DEFAULT_ROWS,
    as_json: Json = False,
) -> None:
    """Gather faces into people."""
    if context.invoked_subcommand is not None:
        return
    mode = RoundMode.ALL if everything else RoundMode.MISSING
    settings = RoundSettings(
        max_recognition_distance=max_recognition_distance,
        min_recognized_faces=min_recognized_faces,
        one_face_per_asset=one_face_per_asset,
        chain_guard=chain_guard,
        quality_gate=quality_gate,
        pack=pack,
    )
    with session(context, as_json=as_json) as given:
        if settings != RoundSettings() and not preview:
            raise UsageError(
                "Settings of one round go with --preview; 'facefolk settings set' changes them "
                "for good."
            )
        if wait:
            ended = _follow(given, mode, preview=preview, settings=settings, now=now)
        else:
            ended = given.client.start_round(
                mode, preview=preview, settings=settings, skip_waiting=now
            )
        _tell(given, ended, rows=limit)


@app.command()
def show(
    context: typer.Context,
    round_word: RoundWord,
    *,
    limit: Rows = DEFAULT_ROWS,
    as_json: Json = False,
) -> None:
    """Show how a round stands and what it changes."""
    with session(context, as_json=as_json) as given:
        found = given.client.get_round(find_round(given.client, round_word))
        given.screen.show(found, lambda: sentence(found))
        if not as_json:
            tell_difference(given, found, rows=limit)


@app.command()
def commit(context: typer.Context, round_word: RoundWord, *, as_json: Json = False) -> None:
    """Make a preview real: exactly what it showed, or nothing where the ground has moved."""
    with session(context, as_json=as_json) as given:
        round_id = find_round(given.client, round_word)
        _tell(given, given.client.commit_round(round_id), rows=0)


def _tell(given: Session, ended: Round, *, rows: int) -> None:
    given.screen.show(ended, lambda: sentence(ended))
    if ended.state is RoundState.PREVIEWED and not given.screen.as_json:
        tell_difference(given, ended, rows=rows)
        given.screen.note(f"To make it so: facefolk round commit {ended.round_id}")
    if ended.state in (RoundState.FAILED, RoundState.CANCELLED):
        raise typer.Exit(ExitStatus.PARTLY)


def _follow(
    given: Session, mode: RoundMode, *, preview: bool, settings: RoundSettings, now: bool
) -> Round:
    with round_bar(given.screen) as progress:
        try:
            return given.client.run_round(
                mode, preview=preview, settings=settings, skip_waiting=now, progress=progress
            )
        except KeyboardInterrupt:
            given.screen.note(
                "A round that has begun goes on at the server: 'facefolk rounds' shows it, "
                "'facefolk rounds --cancel ROUND' stops it."
            )
            raise
