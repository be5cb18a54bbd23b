"""`facefolk erasure`: the receipt of what was erased."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from facefolk.cli.bars import spinner
from facefolk.cli.screen import counted
from facefolk.cli.session import Json, Session, session
from facefolk.cli.values import json_value
from facefolk.types import Erasure, ErasureState

Wait = Annotated[
    bool, typer.Option("--wait", help="Wait until no file of the server holds it any more.")
]


def erasure(
    context: typer.Context,
    erasure_id: Annotated[str, typer.Argument(metavar="ERASURE", help="The receipt's id.")],
    *,
    wait: Wait = False,
    as_json: Json = False,
) -> None:
    """Tell how far an erasure is."""
    with session(context, as_json=as_json) as given:
        receipt = (
            waited_for(given, erasure_id) if wait else given.client.get_erasure(erasure_id)
        )
        given.screen.show(receipt, lambda: sentence(receipt))


def follow_erasure(given: Session, erasure_id: str, *, value: Any, wait: bool) -> None:
    """Print the receipt of what was just erased, with the reply that named it."""
    receipt = waited_for(given, erasure_id) if wait else given.client.get_erasure(erasure_id)
    given.screen.show({**value, "erasure": json_value(receipt)}, lambda: sentence(receipt))


def waited_for(given: Session, erasure_id: str) -> Erasure:
    """Wait for the end of an erasure."""
    with spinner(given.screen, "erasing"):
        return given.client.wait_for_erasure(erasure_id)


def sentence(receipt: Erasure) -> str:
    """Return how far an erasure is."""
    removed = ", ".join(
        (
            counted(receipt.assets_removed, "asset", "assets"),
            counted(receipt.faces_removed, "face", "faces"),
            counted(receipt.people_removed, "person", "people"),
        )
    )
    held = f" Backups that hold it: {', '.join(receipt.backups)}." if receipt.backups else ""
    if receipt.state is ErasureState.DONE:
        return f"Erased, and in no file any more: {removed}.{held}"
    return (
        f"In no list any more: {removed}. Old versions of files go soon; "
        f"'facefolk erasure {receipt.erasure_id} --wait' tells when.{held}"
    )
