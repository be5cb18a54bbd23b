"""Asking before what cannot be taken back."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from facefolk.cli.statuses import CommandError, ExitStatus
from facefolk.errors import UsageError

Yes = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]


def make_sure(what: str, *, yes: bool) -> None:
    """Ask whether `what`, a sentence, is meant, unless `yes` says so.

    Raises:
        UsageError: nobody can be asked.
        CommandError: it is not meant.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(f"{what} Say --yes to do it; nobody can be asked here.")
    if not typer.confirm(f"{what} Do it?", err=True):
        raise CommandError("Nothing was changed.", ExitStatus.PARTLY)
