"""`facefolk-server serve`."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from facefolk_server.cli.reporting import exit_status

_logger = logging.getLogger(__name__)


def serve(
    *,
    listen: Annotated[
        str | None, typer.Option(help="HOST:PORT; port 0 for any.", show_default=False)
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(help="The directory or bucket of the store.", show_default=False),
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="A TOML file with settings.", show_default=False)
    ] = None,
) -> None:
    """Serve until told to stop; `facefolk-server settings` tells what else can be set."""
    with exit_status():
        from facefolk_server.app.preflight import check_platform, strange_variables
        from facefolk_server.memory import share_arenas

        check_platform()
        share_arenas()
        # Settings come before what takes long to import, so a wrong one is told at once.
        from facefolk_server.app.logs import configure_logging
        from facefolk_server.settings import load_settings

        settings = load_settings(config, listen=listen, data=data)
        configure_logging(sys.stderr, level=settings.log_level, form=settings.log_format)
        for sentence in strange_variables(os.environ):
            _logger.warning("%s", sentence)
        # This does not import on other platforms.
        from facefolk_server.app.lifecycle import run

        asyncio.run(run(settings, announce=_announce))


def _announce(line: str) -> None:
    typer.echo(line)
    sys.stdout.flush()
