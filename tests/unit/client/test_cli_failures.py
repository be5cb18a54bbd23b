"""How the command tells what went wrong: one line, a status, and JSON where asked for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from facefolk import errors
from facefolk.cli.statuses import ExitStatus, status_of
from google.rpc import code_pb2
from unit.client.commands import Command
from unit.client.fake_server import FakeServer, iterate
from unit.client.fake_world import status

REMOTE = [
    (code_pb2.NOT_FOUND, ExitStatus.PARTLY),
    (code_pb2.FAILED_PRECONDITION, ExitStatus.REFUSED),
    (code_pb2.PERMISSION_DENIED, ExitStatus.REFUSED),
    (code_pb2.UNIMPLEMENTED, ExitStatus.REFUSED),
    (code_pb2.DEADLINE_EXCEEDED, ExitStatus.UNREACHABLE),
    (code_pb2.INTERNAL, ExitStatus.BUG),
]


@pytest.mark.parametrize(("code", "wanted"), REMOTE)
def test_each_refusal_has_its_status(
    facefolk: Command, server: FakeServer, code: int, wanted: ExitStatus
) -> None:
    for _ in range(2):
        server.world.failures["GetStatus"].append(status(code, "Not so.", "NOT_SO", a="b"))
    done = facefolk("status", status=wanted)
    assert done.stdout == ""
    assert done.stderr == "Not so.\n"
    told = facefolk("status", "--json", status=wanted).json["error"]
    assert (told["message"], told["reason"], told["metadata"]) == (
        "Not so.",
        "NOT_SO",
        {"a": "b"},
    )
    assert told["code"] == code_pb2.Code.Name(code)


def test_every_error_has_a_status() -> None:
    assert status_of(errors.UsageError("")) is ExitStatus.USAGE
    assert status_of(errors.MissingExtraError("")) is ExitStatus.USAGE
    assert status_of(errors.OverloadedError("")) is ExitStatus.REFUSED
    assert status_of(errors.FacefolkError("")) is ExitStatus.BUG


def test_a_server_out_of_reach_is_named_in_one_line(server: FakeServer) -> None:
    address = server.address
    server.stop()
    done = Command(("--address", address))("ingest", ".", status=3)
    assert done.stderr.count("\n") == 1
    assert f"No server answers at {address} (Connection refused)." in done.err
    assert "facefolk-server serve" in done.err


def test_wrong_arguments_are_refused(facefolk: Command) -> None:
    facefolk("ingest", status=2)
    facefolk("nonsense", status=2)
    facefolk("detect", "a.jpg", "--min-score", 2, status=2)


def test_the_token_comes_from_a_file(server: FakeServer, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("secret\n")
    Command(("--address", server.address, "--token-file", str(file)))("people")
    assert server.world.metadata[-1]["authorization"] == "Bearer secret"
    elsewhere = Command(("--address", "192.0.2.1:1", "--token-file", str(file)))
    assert "would travel unencrypted" in elsewhere("people", status=2).err
    file.write_text("")
    assert "is empty" in elsewhere("people", status=2).err
    file.unlink()
    assert "cannot be read" in elsewhere("people", status=2).err


def test_the_library_goes_with_each_call(server: FakeServer) -> None:
    Command(("--address", server.address, "--library", "zoo"))("people")
    (request,) = iterate(server, "ListPeople")
    assert request.library_id == "zoo"


def test_half_a_client_certificate_is_refused(server: FakeServer, tmp_path: Path) -> None:
    done = Command(("--tls-cert", str(tmp_path)))("people", status=2)
    assert "only one was given" in done.err


def test_help_tells_the_exit_statuses(facefolk: Command) -> None:
    help_text = facefolk("--help").out
    assert "Exit status" in help_text
    assert "130" in help_text


def run(
    *arguments: str, program: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    code = program or "from facefolk.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **environment},
    )


def test_a_missing_extra_is_named() -> None:
    hidden = "import sys; sys.modules['typer'] = None; from facefolk.cli import main; main()"
    done = run("people", program=hidden)
    assert done.returncode == 2
    assert done.stderr == (
        "The command line needs typer, which is not installed: pip install 'facefolk[cli]'.\n"
    )


def test_a_bug_of_our_own_is_one_line_too() -> None:
    broken = (
        "import facefolk.cli.session as s\n"
        "s.Target.connect = lambda self: 1 / 0\n"
        "from facefolk.cli import main; main()"
    )
    done = run("people", program=broken)
    assert done.returncode == 5
    assert done.stderr.startswith("This is a bug of facefolk: ZeroDivisionError")
    assert done.stderr.count("\n") == 1


def test_an_interrupt_ends_with_its_status(server: FakeServer) -> None:
    server.world.gates["GetStatus"] = threading.Event()
    process = subprocess.Popen(
        [sys.executable, "-c", "from facefolk.cli import main; main()", "status"],
        env={**os.environ, "FACEFOLK_ADDRESS": server.address},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    for _ in range(300):
        if any(name == "GetStatus" for name, _ in server.world.requests):
            break
        threading.Event().wait(0.1)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    server.world.gates["GetStatus"].set()
    assert process.returncode == 130
    assert said == "Interrupted.\n"


def test_the_address_comes_from_the_environment(server: FakeServer) -> None:
    done = run("people", "--json", FACEFOLK_ADDRESS=server.address)
    assert (done.returncode, done.stdout) == (0, "[]\n")
