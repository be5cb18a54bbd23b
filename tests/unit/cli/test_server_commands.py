"""`facefolk-server`: what its commands print."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from facefolk_server.cli import app
from facefolk_server.settings import settings_table
from typer.testing import CliRunner

runner = CliRunner()


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {
        "FACEFOLK_CACHE_DIR": str(tmp_path / "cache"),
        "FACEFOLK_DATA": str(tmp_path / "data"),
        "FACEFOLK_DEVICE": "CPU",
        "FACEFOLK_LISTEN": "127.0.0.1:0",
        "FACEFOLK_PROVIDER": "openvino",
    }


def test_the_table_of_settings_is_printed() -> None:
    assert runner.invoke(app, ["settings", "--markdown"]).output.strip() == settings_table()
    assert "`" not in runner.invoke(app, ["settings"]).output


def test_doctor_tells_what_this_machine_has(environment: dict[str, str]) -> None:
    done = runner.invoke(app, ["doctor", "--json"], env=environment)
    assert done.exit_code == 0, done.output
    found = {finding["name"]: finding for finding in json.loads(done.output)}
    assert {name: finding["state"] for name, finding in found.items()} == {
        "platform": "good",
        "versions": "good",
        "devices": "good",
        "data": "absent",
        "cache": "absent",
    }
    assert found["devices"]["facts"]["chosen"] == "CPU"
    assert found["versions"]["facts"]["numpy"]
    assert not Path(environment["FACEFOLK_DATA"]).exists()


def test_doctor_names_what_is_bad(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    done = runner.invoke(app, ["doctor"], env=environment)
    assert done.exit_code == 1
    assert "bad" in done.output


def test_doctor_names_a_full_disk_and_a_misspelled_setting(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(environment["FACEFOLK_DATA"]).mkdir(mode=0o700)
    full = shutil.disk_usage("/")._replace(free=5_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    environment["FACEFOLK_LSITEN"] = "127.0.0.1:0"
    done = runner.invoke(app, ["doctor", "--json"], env=environment)
    assert done.exit_code == 1
    bad = [each["text"] for each in json.loads(done.output) if each["state"] == "bad"]
    assert "FACEFOLK_LISTEN meant" in bad[0]
    assert "0.0 GB are free" in bad[1]


@pytest.mark.models
def test_doctor_runs_the_models_that_are_here(environment: dict[str, str], hub: Path) -> None:
    environment["FACEFOLK_MODEL_MIRROR"] = str(hub)
    assert runner.invoke(app, ["models", "pull", "open"], env=environment).exit_code == 0
    done = runner.invoke(app, ["doctor", "--json"], env=environment)
    assert done.exit_code == 0, done.output
    models = [f for f in json.loads(done.output) if f["name"] == "pack open"]
    assert [model["text"] for model in models] == [
        f"sessions: openvino, {len(os.sched_getaffinity(0))} at once: a setting says so",
        "detector runs on openvino:CPU",
        "recognizer runs on openvino:CPU",
    ]


def test_wrong_settings_are_named(environment: dict[str, str]) -> None:
    environment["FACEFOLK_LISTEN"] = "0.0.0.0:1"
    done = runner.invoke(app, ["serve"], env=environment)
    assert done.exit_code == 2
    assert "can be reached from other machines" in done.stderr
