"""The set-up script names what is missing and what to do, before it changes anything."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the script and empty locks, and a `bin` of fakes first on PATH."""
    folder = tmp_path / "checkout"
    (folder / "requirements").mkdir(parents=True)
    (folder / "bin").mkdir()
    shutil.copy(ROOT / "requirements/setup.sh", folder / "requirements/setup.sh")
    for lock in ("runtime", "dev"):
        (folder / f"requirements/{lock}.txt").touch()
    return folder


def program(checkout: Path, name: str, body: str) -> Path:
    path = checkout / "bin" / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def setup(checkout: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PATH": f"{checkout}/bin:/usr/bin:/bin"} | variables
    return subprocess.run(
        [checkout / "requirements/setup.sh", "runtime"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_names_the_platform(checkout: Path) -> None:
    program(checkout, "uname", '[ "$1" = -s ] && echo Darwin || echo arm64')
    done = setup(checkout)
    assert done.returncode == 1
    assert "runs on Linux on x86-64; this is Darwin on arm64" in done.stderr
    assert "pip install '.[cli,preview,report]'" in done.stderr


def test_names_the_python_versions(checkout: Path) -> None:
    for name in ("python3", "python3.11", "python3.12", "python3.13"):
        program(checkout, name, "exit 1")
    done = setup(checkout)
    assert done.returncode == 1
    assert "no CPython 3.11, 3.12 or 3.13 was found" in done.stderr
    assert "sudo apt install python3 python3-venv" in done.stderr


def test_names_the_venv_package(checkout: Path) -> None:
    fake = program(
        checkout,
        "python-without-venv",
        f'case "$2" in *ensurepip*) exit 1;; esac\nexec {sys.executable} "$@"',
    )
    done = setup(checkout, PYTHON=str(fake))
    assert done.returncode == 1
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert f"sudo apt install python{version}-venv" in done.stderr
    assert not (checkout / ".venv").exists()


def without_an_index(checkout: Path) -> subprocess.CompletedProcess[str]:
    digest = "0" * 64
    lock = checkout / "requirements/runtime.txt"
    lock.write_text(f"facefolk-needs-an-index==1.0 --hash=sha256:{digest}\n")
    return setup(checkout, PYTHON=sys.executable, PIP_NO_INDEX="1", PIP_CONFIG_FILE=os.devnull)


def test_names_the_index(checkout: Path) -> None:
    inside = checkout / ".venv/bin"
    inside.mkdir(parents=True)
    (inside / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (inside / "python").chmod(0o755)
    done = without_an_index(checkout)
    assert done.returncode == 1
    assert "no package index can be reached" in done.stderr
    assert not (checkout / ".venv/.runtime").exists()


@pytest.mark.slow
def test_an_environment_that_was_not_finished_is_made_anew(checkout: Path) -> None:
    broken = checkout / ".venv/lib/broken"
    broken.mkdir(parents=True)
    done = without_an_index(checkout)
    assert "no package index can be reached" in done.stderr
    assert not broken.exists()
    assert (checkout / ".venv/bin/pip").exists()


def test_locks_hold_hashes_and_no_addresses() -> None:
    for lock in ("runtime", "dev"):
        text = (ROOT / f"requirements/{lock}.txt").read_text()
        assert "://" not in text
        pins = [line for line in text.splitlines() if "==" in line]
        assert len(pins) > 40
        assert text.count("--hash=sha256:") >= len(pins)
