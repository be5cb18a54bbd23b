"""The README's first conversation, word by word, with a running server."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from facefolk import Client
from integration.servers import ServerFactory

pytestmark = pytest.mark.models
ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def commands() -> list[str]:
    (block,) = re.findall(r"```sh\n(\.venv/bin/facefolk ingest.*?)```", README, re.DOTALL)
    return [line.partition("#")[0].strip() for line in block.splitlines() if line]


def test_the_commands_and_the_program(
    servers: ServerFactory, photos: Path, tmp_path: Path
) -> None:
    server = servers().start()
    environment = {**os.environ, "FACEFOLK_ADDRESS": server.address}
    album = tmp_path / "Pictures"
    album.symlink_to(photos / "bbt", target_is_directory=True)

    def run(command: list[str]) -> str:
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=100
        )
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        return done.stdout

    lines = commands()
    assert len(lines) >= 5
    for line in lines:
        if "PERSON_ID" in line:
            with Client(server.address) as client:
                line = line.replace("PERSON_ID", next(iter(client.list_people())).person_id)
        words = shlex.split(line.replace("~/Pictures", str(album)))
        assert words[0] == ".venv/bin/facefolk"
        run([sys.executable, "-m", "facefolk", *words[1:]])
    assert (tmp_path / "people.html").stat().st_size > 100_000
    with Client(server.address) as client:
        assert [p.name for p in client.list_people(name_query="hop")] == ["Grace Hopper"]

    (program,) = re.findall(
        r"```python\n(from facefolk import Client.*?)```", README, re.DOTALL
    )
    program = program.replace("/home/me/Pictures", str(album))
    program = program.replace("127.0.0.1:50051", server.address)
    told = run([sys.executable, "-W", "error", "-c", program])
    assert told.splitlines()[0] == "0 frames, 0 faces, 0 failed"
    assert "Grace Hopper 10" in told
    assert len(told.splitlines()) == 9
