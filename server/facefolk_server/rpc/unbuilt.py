"""What the API declares and the server cannot do yet."""

from __future__ import annotations

from facefolk_server.errors import NotBuiltError


def not_built(method: str) -> NotBuiltError:
    """Make the error that a method answers until it is built."""
    return NotBuiltError(
        f"{method} is declared in the API and not built yet: this version of the server "
        "cannot do it.",
        method=method,
    )
