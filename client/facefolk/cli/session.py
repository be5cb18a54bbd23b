"""From the options before a command to a client, and from errors to exit statuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facefolk.cli.screen import Screen
from facefolk.cli.statuses import ExitStatus, status_of
from facefolk.errors import DeadlineError, FacefolkError, UnavailableError, UsageError

if TYPE_CHECKING:
    from facefolk import Client, Tls

Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON document in place of a table.")
]


@dataclass(frozen=True, slots=True)
class Target:
    """Which server and library the command is about, as the options say."""

    address: str
    library_id: str = ""
    token_file: Path | None = None
    plaintext_token: bool = False
    tls: Tls | None = None
    timeout_seconds: float = 60.0

    def connect(self) -> Client:
        """Return a client; nothing has been sent yet."""
        from facefolk import Client  # a line of help comes without gRPC

        return Client(
            self.address,
            tls=self.tls,
            token=self._token(),
            plaintext_token=self.plaintext_token,
            library_id=self.library_id,
            timeout_seconds=self.timeout_seconds,
        )

    def _token(self) -> str:
        if self.token_file is None:
            return ""
        try:
            token = self.token_file.read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not text"
            raise UsageError(f"{self.token_file} cannot be read: {reason}.") from error
        if not token:
            raise UsageError(f"{self.token_file} is empty; it has to hold a token.")
        return token


@dataclass(frozen=True, slots=True)
class Session:
    """What a command works with."""

    client: Client
    screen: Screen


@contextmanager
def session(context: typer.Context, *, as_json: bool = False) -> Iterator[Session]:
    """Connect, and leave with the right status where something goes wrong."""
    target: Target = context.obj
    screen = Screen(as_json=as_json)
    with exit_status(screen, address=target.address), target.connect() as client:
        yield Session(client, screen)


@contextmanager
def exit_status(screen: Screen, *, address: str = "") -> Iterator[None]:
    """Print what went wrong as one line and leave with the status that says of what kind."""
    try:
        yield
    except FacefolkError as error:
        screen.fail(error, explain(error, address))
        raise typer.Exit(status_of(error)) from error
    except KeyboardInterrupt as interrupt:
        screen.note("Interrupted.")
        raise typer.Exit(ExitStatus.INTERRUPTED) from interrupt


def explain(error: FacefolkError, address: str) -> str:
    """Return the message of an error; gRPC's own about servers out of reach says too much."""
    if isinstance(error, UnavailableError) and not error.reason and address:
        cause = error.message.rsplit(": ", 1)[-1].rstrip(".")
        return (
            f"No server answers at {address} ({cause}). Start one with 'facefolk-server "
            "serve', or name another by --address HOST:PORT or FACEFOLK_ADDRESS."
        )
    if isinstance(error, DeadlineError) and not error.reason:
        return "The server did not answer in time; --timeout SECONDS allows it more."
    return error.message
