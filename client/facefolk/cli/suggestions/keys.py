"""Answers from the keyboard, or from lines where nobody sits at one."""

from __future__ import annotations

import enum
import sys

import typer


class Key(enum.StrEnum):
    """What can be said to a question; the first letter is enough."""

    YES = "yes"
    NO = "no"
    LATER = "later"
    UNDO = "undo"
    QUIT = "quit"


def next_key() -> Key | None:
    """Return what is pressed, or the next line says; None for anything else.

    The end of the input is QUIT.
    """
    if sys.stdin.isatty():
        try:
            word = typer.getchar()
        except EOFError:
            return Key.QUIT
    else:
        word = sys.stdin.readline()
        if not word:
            return Key.QUIT
    word = word.strip().lower()
    return next((key for key in Key if word and key.value.startswith(word)), None)
