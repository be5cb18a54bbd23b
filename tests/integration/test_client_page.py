"""The programs of docs/client.md, one after the other, with a running server."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from integration.servers import ServerFactory

pytestmark = pytest.mark.models
PAGE = (Path(__file__).parents[2] / "docs/client.md").read_text()


def test_the_programs_run(servers: ServerFactory, photos: Path, tmp_path: Path) -> None:
    server = servers().start()
    program = "\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
    program = program.replace("/home/me/Pictures", str(photos / "bbt"))
    program = program.replace("127.0.0.1:50051", server.address)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    told = done.stdout
    assert "45 frames, 63 faces, []" in told
    assert "nobody yet" in told
    assert len(re.findall(r"amy\d\.png 1", told)) == 5
    assert "DOUBTFUL" in told or "OUTLIER" in told
    assert "PERSON_NOT_FOUND No person has the id" in told
    assert re.search(r"\['Raj', 'Amy'.*'Howard'\]", told), told
    assert (tmp_path / "people.arrow").stat().st_size > 10_000
