"""The commands of `facefolk`, put together."""

from __future__ import annotations

import sys
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from facefolk.cli.assets import app as assets
from facefolk.cli.demo import demo
from facefolk.cli.erasures import erasure
from facefolk.cli.faces import app as faces
from facefolk.cli.history import history
from facefolk.cli.images import detect, search
from facefolk.cli.ingestion import ingest
from facefolk.cli.models import app as models
from facefolk.cli.moving import export, import_
from facefolk.cli.people import people
from facefolk.cli.person import app as person
from facefolk.cli.person.past import undo
from facefolk.cli.report import report
from facefolk.cli.round import app as round_
from facefolk.cli.rounds import rounds
from facefolk.cli.session import Target
from facefolk.cli.settings import app as settings
from facefolk.cli.status import status
from facefolk.cli.statuses import EXIT_STATUSES, ExitStatus
from facefolk.cli.suggestions import app as suggestions

DEFAULT_ADDRESS = "127.0.0.1:50051"

app = typer.Typer(
    name="facefolk",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    epilog=EXIT_STATUSES,
)
app.command()(demo)
app.command()(ingest)
app.add_typer(round_, name="round")
app.command()(rounds)
app.command()(people)
app.add_typer(person, name="person")
app.add_typer(suggestions, name="suggestions")
app.add_typer(faces, name="faces")
app.add_typer(assets, name="assets")
app.command()(detect)
app.command()(search)
app.command()(report)
app.command()(history)
app.command()(undo)
app.command()(erasure)
app.command()(export)
app.command("import")(import_)
app.command()(status)
app.add_typer(settings, name="settings")
app.add_typer(models, name="models")
app.add_typer(models, name="packs", hidden=True)


def _tell_version(*, wanted: bool) -> None:
    if wanted:
        typer.echo(version("facefolk"))
        raise typer.Exit


@app.callback()
def prepare(
    context: typer.Context,
    address: Annotated[
        str, typer.Option(envvar="FACEFOLK_ADDRESS", help="The server: HOST:PORT.")
    ] = DEFAULT_ADDRESS,
    library: Annotated[
        str,
        typer.Option(
            envvar="FACEFOLK_LIBRARY",
            help="The library; the default one where not given.",
            show_default=False,
        ),
    ] = "",
    token_file: Annotated[
        Path | None,
        typer.Option(
            envvar="FACEFOLK_TOKEN_FILE", help="A file with the token.", show_default=False
        ),
    ] = None,
    plaintext_token: Annotated[
        bool,
        typer.Option(
            "--plaintext-token", help="Send the token without TLS: the network is safe."
        ),
    ] = False,
    tls: Annotated[
        bool, typer.Option("--tls", help="Use TLS; the other TLS options imply it.")
    ] = False,
    tls_ca: Annotated[
        Path | None,
        typer.Option(help="Who may have signed the server's certificate, PEM."),
    ] = None,
    tls_cert: Annotated[
        Path | None, typer.Option(help="A certificate to show to the server, PEM.")
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option(help="The key of that certificate, PEM.")
    ] = None,
    tls_name: Annotated[
        str, typer.Option(help="The name to verify in place of the host.", show_default=False)
    ] = "",
    timeout: Annotated[
        float, typer.Option(min=0.1, help="How long a call may take, in seconds.")
    ] = 60.0,
    _version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Print the version and leave.",
            is_eager=True,
            callback=lambda wanted: _tell_version(wanted=wanted),
        ),
    ] = False,
) -> None:
    """Find the faces in photographs and gather them into people."""
    # What Pillow says of damaged tags and large pictures would only break the bars.
    warnings.filterwarnings("ignore", module="PIL")
    secure = None
    if tls or tls_ca or tls_cert or tls_key or tls_name:
        from facefolk import Tls

        secure = Tls(tls_ca, tls_cert, tls_key, tls_name)
    context.obj = Target(
        address=address,
        library_id=library,
        token_file=token_file,
        plaintext_token=plaintext_token,
        tls=secure,
        timeout_seconds=timeout,
    )


def run() -> None:
    """Run the command; what nobody foresaw is told in one line too."""
    try:
        app()
    except Exception as error:
        kind = type(error).__name__
        sys.stderr.write(f"This is a bug of facefolk: {kind}: {error}. Please report it.\n")
        sys.exit(ExitStatus.BUG)
