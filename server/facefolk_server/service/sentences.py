"""Lists of sentences that stay short."""

from __future__ import annotations

from collections.abc import Sequence

MAX_SENTENCES = 100


def at_most(sentences: Sequence[str], what: str) -> tuple[str, ...]:
    """Return the first hundred sentences, and one that counts the rest as `what`."""
    rest = len(sentences) - MAX_SENTENCES
    if rest <= 0:
        return tuple(sentences)
    return (*sentences[:MAX_SENTENCES], f"There are {rest} more {what}.")
