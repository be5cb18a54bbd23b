"""The command: a review by keyboard, a list, and single answers."""

from __future__ import annotations

import enum
import itertools
from pathlib import Path
from typing import Annotated

import typer

from facefolk.cli.events import events_table
from facefolk.cli.lists import Limit, first_of_many, taken
from facefolk.cli.references import Names
from facefolk.cli.session import Json, Session, session
from facefolk.cli.suggestions.keys import next_key
from facefolk.cli.suggestions.pictures import album
from facefolk.cli.suggestions.questions import suggestions_table
from facefolk.cli.suggestions.review import Review
from facefolk.errors import MissingExtraError
from facefolk.report.page import require_report
from facefolk.types import SuggestionAnswer, SuggestionKind

app = typer.Typer(
    help="Go through questions whose answers settle faces: yes, no, later, undo, quit."
)


class Kind(enum.StrEnum):
    """What is asked."""

    ALL = "all"
    MERGE = "merge"
    DOUBTFUL_FACE = "doubtful-face"
    OUTLIER = "outlier"
    SAME_ASSET = "same-asset"


class Answer(enum.StrEnum):
    """What can be answered."""

    YES = "yes"
    NO = "no"
    LATER = "later"


@app.callback(invoke_without_command=True)
def suggestions(
    context: typer.Context,
    *,
    kind: Annotated[Kind, typer.Option(help="Only questions of this kind.")] = Kind.ALL,
    as_list: Annotated[bool, typer.Option("--list", help="List them and ask nothing.")] = False,
    hidden: Annotated[bool, typer.Option("--hidden", help="About hidden people too.")] = False,
    pictures: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Write a page of faces for each question there; at a terminal one is always "
            "written, and goes afterwards.",
            show_default=False,
        ),
    ] = None,
    no_pictures: Annotated[bool, typer.Option("--no-pictures", help="Write no pages.")] = False,
    limit: Limit = 100,
    as_json: Json = False,
) -> None:
    """Go through questions whose answers settle faces, by keyboard or line by line."""
    if context.invoked_subcommand is not None:
        return
    with session(context, as_json=as_json) as given:
        asked = given.client.list_suggestions(
            kind=SuggestionKind.UNSPECIFIED if kind is Kind.ALL else SuggestionKind[kind.name],
            include_hidden=hidden,
        )
        if as_list or as_json:
            found, total = taken(asked, limit)
            names = Names(given.client)
            given.screen.show(found, lambda: suggestions_table(found, names))
            if more := first_of_many(len(found), total, "suggestions"):
                given.screen.note(more)
            return
        if pictures is not None:
            require_report()
        seen = given.screen.is_terminal and not no_pictures and _pages_can_be_made(given)
        with album(given.client, pictures, seen=seen) as pages:
            review = Review(given, pages, next_key)
            given.screen.print(review.run(itertools.islice(asked, limit or None)))


def _pages_can_be_made(given: Session) -> bool:
    try:
        require_report()
    except MissingExtraError as error:
        given.screen.note(error.message)
        return False
    return True


@app.command()
def answer(
    context: typer.Context,
    suggestion: Annotated[
        str, typer.Argument(metavar="SUGGESTION", help="Its id, as --list and --json show it.")
    ],
    said: Annotated[Answer, typer.Argument(metavar="yes|no|later", help="The answer.")],
    *,
    as_json: Json = False,
) -> None:
    """Answer one question."""
    with session(context, as_json=as_json) as given:
        event = given.client.answer_suggestion(suggestion, SuggestionAnswer[said.name])
        names = Names(given.client)
        given.screen.show(
            event,
            lambda: events_table([event], names) if event else "Asked again after a round.",
        )
