"""What is checked before a server starts."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from facefolk_server.app.preflight import (
    check_platform,
    exposure,
    is_local,
    prepare_data_directory,
    strange_variables,
)
from facefolk_server.errors import PreconditionError


def test_this_platform_will_do() -> None:
    check_platform(system="linux", machine="x86_64", python=(3, 12))


@pytest.mark.parametrize(
    ("system", "machine", "python"),
    [
        ("darwin", "x86_64", (3, 12)),
        ("linux", "aarch64", (3, 12)),
        ("linux", "x86_64", (3, 10)),
        ("linux", "x86_64", (3, 14)),
    ],
)
def test_other_platforms_are_named(system: str, machine: str, python: tuple[int, int]) -> None:
    with pytest.raises(PreconditionError) as caught:
        check_platform(system=system, machine=machine, python=python)
    assert system in caught.value.message
    assert machine in caught.value.message
    assert f"{python[0]}.{python[1]}" in caught.value.message


def test_the_data_directory_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "data"
    prepare_data_directory(str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert not list(path.iterdir())


def test_a_data_directory_that_is_a_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("")
    with pytest.raises(PreconditionError, match=str(path)):
        prepare_data_directory(str(path))
    with pytest.raises(PreconditionError, match="cannot be written"):
        prepare_data_directory(str(path / "below"))


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_data_directory_without_permission_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(PreconditionError, match="cannot be written"):
        prepare_data_directory(str(tmp_path))


def test_buckets_are_not_directories() -> None:
    assert not is_local("s3://bucket/facefolk")
    prepare_data_directory("s3://bucket/facefolk")


def test_variables_that_are_no_settings_are_named() -> None:
    known = ["FACEFOLK_LISTEN", "FACEFOLK_CONFIG", "FACEFOLK_ADDRESS", "PATH", "FACEFOLKS_X"]
    assert strange_variables(known) == []
    assert strange_variables(["FACEFOLK_LSITEN", *known, "FACEFOLK_ZZZZZZ"]) == [
        "FACEFOLK_LSITEN is not a setting; is FACEFOLK_LISTEN meant?",
        "FACEFOLK_ZZZZZZ is not a setting.",
    ]


def test_a_store_that_others_may_look_into_is_named(tmp_path: Path) -> None:
    data = tmp_path / "my data"
    prepare_data_directory(str(data))
    assert exposure(str(data)) == ""
    data.chmod(0o750)
    assert exposure(str(data)).endswith(f"chmod 700 '{data}'")
    assert exposure("s3://bucket/facefolk") == ""
