"""The command `facefolk-server`."""

from __future__ import annotations

from typing import Annotated

import typer

from facefolk_server.cli.doctor import doctor
from facefolk_server.cli.models import app as models
from facefolk_server.cli.serve import serve

app = typer.Typer(
    name="facefolk-server",
    help="The service that finds faces in photographs and gathers them into people.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(serve)
app.command()(doctor)
app.add_typer(models, name="models")


@app.command()
def settings(
    *,
    markdown: Annotated[bool, typer.Option(help="Print the table of the README.")] = False,
) -> None:
    """Print what can be set by the environment or a TOML file."""
    from facefolk_server.settings import settings_table

    table = settings_table()
    typer.echo(table if markdown else table.replace("`", ""))


def main() -> None:
    """Run the command."""
    app()
