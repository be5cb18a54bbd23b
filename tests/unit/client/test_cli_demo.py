"""What `facefolk demo` looks at before it begins, and how it ends."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest
from facefolk.cli.demo.server import run_tool
from facefolk.cli.demo.stopping import TerminatedError, raising_signals
from facefolk.cli.statuses import CommandError, ExitStatus
from unit.client.commands import Command
from unit.client.pictures import save

demo = Command(("demo",))


def test_photos_that_are_not_there_are_named(tmp_path: Path) -> None:
    done = demo(tmp_path / "nowhere", status=2)
    assert done.stderr == f"There is no {tmp_path / 'nowhere'}; name a folder of photos.\n"


def test_a_folder_without_photos_is_named(tmp_path: Path) -> None:
    assert "No photos and no videos were found in" in demo(tmp_path, status=2).err


def test_a_home_folder_that_no_shell_has_replaced_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert f"There is no {tmp_path}/Pictures" in demo("~/Pictures", status=2).err


def test_results_that_cannot_be_written_are_refused(tmp_path: Path) -> None:
    photo = save(tmp_path / "a.jpg")
    assert "cannot be made" in demo(photo, "--out", photo / "out", status=2).err


def test_absent_packages_are_named_with_their_extras(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("lancedb", "jinja2"):
        monkeypatch.setitem(sys.modules, name, None)
    done = demo(save(tmp_path / "a.jpg"), "--json", status=2)
    wanted = (
        "The demo needs what is not installed: lancedb, jinja2. "
        "Run: pip install 'facefolk[cli,server,report]'."
    )
    assert done.stderr == f"{wanted}\n"
    assert done.json["error"]["message"] == wanted


def test_a_tool_of_the_server_answers_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACEFOLK_CACHE_DIR", str(tmp_path))
    listed = run_tool("models", "list")
    assert {"open", "dlib"} <= {pack["pack"] for pack in listed}


def test_a_tool_of_the_server_that_fails_says_with_which_status() -> None:
    with pytest.raises(CommandError, match="'facefolk-server models pull nonsense'") as failed:
        run_tool("models", "pull", "nonsense")
    assert failed.value.status is ExitStatus.USAGE


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_that_end_a_process_are_raised_once(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    cleaned = []

    def work() -> None:
        with raising_signals():
            try:
                os.kill(os.getpid(), number)
                signal.pause()
            finally:
                os.kill(os.getpid(), number)
                cleaned.append(number)

    with pytest.raises(TerminatedError) as told:
        work()
    assert cleaned == [number]
    assert told.value.number == number
    assert signal.getsignal(number) is before
