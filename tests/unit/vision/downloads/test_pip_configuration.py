"""Where pip would look for packages."""

from __future__ import annotations

from pathlib import Path

import pytest
from facefolk_server.vision.downloads.pip_configuration import (
    PackageIndexes,
    read_pip_configuration,
)

DEFAULT = PackageIndexes().index_urls


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment whose folders for configuration are empty."""
    return {
        "HOME": str(tmp_path / "home"),
        "XDG_CONFIG_HOME": str(tmp_path / "user"),
        "XDG_CONFIG_DIRS": str(tmp_path / "global"),
    }


def write(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return str(path)


def read(environ: dict[str, str], tmp_path: Path) -> PackageIndexes:
    return read_pip_configuration(environ, prefix=tmp_path / "venv")


def test_the_environment_is_over_all(environ: dict[str, str], tmp_path: Path) -> None:
    environ["PIP_CONFIG_FILE"] = write(
        tmp_path / "pip.conf", "[global]\nindex-url = https://a/simple\nproxy = http://p:1\n"
    )
    environ["PIP_INDEX_URL"] = "https://b/simple"
    environ["PIP_EXTRA_INDEX_URL"] = "https://c/simple https://d/simple"
    found = read(environ, tmp_path)
    assert found.index_urls == ("https://b/simple", "https://c/simple", "https://d/simple")
    assert found.proxy == "http://p:1"


def test_the_section_of_install_is_over_the_global_one(
    environ: dict[str, str], tmp_path: Path
) -> None:
    environ["PIP_CONFIG_FILE"] = write(
        tmp_path / "pip.conf",
        "[install]\nindex_url = https://a/simple\n[global]\nindex-url = https://b/simple\n"
        "trusted-host = x y\ncert = /etc/ca.pem\nclient_cert = /etc/me.pem\n"
        "find-links =\n    /opt/wheels\n    https://links\n",
    )
    found = read(environ, tmp_path)
    assert found.index_urls[0] == "https://a/simple"
    assert found.find_links == ("/opt/wheels", "https://links")
    assert found.trusted_hosts == ("x", "y")
    assert (found.certificates, found.client_certificate) == ("/etc/ca.pem", "/etc/me.pem")


@pytest.mark.parametrize(
    "place", ["global/pip/pip.conf", "home/.pip/pip.conf", "user/pip/pip.conf", "venv/pip.conf"]
)
def test_every_place_of_pip_is_read(
    environ: dict[str, str], tmp_path: Path, place: str
) -> None:
    write(tmp_path / place, "[global]\nclient-cert = /from/here.pem\n")
    assert read(environ, tmp_path).client_certificate == "/from/here.pem"


def test_later_places_are_over_earlier_ones(environ: dict[str, str], tmp_path: Path) -> None:
    for place in ("global/pip/pip.conf", "user/pip/pip.conf", "venv/pip.conf"):
        write(tmp_path / place, f"[global]\nclient-cert = {place}\n")
    assert read(environ, tmp_path).client_certificate == "venv/pip.conf"
    environ["PIP_CONFIG_FILE"] = write(tmp_path / "last", "[global]\nclient-cert = last\n")
    assert read(environ, tmp_path).client_certificate == "last"


def test_no_file_is_read_where_pip_is_told_so(environ: dict[str, str], tmp_path: Path) -> None:
    write(tmp_path / "venv/pip.conf", "[global]\nindex-url = https://a/simple\n")
    environ["PIP_CONFIG_FILE"] = "/dev/null"
    assert read(environ, tmp_path) == PackageIndexes()


@pytest.mark.parametrize("value", ["1", "true", "YES", "on"])
def test_no_index_leaves_the_links(environ: dict[str, str], tmp_path: Path, value: str) -> None:
    environ |= {
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_NO_INDEX": value,
        "PIP_FIND_LINKS": "/opt/wheels",
    }
    found = read(environ, tmp_path)
    assert (found.index_urls, found.find_links) == ((), ("/opt/wheels",))
    environ["PIP_NO_INDEX"] = "0"
    assert read(environ, tmp_path).index_urls == DEFAULT


def test_a_file_that_cannot_be_read_is_left(
    environ: dict[str, str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path / "venv/pip.conf", "this is no configuration")
    environ["PIP_CONFIG_FILE"] = write(tmp_path / "good", "[global]\ncert = /ca.pem\n")
    assert read(environ, tmp_path).certificates == "/ca.pem"
    assert "cannot be read" in caplog.text
