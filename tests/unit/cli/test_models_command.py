"""`facefolk-server models`: list, pull, verify, import, by a pack of the user's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from builders import recognizer, yunet
from click.testing import Result
from facefolk_server.cli import app
from facefolk_server.vision.packs import BUILTIN_PACKS
from typer.testing import CliRunner
from unit.vision.downloads.samples import sha256, zipped

DETECTOR, EMBEDDER = yunet(), recognizer()
PACK = f"""
name = "mini"
license = "Apache-2.0"
recommended_distance = 0.4

[detector]
decoder = "yunet"
layout = {{ channel_order = "bgr" }}
source = "models/detector.onnx"
sha256 = "{sha256(DETECTOR)}"
size_bytes = {len(DETECTOR)}

[embedder]
dimension = 12
layout = {{}}
source = "models/recognizer.onnx"
sha256 = "{sha256(EMBEDDER)}"
size_bytes = {len(EMBEDDER)}
"""


class Command:
    """The command with a cache, a mirror and packs of its own."""

    def __init__(self, folder: Path) -> None:
        self.cache = folder / "cache"
        self.packs = folder / "packs"
        self.models = self.packs / "models"
        self.models.mkdir(parents=True)
        (self.packs / "mini.toml").write_text(PACK)
        (self.models / "detector.onnx").write_bytes(DETECTOR)
        (self.models / "recognizer.onnx").write_bytes(EMBEDDER)
        (folder / "mirror").mkdir()
        self.environment = {
            "FACEFOLK_CACHE_DIR": str(self.cache),
            "FACEFOLK_MODEL_MIRROR": str(folder / "mirror"),
            "FACEFOLK_PACKS": str(self.packs),
            "PIP_CONFIG_FILE": "/dev/null",
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": "",
            "COLUMNS": "200",
        }

    def __call__(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, ["models", *arguments], env=self.environment)

    def json(self, *arguments: str, status: int = 0) -> object:
        done = self(*arguments, "--json")
        assert done.exit_code == status, done.output
        return json.loads(done.stdout)


@pytest.fixture
def models(tmp_path: Path) -> Command:
    return Command(tmp_path)


def test_the_packs_are_listed(models: Command) -> None:
    listed = models.json("list")
    assert [item["pack"] for item in listed] == [*BUILTIN_PACKS, "mini"]
    mini = listed[-1]
    assert not mini["installed"]
    assert mini["size_bytes"] == len(DETECTOR) + len(EMBEDDER)
    assert (mini["dimension"], mini["recommended_distance"]) == (12, 0.4)
    assert len(mini["digest"]) == 64
    table = models("list")
    assert table.exit_code == 0
    assert "not acknowledged" in table.stdout
    assert all(name in table.stdout for name in (*BUILTIN_PACKS, "mini"))
    assert not models.cache.exists()


def test_pulling_makes_a_pack_ready(models: Command) -> None:
    (pulled,) = models.json("pull", "mini")
    assert pulled["pack"] == "mini"
    assert Path(pulled["detector"]).read_bytes() == DETECTOR
    assert Path(pulled["embedder"]).read_bytes() == EMBEDDER
    assert models.json("list")[-1]["installed"]
    again = models("pull", "mini", "mini")
    assert again.exit_code == 0
    assert again.stdout.count("pack mini is ready") == 2


def test_what_is_not_to_be_had_is_told_with_the_way_out(models: Command) -> None:
    (models.models / "detector.onnx").unlink()
    done = models("pull", "mini")
    assert done.exit_code == 3
    assert "detector.onnx: no such file" in done.stderr
    assert "facefolk-server models import PATH" in done.stderr
    assert done.stdout == ""


def test_auto_tells_of_every_pack_it_tried(models: Command) -> None:
    nobody = "http://127.0.0.1:9"
    models.environment |= dict.fromkeys(("HTTPS_PROXY", "https_proxy", "ALL_PROXY"), nobody)
    done = models("pull")
    assert done.exit_code == 3
    assert "of pack open" in done.stderr
    assert "of pack dlib" in done.stderr


def test_licenses_have_to_be_acknowledged(models: Command) -> None:
    done = models("pull", "buffalo_sc")
    assert done.exit_code == 4
    assert "FACEFOLK_ACCEPT_NONCOMMERCIAL" in done.stderr


def test_unknown_packs_and_wrong_files_are_wrong_arguments(models: Command) -> None:
    assert models("pull", "nothing").exit_code == 2
    assert "no pack is named 'nothing'" in models("pull", "nothing").stderr
    (models.packs / "mini.toml").write_text(PACK.replace("sha256", "md5"))
    done = models("list")
    assert done.exit_code == 2
    assert "mini.toml" in done.stderr
    models.environment["FACEFOLK_MODEL_MIRROR"] = "ftp://somewhere"
    assert models("list").exit_code == 2


def test_verifying_puts_corrupt_files_aside(models: Command) -> None:
    assert models.json("verify") == []
    (pulled,) = models.json("pull", "mini")
    states = {item["file"]: item["state"] for item in models.json("verify")}
    assert states == {"detector.onnx": "whole", "recognizer.onnx": "whole"}
    Path(pulled["detector"]).write_bytes(b"corrupt")
    states = {item["file"]: item["state"] for item in models.json("verify", status=1)}
    assert states == {"detector.onnx": "corrupt", "recognizer.onnx": "whole"}
    assert not models.json("list")[-1]["installed"]
    assert models("pull", "mini").exit_code == 0
    assert "whole" in models("verify").stdout


def test_importing_brings_files_without_a_network(models: Command, tmp_path: Path) -> None:
    (models.models / "detector.onnx").unlink()
    (models.models / "recognizer.onnx").unlink()
    archive = tmp_path / "brought.zip"
    archive.write_bytes(zipped({"a/b.onnx": DETECTOR, "c.onnx": EMBEDDER, "d.onnx": b"x"}))
    report = models.json("import", str(archive))
    assert {item["file"] for item in report["imported"]} == {"detector.onnx", "recognizer.onnx"}
    assert all(item["packs"] == ["mini"] for item in report["imported"])
    assert models("pull", "mini").exit_code == 0


def test_importing_tells_what_it_left(models: Command, tmp_path: Path) -> None:
    folder = tmp_path / "some"
    folder.mkdir()
    (folder / "other.onnx").write_bytes(b"another model")
    done = models("import", str(folder))
    assert done.exit_code == 1
    assert sha256(b"another model") in done.stdout
    assert "nothing here belongs to a pack" in done.stdout
    (folder / "mine.onnx").write_bytes(DETECTOR)
    done = models("import", str(folder))
    assert done.exit_code == 0
    assert "imported detector.onnx of mini" in done.stdout
    assert models("import", str(tmp_path / "absent")).exit_code == 2


def test_help_tells_the_exit_statuses(models: Command) -> None:
    done = models("--help")
    assert done.exit_code == 0
    assert "a license has to be" in " ".join(done.stdout.split())


@pytest.mark.models
def test_auto_pulls_open_from_the_mirror(models: Command, hub: Path) -> None:
    models.environment["FACEFOLK_MODEL_MIRROR"] = str(hub)
    (pulled,) = models.json("pull")
    assert pulled["pack"] == "open"
    assert pulled["digest"] == BUILTIN_PACKS["open"].digest
    (again,) = models.json("pull", "auto")
    assert again == pulled
    assert [item["state"] for item in models.json("verify")] == ["whole", "whole"]
