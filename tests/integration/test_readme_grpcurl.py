"""The grpcurl lines of the README, run as they stand, through reflection."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from integration.servers import ServerFactory, ServerProcess

pytestmark = pytest.mark.models
ROOT = Path(__file__).parents[2]
GRPCURL = Path(__file__).with_name("grpcurl.py")
ADDRESS = "127.0.0.1:50051"


def blocks() -> list[str]:
    """The fenced shell blocks of the README that call grpcurl."""
    text = (ROOT / "README.md").read_text()
    fenced = re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return [block for block in fenced if "grpcurl" in block]


@pytest.fixture
def folder(tmp_path: Path, photos: Path) -> Path:
    """A folder with photo.jpg, and grpcurl on the path."""
    shutil.copy(photos / "preview" / "preview1.jpg", tmp_path / "photo.jpg")
    command = tmp_path / "bin" / "grpcurl"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{GRPCURL}" "$@"\n')
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    return tmp_path


def run(block: str, folder: Path, server: ServerProcess) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}"}
    return subprocess.run(
        ["sh", "-ec", block.replace(ADDRESS, server.address)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_lines_of_the_readme_work(servers: ServerFactory, folder: Path) -> None:
    server = servers("served").start()
    answers = {}
    for block in blocks():
        method = re.search(r"facefolk\.v1\.\w+/(\w+)", block)
        assert method is not None, block
        done = run(block, folder, server)
        assert done.returncode == 0, (block, done.stderr)
        answers[method[1]] = json.loads(done.stdout)
    assert len(answers["Detect"]["faces"]) == 3
    assert answers["StartRound"]["mode"] == "ROUND_MODE_MISSING"
    assert "ListPeople" in answers
    assert server.stop() == 0


def test_services_can_be_listed(server: ServerProcess, folder: Path) -> None:
    done = run(f"grpcurl -plaintext {ADDRESS} list", folder, server)
    assert done.stdout.split() == [
        "facefolk.v1.AdminService",
        "facefolk.v1.ClusteringService",
        "facefolk.v1.PeopleService",
        "facefolk.v1.RecognitionService",
        "grpc.health.v1.Health",
        "grpc.reflection.v1alpha.ServerReflection",
    ]


def test_errors_are_told_as_grpcurl_tells_them(server: ServerProcess, folder: Path) -> None:
    line = f"grpcurl -plaintext -d '{{}}' {ADDRESS} facefolk.v1.RecognitionService/Detect"
    done = run(line, folder, server)
    assert done.returncode == 64 + 3
    assert "Code: InvalidArgument" in done.stderr
    assert "image is empty" in done.stderr
