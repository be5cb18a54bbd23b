"""`facefolk person`: what is said of people, and which faces are whose."""

from __future__ import annotations

from collections.abc import Callable

import typer

from facefolk.cli.person.faces import assign, create, mark, unassign
from facefolk.cli.person.past import history, undo
from facefolk.cli.person.record import (
    birthday,
    favorite,
    feature,
    hide,
    rename,
    show,
    unhide,
)
from facefolk.cli.person.whole import delete, merge

app = typer.Typer(
    help="Show and change people; each is named by a name, an id, or how one of them begins.",
    no_args_is_help=True,
)
_COMMANDS: tuple[Callable[..., None], ...] = (
    show,
    rename,
    birthday,
    hide,
    unhide,
    favorite,
    feature,
    merge,
    create,
    delete,
    assign,
    unassign,
    mark,
    undo,
    history,
)
for command in _COMMANDS:
    app.command()(command)

__all__ = ["app"]
